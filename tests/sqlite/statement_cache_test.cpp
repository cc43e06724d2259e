// tests/sqlite/statement_cache_test.cpp: statements are prepared once, as long as there is room.
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "sqlite/statement.hpp"

namespace torus::sqlite {
namespace {

class sqlite_statement_cache : public ::testing::Test {
protected:
    sqlite_statement_cache() {
        sqlite3_open(":memory:", &db);
        cache.keep(2);
    }
    ~sqlite_statement_cache() override {
        cache.clear();
        EXPECT_EQ(sqlite3_close(db), SQLITE_OK) << "a statement was not finalized";
    }
    statement* use(std::string_view sql) { return &*cache.take(db, sql); }
    int prepared() const {
        int count = 0;
        for (sqlite3_stmt* s = nullptr; (s = sqlite3_next_stmt(db, s));) ++count;
        return count;
    }

    sqlite3* db = nullptr;
    statement_cache cache;
};

TEST_F(sqlite_statement_cache, prepares_a_statement_once) {
    statement* const first = use("select 1");
    EXPECT_EQ(use("select 1"), first);
    EXPECT_EQ(prepared(), 1);
}

TEST_F(sqlite_statement_cache, drops_the_one_unused_for_longest) {
    statement* const one = use("select 1");
    use("select 2");
    EXPECT_EQ(use("select 1"), one);
    use("select 3");
    EXPECT_EQ(prepared(), 2);
    EXPECT_EQ(use("select 1"), one);
}

TEST_F(sqlite_statement_cache, prepares_another_while_one_is_in_use) {
    const auto first = cache.take(db, "select 1");
    {
        const auto second = cache.take(db, "select 1");
        EXPECT_NE(&*first, &*second);
        EXPECT_EQ(prepared(), 2);
    }
    EXPECT_EQ(prepared(), 1);
}

TEST_F(sqlite_statement_cache, has_more_than_its_room_only_while_they_are_in_use) {
    {
        const auto one = cache.take(db, "select 1");
        const auto two = cache.take(db, "select 2");
        const auto three = cache.take(db, "select 3");
        EXPECT_EQ(prepared(), 3);
    }
    EXPECT_EQ(prepared(), 2);
}

TEST_F(sqlite_statement_cache, keeps_no_very_long_texts_and_none_without_room) {
    use("select 1 /*" + std::string(20'000, ' ') + "*/");
    EXPECT_EQ(prepared(), 0);
    cache.keep(0);
    use("select 1");
    EXPECT_EQ(prepared(), 0);
}

TEST_F(sqlite_statement_cache, resets_what_comes_back) {
    {
        auto running = cache.take(db, "select 1 union select 2");
        EXPECT_TRUE(running->step());
    }
    auto again = cache.take(db, "select 1 union select 2");
    int rows = 0;
    while (again->step()) ++rows;
    EXPECT_EQ(rows, 2);
}

}  // namespace
}  // namespace torus::sqlite
