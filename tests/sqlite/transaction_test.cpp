// tests/sqlite/transaction_test.cpp: all or nothing, whatever happens.
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;

constexpr auto immediate = transaction_kind::immediate;

class sqlite_transaction : public ::testing::Test {
protected:
    sqlite_transaction() : db(folder / "a.db", impatient()) { db.run("create table t (a unique)"); }

    static open_options impatient() {
        open_options options;
        options.busy_timeout = duration::zero();
        return options;
    }
    std::int64_t count() { return db.one("select count(*) from t"); }
    void insert(int a) { db.run("insert into t values (?)", a); }

    const scratch_folder folder;
    test_database db;
};

TEST_F(sqlite_transaction, commits_or_rolls_back) {
    db.begin(immediate);
    insert(1);
    db.commit();
    db.begin(immediate);
    insert(2);
    db.rollback();
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(db.depth(), 0);
}

TEST_F(sqlite_transaction, undoes_a_part_by_itself) {
    db.begin(immediate);
    insert(1);
    db.begin(immediate);
    insert(2);
    db.begin(immediate);
    insert(3);
    db.commit();
    EXPECT_EQ(count(), 3);
    db.rollback();
    EXPECT_EQ(count(), 1);
    db.begin(immediate);
    insert(4);
    db.commit();
    EXPECT_EQ(db.depth(), 1);
    db.commit();
    EXPECT_EQ(count(), 2);
}

TEST_F(sqlite_transaction, goes_on_after_a_violated_constraint) {
    db.begin(immediate);
    insert(1);
    EXPECT_THROW(insert(1), sql::constraint_violation);
    insert(2);
    db.commit();
    EXPECT_EQ(count(), 2);
}

TEST_F(sqlite_transaction, takes_part_in_one_that_a_statement_has_begun) {
    db.run("begin");
    insert(1);
    db.begin(immediate);
    insert(2);
    db.rollback();
    db.begin(immediate);
    insert(3);
    db.commit();
    db.run("commit");
    EXPECT_EQ(count(), 2);
}

TEST_F(sqlite_transaction, refuses_to_commit_what_was_not_begun) {
    EXPECT_THROW(db.commit(), sql::statement_error);
    db.rollback();
    insert(1);
}

TEST_F(sqlite_transaction, is_rolled_back_when_it_cannot_be_committed) {
    db.execute_script("create table p (id integer primary key);"
                      "create table c (p references p (id) deferrable initially deferred)");
    db.begin(immediate);
    db.run("insert into c values (1)");
    EXPECT_EQ(failure_of<sql::constraint_violation>([&] { db.commit(); }).kind(), error_kind::foreign_key);
    EXPECT_EQ(db.depth(), 0);
    EXPECT_EQ(db.one("select count(*) from c"), 0);
    insert(1);
}

TEST_F(sqlite_transaction, runs_nothing_more_when_an_error_has_ended_it) {
    db.run("pragma max_page_count = 20");
    db.begin(immediate);
    insert(1);
    db.begin(immediate);
    EXPECT_THROW(db.run("insert into t values (?)", std::string(1'000'000, 'x')), sql::storage_error);
    EXPECT_EQ(failure_of<sql::statement_error>([&] { insert(2); }).kind(), error_kind::rolled_back);
    EXPECT_EQ(failure_of<sql::statement_error>([&] { db.commit(); }).kind(), error_kind::rolled_back);
    EXPECT_EQ(db.depth(), 1);
    EXPECT_EQ(failure_of<sql::statement_error>([&] { insert(2); }).kind(), error_kind::rolled_back);
    db.rollback();
    EXPECT_EQ(count(), 0);
}

TEST_F(sqlite_transaction, notices_that_a_statement_has_ended_it) {
    db.begin(immediate);
    insert(1);
    db.run("commit");
    EXPECT_EQ(failure_of<sql::statement_error>([&] { insert(2); }).kind(), error_kind::rolled_back);
    db.rollback();
    EXPECT_EQ(count(), 1);
}

TEST_F(sqlite_transaction, is_refused_while_another_connection_writes) {
    test_database other(folder / "a.db", impatient());
    other.begin(immediate);
    EXPECT_EQ(failure_of<sql::busy_error>([&] { db.begin(immediate); }).kind(), error_kind::busy);
    EXPECT_EQ(db.depth(), 0);
    EXPECT_THROW(insert(1), sql::busy_error);
    EXPECT_EQ(count(), 0);
    other.commit();
    insert(1);
}

TEST_F(sqlite_transaction, fails_at_once_if_others_wrote_since_it_began_to_read) {
    test_database other(folder / "a.db");
    db.begin(transaction_kind::deferred);
    EXPECT_EQ(count(), 0);
    other.run("insert into t values (5)");
    EXPECT_EQ(count(), 0);
    EXPECT_THROW(insert(1), sql::busy_error);
    db.rollback();
    EXPECT_EQ(count(), 1);
}

TEST_F(sqlite_transaction, inserts_many_rows_or_none) {
    std::vector<std::tuple<int>> rows;
    for (int i = 0; i < 1000; ++i) rows.emplace_back(i);
    EXPECT_EQ(db.execute_many("insert into t values (?)", rows).changes, 1000);
    EXPECT_EQ(count(), 1000);

    const std::vector<std::tuple<int>> bad = {2000, 2001, 5, 2002};
    const auto e = failure_of<sql::constraint_violation>([&] { db.execute_many("insert into t values (?)", bad); });
    EXPECT_EQ(e.kind(), error_kind::unique);
    EXPECT_TRUE(std::string(e.what()).starts_with("row 2: UNIQUE constraint failed")) << e.what();
    EXPECT_EQ(count(), 1000);

    EXPECT_EQ(db.execute_many("delete from t where a = ?", rows).changes, 1000);
    EXPECT_EQ(db.execute_many("delete from t where a = ?", std::vector<std::tuple<int>>()).changes, 0);
    EXPECT_THROW(db.execute_many("insert into t values (?, ?)", rows), sql::statement_error);
    EXPECT_EQ(count(), 0);
}

TEST_F(sqlite_transaction, inserts_many_rows_as_a_part_of_itself) {
    db.begin(immediate);
    insert(1);
    const std::vector<sql::parameters> rows = {sql::parameters(2), sql::parameters(3), sql::parameters(1)};
    EXPECT_THROW(db.execute_many("insert into t values (?)", rows), sql::constraint_violation);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(db.execute_many("insert or ignore into t values (?)", rows).changes, 2);
    db.commit();
    EXPECT_EQ(count(), 3);
}

}  // namespace
}  // namespace torus::sqlite
