// tests/sqlite/connection_test.cpp: a database for the tasks of a loop.
#include <torus/sqlite/connection.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include <torus/testing/test.hpp>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;
using testing::expect_throws;

/// How many threads the process has.
std::ptrdiff_t threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

async<std::int64_t> count(connection& db) {
    const auto row = co_await db.query_one("select count(*) from t");
    co_return row->get<std::int64_t>(0);
}

TORUS_IO_TEST(sqlite_connection, executes_and_queries) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    co_await db.execute("create table users (id integer primary key, name text, age)");
    const auto ada = co_await db.execute("insert into users (name, age) values (?, ?)", "Ada", 36);
    EXPECT_EQ(ada.changes, 1);
    EXPECT_EQ(ada.last_insert_id, 1);
    co_await db.execute("insert into users (name, age) values (?, ?)", std::string("Zoë"), std::nullopt);
    const auto rows = co_await db.query("select * from users where id > ? order by id", 0);
    EXPECT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].get<std::string>("name"), "Zoë");
    EXPECT_EQ(rows[1].get<std::optional<int>>("age"), std::nullopt);
    const auto found = co_await db.query_one("select name from users where age = ?", 36);
    EXPECT_EQ(found->get<std::string_view>(0), "Ada");
    const auto none = co_await db.query_one("select name from users where age = ?", 37);
    EXPECT_FALSE(none);
}

TORUS_TEST(sqlite_connection, S600_holds_virtual_time_while_a_statement_runs_or_waits) {
    auto db = co_await sqlite::open(":memory:");
    const auto slow = [&]() -> async<std::int64_t> {
        const auto row = co_await db.query_one(
            "with recursive c(n) as (select 1 union all select n + 1 from c where n < 200000) select count(*) from c");
        co_return row->get<std::int64_t>(0);
    };
    const auto [first, second] = co_await timeout(std::chrono::hours(1), gather(slow(), slow()));
    EXPECT_EQ(first, 200'000);
    EXPECT_EQ(second, 200'000);
    if (torus::threads().are_simulated()) EXPECT_GT(testing::elapsed(), duration::zero());
    else EXPECT_EQ(testing::elapsed(), duration::zero());
    EXPECT_EQ(get_running_loop().jobs_away(), 0U);
}

TORUS_IO_TEST(sqlite_connection, takes_any_number_of_arguments) {
    auto db = co_await sqlite::open(":memory:");
    const auto nine = co_await db.query_one("select ?+?+?+?+?+?+?+?+?", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    EXPECT_EQ(nine->get<int>(0), 45);
    const sql::parameters list(1, "x");
    const auto listed = co_await db.query_one("select ?2, ?1", list);
    EXPECT_EQ(listed->get<std::string>(0), "x");
    const std::vector<std::byte> blob(100'000, std::byte{7});
    const auto back = co_await db.query_one("select ?", blob);
    EXPECT_EQ(back->get<std::vector<std::byte>>(0), blob);
}

TORUS_IO_TEST(sqlite_connection, throws_what_sqlite_reports_and_goes_on) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a unique)");
    co_await db.execute("insert into t values (1)");
    const auto taken = co_await expect_throws<sql::constraint_violation>(db.execute("insert into t values (1)"));
    EXPECT_EQ(taken.kind(), error_kind::unique);
    co_await expect_throws<sql::statement_error>(db.query("select nonsense"));
    co_await expect_throws<sql::statement_error>(db.query_one("select ?"));
    co_await expect_throws<sql::statement_error>(db.execute_script("nonsense"));
    EXPECT_EQ(co_await count(db), 1);
}

TORUS_IO_TEST(sqlite_connection, runs_statements_in_the_order_in_which_they_are_asked_for) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute_script("create table t (i integer primary key, a)");
    std::vector<task<>> inserts;
    for (int a = 0; a < 100; ++a)
        inserts.push_back(create_task(
            [&db](int value) -> async<> { co_await db.execute("insert into t (a) values (?)", value); }, a));
    for (auto& each : inserts) co_await each;
    const auto rows = co_await db.query("select a from t order by i");
    EXPECT_EQ(rows.size(), 100u);
    for (int a = 0; a < 100; ++a) EXPECT_EQ(rows[static_cast<std::size_t>(a)].get<int>(0), a);
}

TORUS_IO_TEST(sqlite_connection, runs_in_a_gather) {
    auto db = co_await sqlite::open(":memory:");
    auto [rows, row, done] = co_await gather(db.query("select 1"), db.query_one("select ?", std::string(100, 'x')),
                                             db.execute("create table t (a)"));
    EXPECT_EQ(rows.size(), 1u);
    EXPECT_EQ(row->get<std::string>(0).size(), 100u);
    EXPECT_EQ(done.changes, 0);
}

TORUS_IO_TEST(sqlite_connection, executes_one_statement_for_many_rows) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a unique, b)");
    std::vector<std::tuple<int, std::string>> users;
    for (int i = 0; i < 500; ++i) users.emplace_back(i, std::to_string(i));
    const auto all = co_await db.execute_many("insert into t values (?, ?)", users);
    EXPECT_EQ(all.changes, 500);
    std::vector<sql::parameters> more;
    more.emplace_back(1000, "new");
    more.emplace_back(499, "old");
    const auto taken =
        co_await expect_throws<sql::constraint_violation>(db.execute_many("insert into t values (?, ?)", more));
    EXPECT_TRUE(std::string(taken.what()).starts_with("row 1: "));
    EXPECT_EQ(co_await count(db), 500);
}

