// tests/sqlite/cancel_everywhere_test.cpp: a database, cancelled at every moment.
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/sqlite/sqlite.hpp>

#include "cancelled_everywhere.hpp"
#include "scratch.hpp"

namespace torus::sqlite {
namespace {

using torus::testing::expect_kernel_use_cancellable_everywhere;

TEST(sqlite_everywhere, S565_open_statements_queries_and_close) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    auto use = [&]() -> async<> {
        connection db = co_await open(path);
        co_await db.execute_script("drop table if exists n; create table n(i)");
        co_await db.execute("insert into n values (?)", 1);
        const std::vector<std::tuple<int>> more{{2}, {3}};
        co_await db.execute_many("insert into n values (?)", more);
        const sql::rows all = co_await db.query("select i from n");
        EXPECT_EQ(all.size(), 3U);
        const auto sum = co_await db.query_one("select sum(i) from n");
        EXPECT_EQ(sum->get<int>(0), 6);
        row_stream each = db.select("select i from n order by i");
        int count = 0;
        while (co_await each.next()) ++count;
        EXPECT_EQ(count, 3);
        co_await db.close();
    };
    expect_kernel_use_cancellable_everywhere(use);
}

TEST(sqlite_everywhere, S565_a_transaction_is_whole_or_has_not_been) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    auto use = [&]() -> async<> {
        connection db = co_await open(path);
        co_await db.execute_script("drop table if exists n; create table n(i)");
        auto both = [](connection& tx) -> async<> {
            co_await tx.execute("insert into n values (1)");
            co_await tx.execute("insert into n values (2)");
        };
        co_await db.transaction(both);
        co_await db.close();
    };
    auto is_whole = [&] {
        test_database db(path);
        if (db.one("select count(*) from sqlite_master where name = 'n'") == 0) return;
        const auto count = db.one("select count(*) from n");
        if (count != 0 && count != 2) throw std::logic_error("there are " + std::to_string(count) + " rows");
    };
    expect_kernel_use_cancellable_everywhere(use, is_whole);
}

}  // namespace
}  // namespace torus::sqlite
