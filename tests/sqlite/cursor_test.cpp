// tests/sqlite/cursor_test.cpp: the rows of a query come a batch at a time.
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;

TEST(sqlite_cursor, gives_every_row_once_in_batches) {
    test_database db(":memory:");
    cursor numbers(db, counting("1000"), {});
    std::int64_t expected = 0;
    std::size_t batches = 0;
    for (sql::rows batch = numbers.next(); !batch.empty(); batch = numbers.next(), ++batches)
        for (const sql::row& row : batch) EXPECT_EQ(row.get<std::int64_t>("i"), ++expected);
    EXPECT_EQ(expected, 1000);
    EXPECT_EQ(batches, 4u);
    EXPECT_TRUE(numbers.next().empty());
}

TEST(sqlite_cursor, ends_a_batch_early_when_rows_are_large) {
    test_database db(":memory:");
    sql::parameters limit;
    limit.add(100);
    cursor blobs(db,
                 "with recursive n(i) as (select 1 union all select i + 1 from n) "
                 "select zeroblob(100000) from n limit ?",
                 std::move(limit));
    EXPECT_EQ(blobs.next().size(), 3u);
}

TEST(sqlite_cursor, may_have_no_rows) {
    test_database db(":memory:");
    cursor none(db, "select 1 as a where false", {});
    const sql::rows rows = none.next();
    EXPECT_TRUE(rows.empty());
    EXPECT_EQ(rows.names()[0], "a");
    cursor unread(db, "select 1", {});
}

TEST(sqlite_cursor, ends_exactly_at_the_end_of_a_batch) {
    test_database db(":memory:");
    cursor numbers(db, counting("256"), {});
    EXPECT_EQ(numbers.next().size(), 256u);
    EXPECT_TRUE(numbers.next().empty());
    EXPECT_TRUE(numbers.next().empty());
}

TEST(sqlite_cursor, keeps_its_parameters) {
    test_database db(":memory:");
    std::optional<cursor> found;
    {
        sql::parameters parameters;
        parameters.add(std::string(100, 'x'));
        found.emplace(db, "select ?", std::move(parameters));
    }
    EXPECT_EQ(found->next()[0].get<std::string>(0), std::string(100, 'x'));
}

TEST(sqlite_cursor, reports_errors_where_they_happen) {
    test_database db(":memory:");
    EXPECT_THROW(cursor(db, "select * from nowhere", {}), sql::statement_error);
    EXPECT_THROW(cursor(db, "select ?", {}), sql::statement_error);
    cursor fails(db, "select abs(-9223372036854775807 - column1) from (values (0), (1))", {});
    EXPECT_THROW(fails.next(), sql::statement_error);
    EXPECT_EQ(failure_of<sql::statement_error>([&] { fails.next(); }).kind(), error_kind::rolled_back);
    EXPECT_EQ(db.one("select 1"), 1);
}

TEST(sqlite_cursor, leaves_the_connection_to_others_between_batches) {
    test_database db(":memory:");
    db.run("create table t (a)");
    const std::string sql = counting("600");
    cursor numbers(db, sql, {});
    numbers.next();
    db.run("insert into t values (1)");
    EXPECT_EQ(db.all(sql).size(), 600u);
    cursor again(db, sql, {});
    EXPECT_EQ(again.next()[0].get<int>(0), 1);
    EXPECT_EQ(numbers.next()[0].get<int>(0), 257);
    again.finish();
    EXPECT_EQ(numbers.next().size(), 88u);
}

TEST(sqlite_cursor, lets_go_of_its_locks_when_it_is_finished) {
    test_database db(":memory:");
    db.execute_script("create table t (a); insert into t values (1), (2)");
    {
        cursor reading(db, "select a from t, " + std::string("(") + counting("1000") + ")", {});
        reading.next();
        EXPECT_THROW(db.run("drop table t"), sql::busy_error);
    }
    db.run("drop table t");
}

TEST(sqlite_cursor, says_that_its_database_was_closed) {
    auto db = std::make_unique<test_database>(":memory:");
    cursor numbers(*db, counting(), {});
    numbers.next();
    db->close();
    EXPECT_EQ(failure_of<sql::statement_error>([&] { numbers.next(); }).kind(), error_kind::closed);
    db.reset();
    EXPECT_EQ(failure_of<sql::statement_error>([&] { numbers.next(); }).kind(), error_kind::closed);
}

TEST(sqlite_cursor, ends_with_the_transaction_that_it_reads_from) {
    test_database db(":memory:");
    db.begin(transaction_kind::immediate);
    db.execute_script("create table t (a); insert into t select 1 from (" + counting("1000") + ")");
    cursor reading(db, "select a from t", {});
    reading.next();
    db.rollback();
    EXPECT_EQ(failure_of<sql::statement_error>([&] { reading.next(); }).kind(), error_kind::rolled_back);
    EXPECT_EQ(db.one("select 1"), 1);
}

}  // namespace
}  // namespace torus::sqlite