TORUS_IO_TEST(sqlite_open, throws_and_leaves_nothing_behind) {
    const scratch_folder folder;
    auto first = co_await sqlite::open(folder / "a.db");
    co_await first.close();  // a sanitizer starts a thread of its own with the first one
    const auto before = threads();
    open_options options;
    options.access = access::read_only;
    co_await expect_throws<sql::storage_error>(sqlite::open(folder / "none.db", options));
    co_await expect_throws<sql::storage_error>(sqlite::open(folder / ""));
    EXPECT_EQ(threads(), before);
    auto db = co_await sqlite::open(folder / "a.db");
    EXPECT_EQ(threads(), before + 1);
}

TORUS_IO_TEST(sqlite_close, waits_for_what_was_asked_for_before) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    const auto before = threads();
    co_await db.execute("create table t (a)");
    auto insert = create_task([&db]() -> async<> { co_await db.execute("insert into t values (1)"); });
    co_await yield_now();
    co_await db.close();
    co_await insert;
    EXPECT_EQ(threads(), before - 1);
    EXPECT_FALSE(db.is_open());
    co_await db.close();
    const auto late = co_await expect_throws<sql::statement_error>(db.execute("select 1"));
    EXPECT_EQ(late.kind(), error_kind::closed);
    EXPECT_FALSE(exists(folder / "a.db-wal"));
    EXPECT_EQ(test_database(folder / "a.db").one("select count(*) from t"), 1);
}

TORUS_IO_TEST(sqlite_close, refuses_what_has_not_begun_and_stops_what_runs) {
    const scratch_folder folder;
    auto db = std::make_unique<connection>(co_await sqlite::open(folder / "a.db"));
    co_await db->execute("create table t (a)");
    auto running = create_task([&]() -> async<> { co_await db->execute("insert into t " + counting()); });
    auto waiting = create_task([&]() -> async<> { co_await db->execute("insert into t values (1)"); });
    co_await testing::let_others_run();
    db.reset();
    const auto stopped = co_await expect_throws<sql::statement_error>(running);
    EXPECT_EQ(stopped.kind(), error_kind::closed);
    const auto refused = co_await expect_throws<sql::statement_error>(waiting);
    EXPECT_EQ(refused.kind(), error_kind::closed);
    EXPECT_FALSE(exists(folder / "a.db-wal")) << "it was not closed cleanly";
    EXPECT_EQ(test_database(folder / "a.db").one("select count(*) from t"), 0);
}

TORUS_IO_TEST(sqlite_connection, may_be_moved) {
    auto first = co_await sqlite::open(":memory:");
    co_await first.execute("create table t (a)");
    connection second = std::move(first);
    EXPECT_EQ(co_await count(second), 0);
    EXPECT_FALSE(first.is_open());
    const auto e = co_await expect_throws<sql::statement_error>(first.execute("select 1"));
    EXPECT_EQ(e.kind(), error_kind::closed);
    co_await first.close();
    first = std::move(second);
    EXPECT_EQ(co_await count(first), 0);
}

TEST(sqlite_connection_of_a_loop, is_refused_in_another) {
    const scratch_folder folder;
    std::optional<connection> db;
    const auto opened = [&]() -> async<> { db.emplace(co_await sqlite::open(folder / "a.db")); };
    run(opened());
    const auto used = [&]() -> async<> { co_await expect_throws<invalid_state_error>(db->execute("select 1")); };
    run(used());
    db.reset();
}

TEST(sqlite_connection_of_a_loop, lets_go_of_a_frame_that_the_loop_drops) {
    std::optional<connection> db;
    const auto stubborn = [&]() -> async<> {
        for (;;) {
            try {
                co_await db->query("select count(*) from (" + counting() + ")");
            } catch (const cancelled_error&) {
                // what no task should do
            }
        }
    };
    const auto abandoned = [&]() -> async<> {
        struct silent final : error_handler {
            void handle(const error_context&) override {}
        };
        event_loop::current().set_error_handler(std::make_unique<silent>());
        db.emplace(co_await sqlite::open(":memory:"));
        spawn(stubborn);
        spawn(stubborn);
        co_await testing::let_others_run();
    };
    run(abandoned(), {.task_grace = duration::zero()});
}

}  // namespace
}  // namespace torus::sqlite
