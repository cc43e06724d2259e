// torus/sql/error.hpp: what can go wrong with a database, by what the caller does about it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace torus::inline v0::sql {

/// What exactly went wrong. The class of the exception says what to do about it, the kind says why.
enum class error_kind : std::uint8_t {
    unique,           // constraint_violation: the key is there already
    foreign_key,  // constraint_violation: what is referred to isn't there, or what is deleted is still referred to
    not_null,  // constraint_violation
    check,  // constraint_violation
    constraint,  // constraint_violation of another sort: a trigger's, a strict table's type
    busy,  // busy_error
    interrupted,  // interrupted_error
    statement,  // statement_error: the text, or how it is used
    too_large,  // statement_error: a text, a value or a result beyond the engine's limits
    rolled_back,  // statement_error: the transaction it belongs to is over
    closed,  // statement_error: the connection is closed
    mismatch,  // type_error: a value is of another type than the one asked for
    out_of_range,  // type_error: a number does not fit the type asked for, or the database's
    no_such_column,  // type_error: the result has no column of that name or position, or two of that name
    io,  // storage_error: the disk, or the file system, failed
    full,  // storage_error: the disk, or what the database may use of it, is full
    readonly,  // storage_error: it may not be written
    corrupt,  // storage_error: the file is damaged
    not_a_database,  // storage_error: the file is something else
    cannot_open,  // storage_error: no such file, no permission, a directory
    engine,  // error: what the engine reports and none of the above describes
};

/// The kind as a word: "unique", "foreign key".
std::string_view to_string(error_kind kind) noexcept;

/// The base of everything a database reports: `what()` names the reason, the engine's code, and the statement.
///
///     try {
///         co_await db.execute("insert into users values (?, ?)", id, name);
///     } catch (const sql::constraint_violation& e) {
///         if (e.kind() == sql::error_kind::unique) print("taken: ", name);
///     }
class error : public std::runtime_error {
public:
    error(error_kind kind, int code, const std::string& what) : std::runtime_error(what), code_(code), kind_(kind) {}

    error_kind kind() const noexcept { return kind_; }

    /// The engine's own number, SQLite's extended result code; 0 where torus found the mistake before the engine.
    int code() const noexcept { return code_; }

private:
    int code_;
    error_kind kind_;
};

/// The data contradicts a rule of the schema. Nothing of the statement has happened.
class constraint_violation : public error {
public:
    using error::error;
};

/// Somebody else holds the lock, and went on holding it for the whole busy timeout. Try the transaction again later.
class busy_error : public error {
public:
    using error::error;
};

/// The statement was stopped on request. A cancelled task sees `cancelled_error` instead.
class interrupted_error : public error {
public:
    using error::error;
};

/// The statement is wrong, or is used wrongly: the program has to change.
class statement_error : public error {
public:
    using error::error;
};

/// The database itself cannot be used: open, make room, repair, or give up.
class storage_error : public error {
public:
    using error::error;
};

/// A value isn't what the program asked for or can't be what it stores, or a column isn't there.
class type_error : public error {
public:
    using error::error;
};

/// Throws the class that belongs to `kind`: for those who connect another database engine.
[[noreturn]] void throw_error(error_kind kind, int code, const std::string& what);

}  // namespace torus::inline v0::sql
