// tests/cli/jsonl_store_test.cpp: a file of lines is repaired where that is safe, and refused where it isn't.
#include "cli/fetch/jsonl_store.hpp"

#include <filesystem>
#include <functional>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

#include "cli/scratch.hpp"

namespace torus::cli {
namespace {

run_record record() {
    run_record made;
    made.input_hash = "abc";
    made.lines = 5;
    made.path = "/urls.txt";
    return made;
}

std::string line_of(std::int64_t id) { return as_json_line(result_row(id, "http://h/")); }

/// An output with a run in it, and these rows.
class jsonl_store_test : public ::testing::Test {
protected:
    void write(const std::string& rows) {
        write_file(path, rows);
        write_file(path + ".run", to_json(record()) + "\n");
    }

    earlier_rows resume() {
        return torus::run([](std::string where) -> async<earlier_rows> {
            const auto store = jsonl_store::open(where);
            co_return co_await store->resume({});
        }(path));
    }

    std::string refusal() {
        try {
            static_cast<void>(resume());
        } catch (const output_refused& e) {
            return e.what();
        }
        return {};
    }

    scratch_folder folder;
    std::string path = folder / "out.jsonl";
};

TEST_F(jsonl_store_test, knows_a_database) {
    const std::string database = "SQLite format 3" + std::string(1, '\0') + "and so on";
    write_file(path, database);
    EXPECT_EQ(refusal(), path + " is a database, of which --format is sqlite");
    write(database);  // beside what is left of an earlier run
    EXPECT_EQ(refusal(), path + " is a database, of which --format is sqlite");
    EXPECT_EQ(content_of(path), database);
    write_file(path + ".run", to_json(record()) + "\n");
    write_file(path, "SQLite format 3");
    EXPECT_EQ(refusal(), "");  // a torn line
}

TEST_F(jsonl_store_test, cuts_a_torn_last_line_off) {
    const std::string whole = line_of(1) + line_of(2);
    const std::string torn = line_of(3);
    for (std::size_t left = 1; left < torn.size(); ++left) {
        write(whole + torn.substr(0, left));
        const earlier_rows found = resume();
        EXPECT_EQ(found.done.size(), 2u);
        ASSERT_EQ(content_of(path), whole) << left;
    }
}

TEST_F(jsonl_store_test, cuts_what_a_power_failure_leaves_of_a_line) {
    write(line_of(1) + std::string(5000, '\0'));
    EXPECT_EQ(resume().done.size(), 1u);
    EXPECT_EQ(content_of(path), line_of(1));
}

TEST_F(jsonl_store_test, reads_rows_longer_than_what_is_read_at_a_time) {
    result_row large(2, "http://h/");
    large.status = 200;
    large.body.assign(3'000'000, 'x');
    write(line_of(1) + as_json_line(large) + line_of(3));
    EXPECT_EQ(resume().done.size(), 3u);
}

TEST_F(jsonl_store_test, refuses_damage_in_the_middle) {
    write(line_of(1) + "oops\n" + line_of(2));
    EXPECT_EQ(refusal(), path + " is damaged: its line 2 is no row of this run");
    write(line_of(1) + line_of(1));
    EXPECT_EQ(refusal(), path + " is damaged: its line 2 is no row of this run");
    write(line_of(6));
    EXPECT_EQ(refusal(), path + " is damaged: its line 1 is no row of this run");
}

TEST_F(jsonl_store_test, refuses_rows_without_the_record_of_their_run) {
    write_file(path, line_of(1));
    EXPECT_EQ(refusal(), path + " exists and is not of torus fetch: there is no " + path + ".run beside it");
    write_file(path + ".run", "{}\n");
    EXPECT_EQ(refusal(), path + ".run: the record of the run is damaged");
}

TEST_F(jsonl_store_test, cuts_a_torn_last_line_of_its_log_off) {
    write(line_of(1));
    append_to_file(path + ".run", "{\"started\":[2,3]}\n{\"start");
    const earlier_rows found = resume();
    EXPECT_TRUE(found.lost.contains(2));
    EXPECT_TRUE(found.lost.contains(3));
    EXPECT_TRUE(content_of(path + ".run").ends_with("[2,3]}\n"));
}

TEST_F(jsonl_store_test, keeps_its_lock_when_it_writes_itself_anew) {
    result_row failed(2, "http://h/");
    failed.error = error_class::timeout;
    write(line_of(1) + as_json_line(failed) + line_of(3));
    torus::run([](std::string where) -> async<> {
        const auto store = jsonl_store::open(where);
        again which;
        which.failures = true;
        const earlier_rows found = co_await store->resume(which);
        EXPECT_EQ(found.done.size(), 2u);
        EXPECT_THROW(jsonl_store::open(where), output_refused);
    }(path));
    EXPECT_EQ(content_of(path), line_of(1) + line_of(3));
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(jsonl_store_test, is_a_file) {
    EXPECT_THROW(jsonl_store::open("/dev/null"), output_refused);
    EXPECT_THROW(jsonl_store::open(folder / "missing/out.jsonl"), std::system_error);
}

}  // namespace
}  // namespace torus::cli
