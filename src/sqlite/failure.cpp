// src/sqlite/failure.cpp: what each of SQLite's result codes means.
#include "sqlite/failure.hpp"

#include <cerrno>
#include <cstddef>
#include <new>
#include <string>
#include <system_error>

#include <sqlite3.h>

#include <torus/sql/error.hpp>

namespace torus::inline v0::sqlite {

namespace {

using sql::error_kind;

// As much of a statement as tells it from others, on a line or two of a log.
constexpr std::size_t excerpt_bytes = 200;

error_kind kind_of_constraint(int code) noexcept {
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return error_kind::unique;
    case SQLITE_CONSTRAINT_FOREIGNKEY: return error_kind::foreign_key;
    case SQLITE_CONSTRAINT_NOTNULL: return error_kind::not_null;
    case SQLITE_CONSTRAINT_CHECK: return error_kind::check;
    default: return error_kind::constraint;
    }
}

error_kind kind_of(int code, int system_error) noexcept {
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return kind_of_constraint(code);
    case SQLITE_MISMATCH: return error_kind::constraint;  // a text as an INTEGER PRIMARY KEY
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // too many others were taking the log's locks
    case SQLITE_SCHEMA: return error_kind::busy;  // somebody went on changing the schema
    case SQLITE_INTERRUPT: return error_kind::interrupted;
    case SQLITE_ABORT: return error_kind::rolled_back;  // under a statement that was still reading
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_AUTH: return error_kind::statement;
    case SQLITE_TOOBIG: return error_kind::too_large;
    case SQLITE_FULL: return error_kind::full;
    case SQLITE_IOERR:  // SQLite knows ENOSPC, but not what a quota says
        return system_error == EDQUOT || system_error == ENOSPC ? error_kind::full : error_kind::io;
    case SQLITE_NOLFS: return error_kind::io;
    case SQLITE_READONLY: return error_kind::readonly;
    case SQLITE_CORRUPT: return error_kind::corrupt;
    case SQLITE_NOTADB: return error_kind::not_a_database;
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return error_kind::cannot_open;
    default: return error_kind::engine;
    }
}

bool comes_from_the_system(error_kind kind) noexcept {
    return kind == error_kind::io || kind == error_kind::full || kind == error_kind::cannot_open;
}

}  // namespace

std::string_view excerpt(std::string_view sql) noexcept {
    if (sql.size() <= excerpt_bytes) return sql;
    std::size_t end = excerpt_bytes;
    while (end > 0 && (static_cast<unsigned char>(sql[end]) & 0xc0) == 0x80) --end;  // not within a character
    return sql.substr(0, end);
}

void throw_failure(sqlite3* db, int code, std::string_view sql) {
    if ((code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM) throw std::bad_alloc();
    const int system_error = db ? sqlite3_system_errno(db) : 0;
    const error_kind kind = kind_of(code, system_error);

    // The connection's message is about its latest failure, which may be another one.
    const bool described = db && sqlite3_extended_errcode(db) == code;
    std::string what = described ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if (described && sqlite3_error_offset(db) >= 0) what += ", at byte " + std::to_string(sqlite3_error_offset(db));
    if (system_error != 0 && comes_from_the_system(kind)) what += ": " + std::system_category().message(system_error);
    what += " (SQLite " + std::to_string(code) + ')';
    if (!sql.empty()) {
        const std::string_view shown = excerpt(sql);
        what.append(" in: ").append(shown).append(shown.size() < sql.size() ? "…" : "");
    }
    sql::throw_error(kind, code, what);
}

}  // namespace torus::inline v0::sqlite
