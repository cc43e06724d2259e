// tests/sqlite/open_test.cpp: what is opened, how it is set up, and what is refused.
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;

TEST(sqlite_open, creates_a_file_with_the_defaults_for_many_readers) {
    const scratch_folder folder;
    test_database db(folder / "new.db");
    EXPECT_EQ(db.one<std::string>("pragma journal_mode"), "wal");
    EXPECT_EQ(db.one("pragma synchronous"), 1);
    EXPECT_EQ(db.one("pragma foreign_keys"), 1);
    db.run("create table t (a)");
    EXPECT_TRUE(std::filesystem::exists(folder / "new.db"));
}

TEST(sqlite_open, leaves_out_the_defaults_that_are_not_wanted) {
    const scratch_folder folder;
    open_options options;
    options.journal = journal::rollback;
    options.foreign_keys = false;
    {
        test_database db(folder / "a.db", options);
        EXPECT_EQ(db.one<std::string>("pragma journal_mode"), "delete");
        EXPECT_EQ(db.one("pragma synchronous"), 2);
        EXPECT_EQ(db.one("pragma foreign_keys"), 0);
        db.run("create table t (a)");
    }
    options.journal = journal::unchanged;
    EXPECT_EQ(test_database(folder / "a.db", options).one<std::string>("pragma journal_mode"), "delete");
    options.journal = journal::wal;
    options.durability = durability::full;
    test_database db(folder / "a.db", options);
    EXPECT_EQ(db.one<std::string>("pragma journal_mode"), "wal");
    EXPECT_EQ(db.one("pragma synchronous"), 3);
}

TEST(sqlite_open, has_databases_in_memory) {
    test_database db(":memory:");
    db.run("create table t (a)");
    EXPECT_EQ(db.one("select count(*) from t"), 0);
    EXPECT_EQ(db.one<std::string>("pragma journal_mode"), "memory");
}

TEST(sqlite_open, refuses_a_file_that_should_be_there_and_is_not) {
    const scratch_folder folder;
    for (access how : {access::read_write, access::read_only}) {
        open_options options;
        options.access = how;
        const auto e = failure_of<sql::storage_error>([&] { test_database db(folder / "none.db", options); });
        EXPECT_EQ(e.kind(), error_kind::cannot_open);
        EXPECT_NE(std::string(e.what()).find("No such file"), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find("none.db"), std::string::npos) << e.what();
        EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
    }
}

TEST(sqlite_open, refuses_a_folder) {
    const scratch_folder folder;
    const auto e = failure_of<sql::storage_error>([&] { test_database db(folder / ""); });
    EXPECT_EQ(e.kind(), error_kind::cannot_open);
}

TEST(sqlite_open, refuses_a_file_that_is_no_database_and_leaves_it_alone) {
    const scratch_folder folder;
    for (const std::size_t size : {std::size_t{30}, std::size_t{10'000}}) {
        const std::string path = folder / std::to_string(size);
        std::ofstream(path) << std::string(size, '#');
        const auto e = failure_of<sql::storage_error>([&] { test_database db(path); });
        EXPECT_EQ(e.kind(), error_kind::not_a_database) << e.what();
        EXPECT_EQ(std::filesystem::file_size(path), size);
    }
}

TEST(sqlite_open, refuses_paths_that_cannot_be_meant) {
    EXPECT_EQ(failure_of<sql::storage_error>([] { test_database db(""); }).kind(), error_kind::cannot_open);
    EXPECT_EQ(failure_of<sql::storage_error>([] { test_database db(std::string("a\0b", 3)); }).kind(),
              error_kind::cannot_open);
}

TEST(sqlite_open, takes_a_path_as_it_is_written) {
    const scratch_folder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder / "");
    {
        test_database db("file:x.db?mode=memory");
        db.run("create table t (a)");
    }
    std::filesystem::current_path(before);
    EXPECT_TRUE(std::filesystem::exists(folder / "file:x.db?mode=memory"));
}

TEST(sqlite_open, reads_only_where_that_is_asked_for) {
    const scratch_folder folder;
    test_database writer(folder / "a.db");
    writer.run("create table t (a)");
    writer.run("insert into t values (7)");
    open_options options;
    options.access = access::read_only;
    test_database reader(folder / "a.db", options);
    EXPECT_EQ(reader.one("select a from t"), 7);
    EXPECT_EQ(failure_of<sql::storage_error>([&] { reader.run("insert into t values (8)"); }).kind(),
              error_kind::readonly);
    reader.begin(transaction_kind::immediate);
    EXPECT_EQ(reader.one("select count(*) from t"), 1);
    writer.run("insert into t values (8)");
    EXPECT_EQ(reader.one("select count(*) from t"), 1);
    reader.commit();
    EXPECT_EQ(reader.one("select count(*) from t"), 2);
}

TEST(sqlite_open, reports_a_damaged_file) {
    const scratch_folder folder;
    open_options options;
    options.journal = journal::rollback;
    {
        test_database db(folder / "a.db", options);
        db.run("create table t (a)");
        db.execute_many("insert into t values (?)", std::vector<std::tuple<std::string>>(100, std::string(1000, 'x')));
    }
    {
        std::fstream file(folder / "a.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(30'000, '\xff');
    }
    test_database db(folder / "a.db", options);
    EXPECT_EQ(failure_of<sql::storage_error>([&] { db.all("select * from t"); }).kind(), error_kind::corrupt);
}

TEST(sqlite_open, may_happen_again_and_again) {
    const scratch_folder folder;
    test_database db(folder / "a.db");
    db.run("create table t (a)");
    EXPECT_THROW(db.open(folder / "", {}), sql::storage_error);
    EXPECT_FALSE(db.is_open());
    db.open(folder / "a.db", {});
    EXPECT_EQ(db.one("select count(*) from t"), 0);
}

TEST(sqlite_open, works_while_others_open_the_same_new_file) {
    const scratch_folder folder;
    open_options patient;
    patient.busy_timeout = std::chrono::hours(1);
    test_database first(folder / "a.db", patient);
    test_database second(folder / "a.db", patient);
    first.run("create table t (a)");
    EXPECT_EQ(second.one("select count(*) from t"), 0);
}

TEST(sqlite_close, ends_everything_and_refuses_what_comes_later) {
    const scratch_folder folder;
    test_database db(folder / "a.db");
    db.run("create table t (a)");
    db.begin(transaction_kind::immediate);
    db.run("insert into t values (1)");
    db.close();
    db.close();
    EXPECT_EQ(failure_of<sql::statement_error>([&] { db.run("select 1"); }).kind(), error_kind::closed);
    EXPECT_THROW(db.begin(transaction_kind::immediate), sql::statement_error);
    EXPECT_THROW(db.commit(), sql::statement_error);
    db.rollback();
    EXPECT_FALSE(std::filesystem::exists(folder / "a.db-wal"));
    EXPECT_EQ(test_database(folder / "a.db").one("select count(*) from t"), 0);
}

}  // namespace
}  // namespace torus::sqlite
