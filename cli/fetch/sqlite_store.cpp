// cli/fetch/sqlite_store.cpp: rows of a table in a database file.
#include "cli/fetch/sqlite_store.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/http/method.hpp>
#include <torus/sql/error.hpp>

namespace torus::inline v0::cli {

namespace {

/// Pieces of the input are stored in this size at least: one that types them a line at a time costs no commit each.
constexpr std::size_t stored_piece_bytes = 1024 * 1024;

/// Rows that are looked at with one statement when a run goes on.
constexpr std::int64_t rows_at_a_time = 10000;

constexpr const char* schema = R"(
    create table results(
        id            integer primary key,  -- the number of the input's line
        url           text not null,        -- as the line has it
        final_url     text,                 -- where the answer came from, after redirects
        method        text not null,
        status        integer,
        error         text,                 -- null, or dns refused reset timeout tls protocol too_large redirects input unknown
        message       text,                 -- the error in words
        headers       text,                 -- JSON: {"content-type": "…", "set-cookie": ["…", "…"]}
        body          blob,
        sha256        text,                 -- of the body
        size          integer,              -- of the body, in bytes
        attempts      integer not null,
        started_at    text,                 -- of the last attempt, UTC
        dns_ms        real,
        connect_ms    real,
        tls_ms        real,
        first_byte_ms real,
        total_ms      real);
    create table run(key text primary key, value text not null);
    create table input(n integer primary key, piece blob not null);
    create table started(id integer primary key);
)";

/// What has to be there for a run to go on.
constexpr std::array<const char*, 4> needed_tables{
    "select id, url, final_url, method, status, error, message, headers, body, sha256, size, attempts, started_at, "
    "dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms from results limit 0",
    "select key, value from run limit 0", "select n, piece from input limit 0", "select id from started limit 0"};

constexpr const char* insert_row = R"(insert or replace into results
    (id, url, final_url, method, status, error, message, headers, body, sha256, size, attempts, started_at,
     dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";
constexpr std::size_t columns = 18;

using cells = std::array<sql::value_view, columns>;

sql::value_view text_or_null(std::string_view text) { return text.empty() ? sql::value_view() : sql::value_view(text); }

/// @param started  the row's time as text, which the cells look at
cells cells_of(const result_row& row, const std::string& started) {
    const bool answered = row.status.has_value();
    const std::span<const std::byte> body = std::as_bytes(std::span(row.body));
    return {row.id,
            row.url,
            text_or_null(row.final_url),
            row.method,
            row.status,
            text_or_null(to_string(row.error)),
            text_or_null(row.message),
            text_or_null(row.headers),
            answered ? sql::value_view(body) : sql::value_view(),
            text_or_null(row.sha256),
            answered ? sql::value_view(row.body.size()) : sql::value_view(),
            row.attempts,
            text_or_null(started),
            row.timings.dns,
            row.timings.connect,
            row.timings.tls,
            row.timings.first_byte,
            row.timings.total};
}

/// The pieces of the stored input, each with a statement of its own: one for all would keep SQLite's log from being
/// cleared for as long as the run takes.
class stored_input final : public byte_source {
public:
    explicit stored_input(sqlite::connection& db) noexcept : db_(db) {}

    async<std::string> read() override {
        const auto row = co_await db_.query_one("select piece from input where n = ?", ++last_);
        if (!row) co_return std::string();
        const auto piece = row->get<std::span<const std::byte>>(0);
        co_return std::string(reinterpret_cast<const char*>(piece.data()), piece.size());
    }

private:
    sqlite::connection& db_;
    std::int64_t last_ = 0;
};

bool is_unsafe(std::string_view method) {
    const auto parsed = http::method::parse(method);
    return !parsed || !parsed->is_idempotent();
}

async<std::int64_t> number_of(sqlite::connection& db, std::string_view query) {
    const auto row = co_await db.query_one(query);
    co_return row->get<std::int64_t>(0);
}

async<> write(sqlite::connection& tx, const batch& rows) {
    using ids = std::vector<std::array<sql::value_view, 1>>;
    if (!rows.started.empty()) {
        ids started;
        for (std::int64_t id : rows.started) started.push_back({id});
        co_await tx.execute_many("insert or ignore into started values (?)", started);
    }
    if (rows.rows.empty()) co_return;
    std::vector<std::string> times;
    times.reserve(rows.rows.size());
    std::vector<cells> values;
    values.reserve(rows.rows.size());
    ids arrived;
    for (const result_row& row : rows.rows) {
        times.push_back(row.attempts > 0 ? iso_time(row.started_at) : std::string());
        values.push_back(cells_of(row, times.back()));
        if (is_unsafe(row.method)) arrived.push_back({row.id});
    }
    co_await tx.execute_many(insert_row, values);
    if (!arrived.empty()) co_await tx.execute_many("delete from started where id = ?", arrived);
}

}  // namespace

async<std::unique_ptr<result_store>> sqlite_store::open(std::string path) {
    output_file lock = output_file::open_locked(path);
    std::unique_ptr<sqlite_store> store;
    try {
        // As it is, until it is known to be ours.
        const sqlite::open_options untouched{.access = sqlite::access::read_write,
                                             .journal = sqlite::journal::unchanged,
                                             .durability = sqlite::durability::full};
        sqlite::connection db = co_await sqlite::open(path, untouched);
        store.reset(new sqlite_store(std::move(lock), std::move(db)));
        co_await store->recognize();
    } catch (const sql::busy_error&) {
        throw output_refused(path + " is in use by another program");
    } catch (const sql::storage_error& e) {
        if (e.kind() == sql::error_kind::not_a_database) throw output_refused(path + " exists and is no database");
        throw;
    }
    co_return std::unique_ptr<result_store>(std::move(store));
}

async<> sqlite_store::recognize() {
    const std::int64_t application = co_await number_of(db_, "pragma application_id");
    const std::int64_t version = co_await number_of(db_, "pragma user_version");
    const std::int64_t tables = co_await number_of(db_, "select count(*) from sqlite_schema");
    if (application == 0 && version == 0 && tables == 0) {
        co_await create();
        co_return;
    }
    if (application != store_application_id)
        throw output_refused(lock_.path() + " is a database of something else, not of torus fetch");
    if (version != store_schema_version)
        throw output_refused(lock_.path() + " has tables of version " + std::to_string(version) +
                             "; this torus knows version " + std::to_string(store_schema_version));
    try {
        for (const char* table : needed_tables) static_cast<void>(co_await db_.query(table));
    } catch (const sql::statement_error& e) {
        throw output_refused(lock_.path() + " is damaged: " + e.what());
    }
    const auto row = co_await db_.query_one("select value from run where key = 'record'");
    if (!row) co_return;
    try {
        record_ = parse_run_record(row->get<std::string>(0));
    } catch (const std::invalid_argument& e) {
        throw output_refused(lock_.path() + ": " + e.what());
    }
}

async<> sqlite_store::create() {
    static_cast<void>(co_await db_.query("pragma journal_mode = wal"));
    co_await db_.transaction([](sqlite::connection& tx) -> async<> {
        co_await tx.execute_script(schema);
        const std::string marks = "pragma application_id = " + std::to_string(store_application_id) +
                                  "; pragma user_version = " + std::to_string(store_schema_version);
        co_await tx.execute_script(marks);
    });
}

async<> sqlite_store::clear() {
    pending_input_.clear();
    record_.reset();
    co_await db_.transaction([](sqlite::connection& tx) -> async<> {
        co_await tx.execute_script("drop table results; drop table run; drop table input; drop table started");
        co_await tx.execute_script(schema);
    });
}

async<> sqlite_store::keep_input(std::string piece) {
    pending_input_ += piece;
    if (pending_input_.size() >= stored_piece_bytes) co_await flush_input();
}

async<> sqlite_store::flush_input() {
    if (pending_input_.empty()) co_return;
    const std::string piece = std::exchange(pending_input_, {});
    const auto bytes = std::as_bytes(std::span(piece));
    co_await db_.execute("insert into input(piece) values (?)", bytes);
}

async<> sqlite_store::begin(run_record record) {
    co_await flush_input();
    const std::string text = to_json(record);
    co_await db_.execute("insert or replace into run values ('record', ?)", text);
    record_ = std::move(record);
}

std::unique_ptr<byte_source> sqlite_store::kept_input() { return std::make_unique<stored_input>(db_); }

async<earlier_rows> sqlite_store::resume(again which) {
    earlier_rows found;
    for (std::int64_t last = 0;;) {
        const sql::rows some = co_await db_.query(
            "select id, error, status, method from results where id > ? order by id limit ?", last, rows_at_a_time);
        if (some.empty()) break;
        for (const sql::row& row : some) {
            last = row.get<std::int64_t>(0);
            const auto error = parse_error_class(row.get<std::optional<std::string>>(1).value_or(std::string()));
            const auto status = row.get<std::optional<int>>(2);
            if (!error || last < 1 || last > record_->lines)
                throw output_refused(lock_.path() + " is damaged: the row " + std::to_string(last) +
                                     " is none of this run");
            const auto method = row.get<std::string_view>(3);
            if (which.includes(*error, status, method)) continue;
            found.done.insert(last);
            found.counted.count(*error, status, method);
        }
    }
    for (const sql::row& row : co_await db_.query("select id from started")) {
        const auto id = row.get<std::int64_t>(0);
        // A row of it is an earlier one, which was to be fetched again.
        found.done.erase(id);
        found.lost.insert(id);
    }
    co_return found;
}

async<> sqlite_store::commit(std::shared_ptr<const batch> written) {
    co_await db_.transaction([&](sqlite::connection& tx) -> async<> { co_await write(tx, *written); });
}

async<> sqlite_store::close() {
    co_await db_.close();
    lock_.close();
}

}  // namespace torus::inline v0::cli
