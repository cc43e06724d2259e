// tests/sim/database_test.cpp: SQLite on simulated disks, through crashes.
#include <cstdint>
#include <memory>
#include <string>

#include <torus/core/core.hpp>
#include <torus/sim/network.hpp>
#include <torus/sqlite/sqlite.hpp>
#include <torus/testing/seeds.hpp>

#include "sim/two_lives.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

async<std::string> text_of(sqlite::connection& db, std::string query) {
    const auto row = co_await db.query_one(query);
    co_return row->get<std::string>(0);
}

/// Writes numbers in pairs, two tables and a transaction each, until it ends somehow.
class bookkeeper {
public:
    explicit bookkeeper(sqlite::journal journal) : how_{.journal = journal, .durability = sqlite::durability::full} {}

    async<> work() {
        sqlite::connection db = co_await sqlite::open("/books.db", how_);
        co_await db.execute_script("create table if not exists one (n integer primary key, filling text);"
                                   "create table if not exists two (n integer primary key, filling text);");
        co_await check(db);
        for (;;) {
            const std::int64_t next = ++begun_;
            co_await db.transaction([&](sqlite::connection& tx) -> async<> {
                co_await tx.execute("insert into one values (?, ?)", next, filling_);
                co_await tx.execute("insert into two values (?, ?)", next, filling_);
            });
            committed_ = next;
        }
    }

    std::int64_t committed() const noexcept { return committed_; }

private:
    /// All that was committed is there, and the last one that has begun perhaps.
    async<> check(sqlite::connection& db) {
        if (const std::string state = co_await text_of(db, "pragma integrity_check"); state != "ok")
            throw std::logic_error("the database is damaged: " + state);
        for (const std::string table : {"one", "two"}) {
            const auto row = co_await db.query_one("select count(*), coalesce(max(n), 0) from " + table);
            const auto count = row->get<std::int64_t>(0);
            const auto last = row->get<std::int64_t>(1);
            if (count != last || last < committed_ || last > begun_)
                throw std::logic_error(table + " has " + std::to_string(count) + " rows up to " + std::to_string(last) +
                                       ", of " + std::to_string(begun_) + " that have begun and " +
                                       std::to_string(committed_) + " that were committed");
            if (table == "two" && last != seen_) throw std::logic_error("half of a transaction is there");
            seen_ = last;
        }
        begun_ = seen_;
    }

    const sqlite::open_options how_;
    const std::string filling_ = std::string(3000, 'x');
    std::int64_t begun_ = 0;
    std::int64_t committed_ = 0;
    std::int64_t seen_ = 0;
};

// [crashes]
template <sqlite::journal Journal> void crash_while_booking(sim::world& w) {
    bookkeeper one(Journal);
    const sim::disk_options disk{.latency = 100us, .most_latency = 5ms, .survival = 0.5, .torn = 0.5};
    sim::host& a = w.add_host("a", [&] { return one.work(); }, {.disk = disk});
    w.run([&]() -> async<> {
        for (int i = 0; i < 10; ++i) {
            co_await sleep(std::chrono::milliseconds(w.random(500)));
            if (w.random(4) == 0) a.kill();
            else a.crash();
            a.start();
        }
        co_await sleep(1s);
        if (one.committed() == 0) throw std::logic_error("nothing was committed");
    });
}
// [/crashes]

TEST(simulated_database, S618_holds_what_was_committed_through_crashes_with_a_log) {
    const seeds_tried tried = try_seeds(crash_while_booking<sqlite::journal::wal>, {.runs = 20});
    EXPECT_EQ(tried.problem, "");
}

TEST(simulated_database, S618_holds_what_was_committed_through_crashes_with_a_journal) {
    const seeds_tried tried = try_seeds(crash_while_booking<sqlite::journal::rollback>, {.runs = 20});
    EXPECT_EQ(tried.problem, "");
}

TEST(simulated_database, S618_a_full_disk_refuses_a_transaction_as_a_whole) {
    const sim::network on({.disk = {.capacity = 256 * 1024}});
    const auto main = []() -> async<> {
        sqlite::connection db = co_await sqlite::open("/a.db", {.journal = sqlite::journal::rollback});
        co_await db.execute("create table t (a)");
        const auto fill = [&]() -> async<> {
            co_await db.transaction([](sqlite::connection& tx) -> async<> {
                for (;;) co_await tx.execute("insert into t values (zeroblob(10000))");
            });
        };
        co_await expect_throws<sql::storage_error>(fill());
        EXPECT_EQ(co_await text_of(db, "select cast(count(*) as text) from t"), "0");
        co_await db.execute("insert into t values (1)");
    };
    run(main(), {.world = &on});
}

TEST(simulated_database, S618_statements_take_the_time_of_the_disk_and_can_be_cancelled_in_it) {
    const sim::network on({.disk = {.latency = 10ms}});
    const auto main = []() -> async<> {
        sqlite::connection db = co_await sqlite::open("/a.db", {.durability = sqlite::durability::full});
        co_await db.execute("create table t (a)");
        const time_point before = clock::now();
        co_await db.execute("insert into t values (1)");
        EXPECT_GE(clock::now() - before, 20ms);  // the log is written and synced
        co_await expect_throws<timeout_error>(timeout(
            5s, db.execute(
                    "insert into t with recursive n(i) as (select 1 union all select i + 1 from n) select i from n")));
        EXPECT_EQ(co_await text_of(db, "select cast(count(*) as text) from t"), "1");
    };
    run(main(), {.world = &on});
}

TEST(simulated_database, S618_two_connections_of_a_host_keep_each_other_waiting_and_share_a_log) {
    const sim::network on({.disk = {.latency = 1ms}});
    const auto main = []() -> async<> {
        for (const auto journal : {sqlite::journal::wal, sqlite::journal::rollback}) {
            const std::string path = journal == sqlite::journal::wal ? "/wal.db" : "/rollback.db";
            sqlite::connection first = co_await sqlite::open(path, {.journal = journal});
            sqlite::connection second = co_await sqlite::open(path, {.journal = journal});
            co_await first.execute("create table t (a)");
            const auto add = [](sqlite::connection& db) -> async<> {
                for (int i = 0; i < 20; ++i) {
                    co_await db.transaction([](sqlite::connection& tx) -> async<> {
                        co_await tx.execute("insert into t select count(*) from t");
                        co_await sleep(3ms);
                    });
                }
            };
            co_await gather(add(first), add(second));
            EXPECT_EQ(co_await text_of(second, "select cast(count(distinct a) as text) from t"), "40");
        }
    };
    run(main(), {.world = &on});
}

}  // namespace
}  // namespace torus::testing
