// tests/cli/sqlite_store_test.cpp: what is in the database, and which databases are left alone.
#include "cli/fetch/sqlite_store.hpp"

#include <functional>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

#include "cli/scratch.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

/// Runs statements on a database, with a connection of its own.
async<> script(std::string path, std::string sql) {
    sqlite::connection db = co_await sqlite::open(path);
    co_await db.execute_script(sql);
    co_await db.close();
}

async<std::string> refusal(std::string path) {
    try {
        co_await sqlite_store::open(path);
    } catch (const output_refused& e) {
        co_return e.what();
    }
    co_return "";
}

result_row full_row() {
    result_row row(7, "http://h/x");
    row.final_url = "http://h/y";
    row.method = "POST";
    row.status = 201;
    row.error = error_class::too_large;
    row.message = "longer";
    row.headers = R"({"a":"b"})";
    row.body = "\x00\xff"s;
    row.sha256 = "ab";
    row.attempts = 3;
    row.started_at = wall_time(1'700'000'000'123ms);
    row.timings = {1.5, 2.5, 3.5, 4.5, 5.5};
    return row;
}

/// What the columns must hold, as SQLite writes it.
constexpr const char* full_columns =
    "7|http://h/x|http://h/"
    "y|POST|201|too_large|longer|{\"a\":\"b\"}|00FF|ab|2|3|2023-11-14T22:13:20.123Z|1.5|2.5|3.5|4.5|5.5";
constexpr const char* empty_columns = "8|nonsense|-|GET|-|-|-|-|-|-|-|0|-|-|-|-|-|-";

TORUS_IO_TEST(sqlite_store, has_a_column_for_everything) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    const auto store = co_await sqlite_store::open(path);
    auto rows = std::make_shared<batch>();
    rows->rows.push_back(full_row());
    rows->rows.emplace_back(8, "nonsense");
    co_await store->commit(rows);

    sqlite::connection db = co_await sqlite::open(path);
    const auto names = co_await db.query_one("select group_concat(name) from pragma_table_info('results')");
    EXPECT_EQ(names->get<std::string>(0),
              "id,url,final_url,method,status,error,message,headers,body,sha256,size,attempts,"
              "started_at,dns_ms,connect_ms,tls_ms,first_byte_ms,total_ms");
    const auto written = co_await db.query(R"(
        select id || '|' || url || '|' || ifnull(final_url, '-') || '|' || method || '|' || ifnull(status, '-') || '|' ||
               ifnull(error, '-') || '|' || ifnull(message, '-') || '|' || ifnull(headers, '-') || '|' ||
               iif(typeof(body) = 'blob', hex(body), '-') || '|' || ifnull(sha256, '-') || '|' || ifnull(size, '-') || '|' ||
               attempts || '|' || ifnull(started_at, '-') || '|' || ifnull(dns_ms, '-') || '|' || ifnull(connect_ms, '-') ||
               '|' || ifnull(tls_ms, '-') || '|' || ifnull(first_byte_ms, '-') || '|' || ifnull(total_ms, '-')
        from results order by id)");
    EXPECT_EQ(written[0].get<std::string>(0), full_columns);
    EXPECT_EQ(written[1].get<std::string>(0), empty_columns);
    co_await db.close();
}

TORUS_IO_TEST(sqlite_store, can_be_read_while_it_is_written) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    const auto store = co_await sqlite_store::open(path);
    sqlite::connection reader = co_await sqlite::open(path, {.access = sqlite::access::read_only});
    auto rows = std::make_shared<batch>();
    rows->rows.emplace_back(1, "http://h/");
    co_await store->commit(rows);
    const auto count = co_await reader.query_one("select count(*) from results");
    EXPECT_EQ(count->get<int>(0), 1);
    co_await reader.close();
}

TORUS_IO_TEST(sqlite_store, leaves_tables_of_others_in_its_database_alone) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    co_await (co_await sqlite_store::open(path))->close();
    co_await script(path, "create table mine(x); insert into mine values (1)");
    const auto store = co_await sqlite_store::open(path);
    co_await store->clear();
    co_await store->close();
    co_await script(path, "insert into mine select 2 from mine");
}

TORUS_IO_TEST(sqlite_store, refuses_a_database_of_something_else) {
    const scratch_folder folder;
    const std::string path = folder / "other.db";
    co_await script(path, "create table results(id, url)");
    const std::string before = content_of(path);
    const std::string why = co_await refusal(path);
    EXPECT_EQ(why, path + " is a database of something else, not of torus fetch");
    EXPECT_EQ(content_of(path), before);
}

TORUS_IO_TEST(sqlite_store, refuses_tables_of_another_version) {
    const scratch_folder folder;
    const std::string path = folder / "later.db";
    co_await (co_await sqlite_store::open(path))->close();
    co_await script(path, "pragma user_version = 2");
    const std::string why = co_await refusal(path);
    EXPECT_EQ(why, path + " has tables of version 2; this torus knows version 1");
}

TORUS_IO_TEST(sqlite_store, refuses_rows_that_no_line_has) {
    const scratch_folder folder;
    const std::string path = folder / "pages.db";
    auto store = co_await sqlite_store::open(path);
    run_record record;
    record.lines = 1;
    co_await store->begin(record);
    auto rows = std::make_shared<batch>();
    rows->rows.emplace_back(2, "http://h/");
    co_await store->commit(rows);
    const auto error = co_await testing::expect_throws<output_refused>(store->resume({}));
    EXPECT_EQ(std::string(error.what()), path + " is damaged: the row 2 is none of this run");
}

}  // namespace
}  // namespace torus::cli
