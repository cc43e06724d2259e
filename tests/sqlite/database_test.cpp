// tests/sqlite/database_test.cpp: statements, their values, and what is wrong with them.
#include <cmath>
#include <csignal>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;
using bytes = std::vector<std::byte>;

TEST(sqlite_database, tells_what_a_statement_has_done) {
    test_database db(":memory:");
    EXPECT_EQ(db.run("create table t (id integer primary key, a)").changes, 0);
    EXPECT_EQ(db.run("insert into t (a) values (1), (2), (3)").changes, 3);
    EXPECT_EQ(db.run("insert into t (id, a) values (42, 4)").last_insert_id, 42);
    EXPECT_EQ(db.run("update t set a = 0 where a > 1").changes, 3);
    EXPECT_EQ(db.run("create table u (a)").changes, 0);
    EXPECT_EQ(db.run("select * from t").changes, 0);
    EXPECT_EQ(db.run("delete from t where a = 99").changes, 0);
    EXPECT_EQ(db.run("delete from t").changes, 4);
}

TEST(sqlite_database, gives_back_every_value_as_it_was) {
    test_database db(":memory:");
    const std::vector<sql::value> values = {nullptr,
                                            0,
                                            std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<std::int64_t>::max(),
                                            -0.5,
                                            std::numeric_limits<double>::infinity(),
                                            std::numeric_limits<double>::denorm_min(),
                                            "",
                                            "Zoë 🜁 \xff",
                                            std::string("a\0b\0", 4),
                                            bytes(),
                                            bytes{std::byte{0}, std::byte{255}},
                                            std::string(3'000'000, 'x')};
    db.run("create table t (i integer primary key, v)");
    for (const sql::value& v : values) db.run("insert into t (v) values (?)", v);
    const sql::rows back = db.all("select v from t order by i");
    ASSERT_EQ(back.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(back[i].get<sql::value>("v"), values[i]) << i;
}

TEST(sqlite_database, refuses_a_number_that_is_none) {
    test_database db(":memory:");
    const auto e = failure_of<sql::type_error>([&] { db.run("select ?1, ?2", 1, std::nan("")); });
    EXPECT_EQ(e.kind(), error_kind::out_of_range);
    EXPECT_NE(std::string(e.what()).find("parameter 2"), std::string::npos);
}

TEST(sqlite_database, names_the_columns) {
    test_database db(":memory:");
    const sql::rows none = db.all("select 1 as one, 2 as \"zwei\" where false");
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.names()[0], "one");
    EXPECT_EQ(none.names()[1], "zwei");
}

TEST(sqlite_database, notices_that_the_schema_has_changed_under_a_kept_statement) {
    const scratch_folder folder;
    test_database db(folder / "a.db"), other(folder / "a.db");
    db.run("create table t (a)");
    db.run("insert into t values (1)");
    EXPECT_EQ(db.all("select * from t")[0].size(), 1u);
    other.run("alter table t add column b default 'new'");
    const sql::rows after = db.all("select * from t");
    EXPECT_EQ(after[0].get<std::string>("b"), "new");
    other.run("alter table t rename column b to c");
    EXPECT_EQ(db.all("select * from t")[0].get<std::string>("c"), "new");
    other.run("drop table t");
    EXPECT_THROW(db.all("select * from t"), sql::statement_error);
}

TEST(sqlite_database, gives_the_first_row_alone) {
    test_database db(":memory:");
    db.run("create table t (a)");
    EXPECT_FALSE(db.query_one("select a from t"));
    db.run("insert into t values (1), (2)");
    EXPECT_EQ(db.query_one("select a from t order by a desc")->get<int>("a"), 2);
    EXPECT_EQ(db.query_one("select 7, 8")->size(), 2u);
}

TEST(sqlite_database, runs_a_writing_query_to_its_end) {
    test_database db(":memory:");
    db.run("create table t (a)");
    EXPECT_EQ(db.query_one("insert into t values (1), (2), (3) returning a")->get<int>(0), 1);
    EXPECT_EQ(db.one("select count(*) from t"), 3);
    EXPECT_EQ(db.all("delete from t returning a").size(), 3u);
    EXPECT_EQ(db.one("select count(*) from t"), 0);
}

TEST(sqlite_database, says_which_constraint_is_violated) {
    test_database db(":memory:");
    db.execute_script(R"(
        create table parent (id integer primary key);
        create table t (id integer primary key, u unique, n not null default 1, c check (c < 10),
                        p references parent (id));
        create table s (i integer) strict;
        create trigger no before delete on t begin select raise(abort, 'not these'); end;
        insert into t (id, u) values (1, 'x');)");
    const auto kind_of = [&](std::string_view sql) {
        return failure_of<sql::constraint_violation>([&] { db.run(sql); }).kind();
    };
    EXPECT_EQ(kind_of("insert into t (id) values (1)"), error_kind::unique);
    EXPECT_EQ(kind_of("insert into t (u) values ('x')"), error_kind::unique);
    EXPECT_EQ(kind_of("insert into t (n) values (null)"), error_kind::not_null);
    EXPECT_EQ(kind_of("insert into t (c) values (10)"), error_kind::check);
    EXPECT_EQ(kind_of("insert into t (p) values (5)"), error_kind::foreign_key);
    EXPECT_EQ(kind_of("insert into t (id) values ('text')"), error_kind::constraint);
    EXPECT_EQ(kind_of("insert into s values ('text')"), error_kind::constraint);
    EXPECT_EQ(kind_of("delete from t"), error_kind::constraint);
    EXPECT_EQ(db.one("select count(*) from t"), 1);

    const auto e = failure_of<sql::constraint_violation>([&] { db.run("insert into t (u) values ('x')"); });
    EXPECT_EQ(e.code(), 2067);
    EXPECT_STREQ(e.what(), "UNIQUE constraint failed: t.u (SQLite 2067) in: insert into t (u) values ('x')");
}

