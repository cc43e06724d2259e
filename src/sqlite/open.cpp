// src/sqlite/open.cpp: a database is opened, checked and set up.
#include <algorithm>
#include <chrono>

#include <sqlite3.h>

#include "sqlite/database.hpp"
#include "sqlite/failure.hpp"
#include "sqlite/file_system.hpp"

namespace torus::inline v0::sqlite {

namespace {

using namespace std::chrono_literals;

// Between two tries to switch to a log while another connection is opening the file too.
constexpr duration journal_retry = 5ms;

[[noreturn]] void throw_cannot_open(const char* why) {
    throw sql::storage_error(sql::error_kind::cannot_open, SQLITE_CANTOPEN, why);
}

// Debian's SQLite takes a name that begins with "file:" for a URI, with options in it.
std::string literal_path(const std::string& path) {
    if (path.empty()) throw_cannot_open("the path is empty");
    if (path.find('\0') != std::string::npos) throw_cannot_open("the path has a zero byte");
    return path.starts_with("file:") ? "./" + path : path;
}

int flags_of(access how) noexcept {
    // A connection belongs to one thread at a time, so SQLite needs no locks of its own.
    constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (how) {
    case access::create: return always | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case access::read_write: return always | SQLITE_OPEN_READWRITE;
    case access::read_only: return always | SQLITE_OPEN_READONLY;
    }
    return always | SQLITE_OPEN_READONLY;
}

}  // namespace

void database::open(const std::string& path, const open_options& options) {
    close();
    try {
        sqlite3* raw = nullptr;
        const int code = sqlite3_open_v2(literal_path(path).c_str(), &raw, flags_of(options.access), file_system());
        handle_.reset(raw);  // there is one even after most errors
        if (code != SQLITE_OK) throw_failure(raw, code, {});
        interruption_.install(raw, options.busy_timeout);
        cache_.keep(options.cached_statements);
        guarded([&] { verify(options); });
    } catch (const sql::error& e) {
        close();
        sql::throw_error(e.kind(), e.code(), '"' + path + "\": " + e.what());
    } catch (...) {
        close();
        throw;
    }
}

// SQLite opens anything; what it is shows with the first look inside.
void database::verify(const open_options& options) {
    sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_ENABLE_FKEY, options.foreign_keys ? 1 : 0, nullptr);
    pragma("PRAGMA schema_version");
    if (options.access == access::read_only) return;
    const std::string journal = set_journal(options);
    // Without a log, NORMAL may damage the file in a power failure, and FULL takes a commit back if the removal of its journal
    // has not reached the disk.
    if (options.durability == durability::full) pragma("PRAGMA synchronous = EXTRA");
    else pragma(journal == "wal" ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
}

/// The first cell of what a pragma returns; empty if it returns nothing.
std::string database::pragma(const char* sql) {
    statement asked(handle_.get(), sql, false);
    if (!advance(asked)) return {};
    sql::rows_builder builder(asked.names());
    asked.read(builder);
    const sql::row first = std::move(builder).finish()[0];
    return first[0].type() == sql::type::text ? first.get<std::string>(0) : std::string();
}

/// Which journal the file has then. SQLite doesn't call the busy handler when it fails to change this because another
/// connection is at it, so the waiting is done here.
std::string database::set_journal(const open_options& options) {
    if (options.journal == journal::unchanged) return pragma("PRAGMA journal_mode");
    const char* const wanted =
        options.journal == journal::wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE";
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
        try {
            return pragma(wanted);
        } catch (const sql::busy_error&) {
            if (std::chrono::steady_clock::now() - start >= options.busy_timeout) throw;
        }
        interruption_.pause(journal_retry);
        stop_if_requested();
    }
}

}  // namespace torus::inline v0::sqlite
