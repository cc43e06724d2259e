// tests/cli/identity_test.cpp: a run is known by its input and its options, and the difference has a name.
#include "cli/fetch/identity.hpp"

#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

#include "cli/fetch/options.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

run_record record() {
    run_record made;
    made.input_hash = "0123456789abcdef";
    made.lines = 2000;
    made.path = "/tmp/\"urls\".txt";
    made.options = fetch_options().identity();
    return made;
}

TEST(run_record, is_read_back) {
    const run_record back = parse_run_record(to_json(record()));
    EXPECT_EQ(back.input_hash, record().input_hash);
    EXPECT_EQ(back.lines, 2000);
    EXPECT_EQ(back.input, run_record::origin::file);
    EXPECT_EQ(back.path, record().path);
    EXPECT_EQ(back.options, record().options);
    EXPECT_EQ(back.identity(), record().identity());
    run_record stored = record();
    stored.input = run_record::origin::stored;
    stored.path.clear();
    EXPECT_EQ(parse_run_record(to_json(stored)).input, run_record::origin::stored);
}

TEST(run_record, refuses_what_is_damaged) {
    for (const char* text : {"", "{}", "[]", "null", R"({"input_sha256":1})"})
        EXPECT_THROW(parse_run_record(text), std::invalid_argument) << text;
    std::string changed = to_json(record());
    changed.replace(changed.find("0123456789"), 1, "9");
    EXPECT_THROW(parse_run_record(changed), std::invalid_argument);
}

TEST(identity, depends_on_input_and_options_alone) {
    run_record elsewhere = record();
    elsewhere.path = "/other";
    EXPECT_EQ(elsewhere.identity(), record().identity());
    run_record other_input = record();
    other_input.input_hash = "f";
    EXPECT_NE(other_input.identity(), record().identity());
    run_record other_options = record();
    other_options.options.back().second = "x";
    EXPECT_NE(other_options.identity(), record().identity());
}

TEST(identity, depends_on_the_options_that_change_results) {
    const auto of = [](auto change) {
        fetch_options options;
        change(options);
        return options.identity();
    };
    const auto usual = fetch_options().identity();
    EXPECT_NE(of([](auto& o) { o.timeout = 5s; }), usual);
    EXPECT_NE(of([](auto& o) { o.connect_timeout = 5s; }), usual);
    EXPECT_NE(of([](auto& o) { o.retries = 0; }), usual);
    EXPECT_NE(of([](auto& o) { o.max_body = 1; }), usual);
    EXPECT_NE(of([](auto& o) { o.max_redirects = 0; }), usual);
    EXPECT_NE(of([](auto& o) { o.raw = true; }), usual);
    EXPECT_NE(of([](auto& o) { o.dedupe = true; }), usual);
    EXPECT_NE(of([](auto& o) { o.headers = {"A: b"}; }), usual);
    EXPECT_NE(of([](auto& o) { o.insecure = true; }), usual);
    EXPECT_NE(of([](auto& o) { o.authorities = "ca.pem"; }), usual);
    EXPECT_EQ(of([](auto& o) { o.concurrency = 1, o.per_host = 1, o.rate = 1, o.quiet = true, o.retry_failed = true; }),
              usual);
}

TEST(identity, does_not_hold_what_headers_hold) {
    fetch_options options;
    options.headers = {"Authorization: Bearer secret"};
    for (const auto& [name, value] : options.identity()) EXPECT_EQ(value.find("secret"), std::string::npos);
}

TEST(difference, is_none_between_equal_runs) { EXPECT_EQ(difference(record(), record(), allowance::nothing), ""); }

TEST(difference, names_the_input) {
    run_record other = record();
    other.input_hash = "fedcba9876543210";
    other.lines = 1;
    EXPECT_EQ(difference(record(), other, allowance::nothing),
              "another input: the one of that run had 2,000 lines and the SHA-256 0123456789ab…, this one has 1 and "
              "fedcba987654…");
}

TEST(difference, names_the_option) {
    fetch_options changed;
    changed.max_body = 5;
    run_record other = record();
    other.options = changed.identity();
    EXPECT_EQ(difference(record(), other, allowance::effort),
              "another --max-body: it was 16,777,216 bytes there and is 5 bytes here");
}

TEST(difference, in_effort_may_be_allowed) {
    fetch_options changed;
    changed.timeout = 60s;
    changed.retries = 5;
    run_record other = record();
    other.options = changed.identity();
    EXPECT_EQ(difference(record(), other, allowance::effort), "");
    EXPECT_EQ(difference(record(), other, allowance::nothing),
              "another --timeout: it was 30 s there and is 60 s here (with --retry-failed it may change)");
}

}  // namespace
}  // namespace torus::cli
