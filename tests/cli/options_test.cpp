// tests/cli/options_test.cpp: what the command line says, and the help that says what it can.
#include "cli/fetch/options.hpp"

#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli/help.hpp"
#include "cli/serve/options.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

fetch_options parsed(std::vector<std::string> words) {
    fetch_options options;
    CLI::App torus;
    declare_fetch(torus, options);
    words.insert(words.begin(), "fetch");
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    torus.parse(reversed);
    check(options);
    return options;
}

std::string refusal(std::vector<std::string> words) {
    try {
        parsed(std::move(words));
    } catch (const CLI::ParseError& e) {
        return e.what();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return {};
}

TEST(fetch_options, have_defaults) {
    const fetch_options o = parsed({"urls.txt"});
    EXPECT_EQ(o.inputs, std::vector<std::string>{"urls.txt"});
    EXPECT_EQ(o.output_path(), "pages.db");
    EXPECT_EQ(o.chosen_format(), output_format::sqlite);
    EXPECT_EQ(o.concurrency, 256u);
    EXPECT_EQ(o.per_host, 0u);
    EXPECT_EQ(o.rate, 0);
    EXPECT_EQ(o.timeout, 30s);
    EXPECT_EQ(o.connect_timeout, 10s);
    EXPECT_EQ(o.retries, 2);
    EXPECT_EQ(o.max_body, 16u * 1024 * 1024);
    EXPECT_EQ(o.max_redirects, 10u);
    EXPECT_FALSE(o.raw || o.dedupe || o.restart || o.retry_failed || o.retry_unsafe || o.quiet || o.insecure);
}

TEST(fetch_options, are_what_was_said) {
    const fetch_options o = parsed({"-c",        "1k",      "--per-host",
                                    "20",        "--rate",  "30/m",
                                    "--timeout", "1.5s",    "--connect-timeout=100ms",
                                    "--retries", "0",       "--max-body",
                                    "64MiB",     "-o",      "out.db",
                                    "-H",        "A: b",    "-H",
                                    "C: d",      "urls.txt"});
    EXPECT_EQ(o.concurrency, 1000u);
    EXPECT_EQ(o.per_host, 20u);
    EXPECT_EQ(o.rate, 0.5);
    EXPECT_EQ(o.timeout, 1500ms);
    EXPECT_EQ(o.connect_timeout, 100ms);
    EXPECT_EQ(o.retries, 0);
    EXPECT_EQ(o.max_body, 64u * 1024 * 1024);
    EXPECT_EQ(o.output_path(), "out.db");
    EXPECT_EQ(o.headers, (std::vector<std::string>{"A: b", "C: d"}));
    EXPECT_EQ(o.inputs, std::vector<std::string>{"urls.txt"});
}

TEST(fetch_options, take_the_last_of_several) { EXPECT_EQ(parsed({"u", "-c", "1", "-c", "2"}).concurrency, 2u); }

TEST(fetch_options, take_urls_and_standard_input) {
    EXPECT_EQ(parsed({"http://a/", "https://b/"}).inputs, (std::vector<std::string>{"http://a/", "https://b/"}));
    EXPECT_EQ(parsed({"-", "-o", "x.db"}).inputs, std::vector<std::string>{"-"});
    EXPECT_TRUE(parsed({"-o", "x.db"}).inputs.empty());
}

TEST(fetch_options, come_from_the_environment_after_the_command_line) {
    ::setenv("TORUS_FETCH_CONCURRENCY", "7", 1);
    ::setenv("TORUS_FETCH_MAX_BODY", "1k", 1);
    ::setenv("TORUS_FETCH_QUIET", "true", 1);
    const fetch_options o = parsed({"urls.txt", "-c", "9"});
    ::unsetenv("TORUS_FETCH_CONCURRENCY");
    ::unsetenv("TORUS_FETCH_MAX_BODY");
    ::unsetenv("TORUS_FETCH_QUIET");
    EXPECT_EQ(o.concurrency, 9u);
    EXPECT_EQ(o.max_body, 1000u);
    EXPECT_TRUE(o.quiet);
}

TEST(fetch_options, choose_the_format_by_the_name_of_the_output) {
    EXPECT_EQ(parsed({"u", "-o", "x.jsonl"}).chosen_format(), output_format::jsonl);
    EXPECT_EQ(parsed({"u", "-o", "x.ndjson"}).chosen_format(), output_format::jsonl);
    EXPECT_EQ(parsed({"u", "-o", "-"}).chosen_format(), output_format::jsonl);
    EXPECT_EQ(parsed({"u", "-o", "x.jsonl", "--format", "sqlite"}).chosen_format(), output_format::sqlite);
    EXPECT_EQ(parsed({"u", "-o", "x.db", "--format", "jsonl"}).chosen_format(), output_format::jsonl);
    EXPECT_TRUE(parsed({"u", "--format", "jsonl"}).streams());
    EXPECT_TRUE(parsed({"u", "-o", "/dev/null", "--format", "jsonl"}).streams());
    EXPECT_FALSE(parsed({"u", "-o", "x.jsonl"}).streams());
}

TEST(fetch_options, refuse_what_makes_no_sense) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"a.txt", "b.txt"},
                                               {"a.txt", "http://b/"},
                                               {"--format", "jsonl"},
                                               {"u", "-o", "-", "--format", "sqlite"},
                                               {"u", "--restart", "--retry-failed"},
                                               {"u", "--cert", "x"},
                                               {"u", "--key", "x"},
                                               {"u", "--timeout", "0"},
                                               {"u", "--connect-timeout", "0s"},
                                               {"u", "-H", "nonsense"},
                                               {"u", "-c", "0"},
                                               {"u", "-c", "1M"},
                                               {"u", "-c", "x"},
                                               {"u", "--timeout", "5x"},
                                               {"u", "--max-body", "1T"},
                                               {"u", "--format", "csv"},
                                               {"u", "--nonsense"},
                                               {"u", "--retries", "-1"}})
        EXPECT_FALSE(refusal(words).empty()) << words.back();
    EXPECT_EQ(refusal({"u", "--timeout", "5x"}), "--timeout: '5x' is not a duration; 100ms, 1.5s, 2m and 1h30m are");
    EXPECT_EQ(refusal({"u", "--format", "sqlit"}),
              "--format: 'sqlit' is none of sqlite, jsonl; did you mean 'sqlite'?");
    EXPECT_EQ(refusal({"u", "-c", "0"}), "--concurrency: 0 is not within 1 to 20,000");
}

/// Options that the help doesn't mention.
std::string unmentioned(const CLI::App& command, std::string_view help) {
    std::string missing;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames())
            if (name != "help" && help.find("--" + name) == std::string_view::npos) missing += name + " ";
    return missing;
}

TEST(help, mentions_every_option) {
    fetch_options fetch;
    serve_options serve;
    CLI::App torus;
    EXPECT_EQ(unmentioned(declare_fetch(torus, fetch), fetch_help), "");
    EXPECT_EQ(unmentioned(declare_serve(torus, serve), serve_help), "");
}

TEST(help, fits_a_terminal_and_has_examples) {
    for (std::string_view help : {torus_help, fetch_help, serve_help, breakfast_help}) {
        std::size_t width = 0;
        for (char c : help) {
            width = c == '\n' ? 0 : width + ((static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0);
            EXPECT_LE(width, 120u);
        }
        const std::size_t examples = help.find("\nExamples:\n");
        ASSERT_NE(examples, std::string_view::npos);
        EXPECT_EQ(styled_help(help), help);
    }
}

}  // namespace
}  // namespace torus::cli