TEST(sqlite_database, refuses_statements_that_are_wrong) {
    test_database db(":memory:");
    const auto what_of = [&](std::string_view sql) {
        return std::string(failure_of<sql::statement_error>([&] { db.run(sql); }).what());
    };
    EXPECT_EQ(what_of("selct 1"), "near \"selct\": syntax error, at byte 0 (SQLite 1) in: selct 1");
    EXPECT_NE(what_of("select * from nowhere").find("no such table: nowhere"), std::string::npos);
    EXPECT_EQ(what_of(""), "there is no statement");
    for (std::string_view empty : {" \n", ";;", "-- a comment", "/* another */;"})
        EXPECT_NE(what_of(empty).find("there is no statement"), std::string::npos) << empty;
    EXPECT_NE(what_of("select 1; select 2").find("more than one"), std::string::npos);
    EXPECT_NE(what_of("select 1; nonsense").find("more than one"), std::string::npos);
    EXPECT_NE(what_of(std::string_view("select 1\0 where false", 21)).find("zero byte"), std::string::npos);
    EXPECT_EQ(db.one("select 1; -- one \n ; /* only */ "), 1);
    EXPECT_EQ(db.one(";; -- before\n select 1"), 1);
}

TEST(sqlite_database, refuses_another_number_of_values) {
    test_database db(":memory:");
    EXPECT_THROW(db.run("select ?"), sql::statement_error);
    EXPECT_THROW(db.run("select 1", 1), sql::statement_error);
    EXPECT_THROW(db.run("select ?, ?", 1), sql::statement_error);
    EXPECT_EQ(db.one("select ?1 + ?1", 2), 4);
    EXPECT_EQ(db.one("select :a * :b", 6, 7), 42);
}

TEST(sqlite_database, cuts_long_statements_in_messages_between_characters) {
    test_database db(":memory:");
    const std::string sql = "select nothing /* " + std::string(180, '.') + "ëëëëëëëë */";
    const std::string what = failure_of<sql::statement_error>([&] { db.run(sql); }).what();
    EXPECT_LT(what.size(), 300u);
    EXPECT_TRUE(what.ends_with("ë…")) << what;
}

TEST(sqlite_database, refuses_what_is_too_large) {
    test_database db(":memory:");
    const auto e = failure_of<sql::statement_error>([&] { db.run("select zeroblob(2000000000)"); });
    EXPECT_EQ(e.kind(), error_kind::too_large);
}

TEST(sqlite_database, goes_on_after_an_error) {
    test_database db(":memory:");
    db.run("create table t (a unique)");
    for (int i = 0; i < 3; ++i) {
        db.run("insert into t values (?)", i);
        EXPECT_THROW(db.run("insert into t values (?)", i), sql::constraint_violation);
    }
    EXPECT_EQ(db.one("select count(*) from t"), 3);
}

TEST(sqlite_database, reports_a_full_database) {
    test_database db(":memory:");
    db.run("create table t (a)");
    db.run("pragma max_page_count = 10");
    const auto e =
        failure_of<sql::storage_error>([&] { db.run("insert into t values (?)", std::string(100'000, 'x')); });
    EXPECT_EQ(e.kind(), error_kind::full);
    EXPECT_EQ(db.one("select count(*) from t"), 0);
    db.run("insert into t values (1)");
}

TEST(sqlite_database, reports_a_disk_that_fails) {
    const scratch_folder folder;
    test_database db(folder / "a.db");
    db.run("create table t (a)");
    // A file that may not grow fails as a broken disk does, with another number.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto e =
        failure_of<sql::storage_error>([&] { db.run("insert into t values (?)", std::string(1'000'000, 'x')); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(e.kind(), error_kind::io);
    db.run("insert into t values (1)");
    EXPECT_EQ(db.one("select count(*) from t"), 1);
}

TEST(sqlite_database, runs_scripts) {
    test_database db(":memory:");
    db.execute_script("");
    db.execute_script("create table t (a); insert into t values (1); -- two\n; insert into t values (2);");
    EXPECT_EQ(db.one("select count(*) from t"), 2);
    EXPECT_THROW(db.execute_script("insert into t values (3); nonsense; insert into t values (4)"),
                 sql::statement_error);
    EXPECT_EQ(db.one("select count(*) from t"), 3);
    EXPECT_THROW(db.execute_script("insert into t values (?)"), sql::statement_error);
}

TEST(sqlite_database, rolls_back_the_transaction_of_a_script_that_fails) {
    test_database db(":memory:");
    db.run("create table t (a)");
    EXPECT_THROW(db.execute_script("begin; insert into t values (1); nonsense"), sql::statement_error);
    EXPECT_EQ(db.one("select count(*) from t"), 0);
    db.execute_script("begin; insert into t values (1); commit");
    EXPECT_EQ(db.one("select count(*) from t"), 1);
}

}  // namespace
}  // namespace torus::sqlite
