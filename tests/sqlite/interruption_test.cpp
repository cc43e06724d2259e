// tests/sqlite/interruption_test.cpp: another thread stops what runs, and nothing that comes later.
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;

/// Runs `act` on another thread; `seen` holds as soon as it can be seen from outside to be at work.
void expect_interrupted(database& db, const std::function<void()>& act, const std::function<bool()>& seen) {
    std::thread worker([&] { EXPECT_EQ(failure_of<sql::interrupted_error>(act).kind(), error_kind::interrupted); });
    while (!seen()) std::this_thread::yield();
    db.interrupt();
    worker.join();
    db.allow();
}

class sqlite_interruption : public ::testing::Test {
protected:
    sqlite_interruption() : db(folder / "a.db"), onlooker(folder / "a.db", impatient()) {
        db.run("create table t (a)");
    }
    static open_options impatient() {
        open_options options;
        options.busy_timeout = duration::zero();
        return options;
    }
    /// Whether `db` has the write lock.
    bool writing() {
        try {
            onlooker.begin(transaction_kind::immediate);
            onlooker.rollback();
            return false;
        } catch (const sql::busy_error&) {
            return true;
        }
    }
    const std::string endless = "insert into t " + counting();

    const scratch_folder folder;
    test_database db, onlooker;
};

TEST_F(sqlite_interruption, stops_a_write_and_undoes_it) {
    expect_interrupted(db, [&] { db.run(endless); }, [&] { return writing(); });
    EXPECT_EQ(db.one("select count(*) from t"), 0);
    EXPECT_EQ(db.run("insert into t values (1)").changes, 1);
}

TEST_F(sqlite_interruption, stops_a_read) {
    db.begin(transaction_kind::immediate);
    expect_interrupted(db, [&] { db.all("select count(*) from (" + counting() + ")"); }, [] { return true; });
    db.run("insert into t values (1)");
    db.commit();
    EXPECT_EQ(db.one("select count(*) from t"), 1);
}

TEST_F(sqlite_interruption, is_not_lost_when_it_comes_too_early) {
    db.interrupt();
    EXPECT_THROW(db.run("select 1"), sql::interrupted_error);
    EXPECT_THROW(db.begin(transaction_kind::immediate), sql::interrupted_error);
    db.allow();
    EXPECT_EQ(db.one("select 1"), 1);
}

TEST_F(sqlite_interruption, ends_the_transaction_of_a_write) {
    db.begin(transaction_kind::immediate);
    db.run("insert into t values (1)");
    expect_interrupted(db, [&] { db.run(endless); }, [] { return true; });
    db.rollback();
    EXPECT_EQ(db.depth(), 0);
    EXPECT_EQ(db.one("select count(*) from t"), 0);
}

TEST_F(sqlite_interruption, ends_the_wait_for_a_lock) {
    open_options patient;
    patient.busy_timeout = std::chrono::hours(24);
    test_database waiting(folder / "a.db", patient);
    onlooker.begin(transaction_kind::immediate);
    expect_interrupted(waiting, [&] { waiting.run("insert into t values (1)"); }, [] { return true; });
    expect_interrupted(waiting, [&] { waiting.begin(transaction_kind::immediate); }, [] { return true; });
    onlooker.rollback();
    waiting.run("insert into t values (2)");
    EXPECT_EQ(db.one("select sum(a) from t"), 2);
}

TEST_F(sqlite_interruption, stops_many_inserts_and_undoes_all_of_them) {
    const std::vector<std::tuple<int>> limits = {1, 2, -1};  // the last one is none
    expect_interrupted(db, [&] { db.execute_many(endless + " limit ?", limits); }, [&] { return writing(); });
    EXPECT_EQ(db.one("select count(*) from t"), 0);
    EXPECT_EQ(db.depth(), 0);
}

TEST_F(sqlite_interruption, stops_a_script) {
    expect_interrupted(
        db, [&] { db.execute_script("begin; insert into t values (1); " + endless); }, [&] { return writing(); });
    EXPECT_FALSE(writing());
    EXPECT_EQ(db.one("select count(*) from t"), 0);
}

TEST_F(sqlite_interruption, does_not_reach_an_open_cursor) {
    cursor numbers(db, counting(), {});
    EXPECT_EQ(numbers.next()[0].get<int>(0), 1);
    expect_interrupted(db, [&] { db.run(endless); }, [&] { return writing(); });
    EXPECT_EQ(numbers.next()[0].get<int>(0), 257);
    expect_interrupted(db, [&] { db.all("select count(*) from (" + counting() + ")"); }, [] { return true; });
    EXPECT_EQ(numbers.next()[0].get<int>(0), 513);
}

TEST_F(sqlite_interruption, stops_a_cursor) {
    cursor nothing(db, "select i from (" + counting() + ") where i < 0", {});
    cursor numbers(db, counting(), {});
    numbers.next();
    expect_interrupted(db, [&] { nothing.next(); }, [] { return true; });
    EXPECT_EQ(failure_of<sql::statement_error>([&] { nothing.next(); }).kind(), error_kind::rolled_back);
    EXPECT_EQ(numbers.next().size(), 256u);
}

TEST_F(sqlite_interruption, does_not_keep_the_log_from_being_written_back_at_the_end) {
    expect_interrupted(db, [&] { db.run(endless); }, [&] { return writing(); });
    onlooker.close();
    db.interrupt();
    db.close();
    EXPECT_FALSE(std::filesystem::exists(folder / "a.db-wal"));
}

TEST_F(sqlite_interruption, leaves_what_is_committed_committed) {
    // Whenever the request comes, a statement either says that it was stopped and has done nothing, or has done its work.
    std::int64_t done = 0;
    for (int round = 0; round < 300; ++round) {
        std::thread stopper([&] { db.interrupt(); });
        try {
            db.run("insert into t select 1 from (" + counting("400") + ")");
            ++done;
        } catch (const sql::interrupted_error&) {}
        stopper.join();
        db.allow();
    }
    EXPECT_EQ(db.one("select count(*) from t"), done * 400);
}

}  // namespace
}  // namespace torus::sqlite
