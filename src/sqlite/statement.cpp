// src/sqlite/statement.cpp: statements are prepared, bound, run, and read.
#include "sqlite/statement.hpp"

#include <cmath>
#include <new>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include <torus/sql/error.hpp>

#include "sqlite/failure.hpp"

namespace torus::inline v0::sqlite {

namespace {

[[noreturn]] void throw_misuse(const std::string& why, std::string_view sql) {
    std::string what = why;
    if (!sql.empty()) what.append(" in: ").append(excerpt(sql));
    throw sql::statement_error(sql::error_kind::statement, 0, what);
}

std::span<const std::byte> bytes_of(const void* start, int size) noexcept {
    return {static_cast<const std::byte*>(start), static_cast<std::size_t>(size)};
}

}  // namespace

void statement::finalize::operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }

statement::statement(std::unique_ptr<sqlite3_stmt, finalize> prepared, std::string_view text)
    : prepared_(std::move(prepared)), text_(text) {}

std::optional<statement> statement::first_of(sqlite3* db, std::string_view& sql, bool kept) {
    // SQLite would stop there, and silently leave out what follows.
    if (const std::size_t zero = sql.find('\0'); zero != std::string_view::npos)
        throw_misuse("a zero byte at position " + std::to_string(zero), sql.substr(0, zero));
    if (sql.size() > static_cast<std::size_t>(sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, -1)))
        throw sql::statement_error(sql::error_kind::too_large, 0,
                                   "a statement of " + std::to_string(sql.size()) + " bytes");
    // A lone semicolon or comment prepares as nothing: look behind it.
    while (!sql.empty()) {
        sqlite3_stmt* raw = nullptr;
        const char* rest = nullptr;
        const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                                            kept ? SQLITE_PREPARE_PERSISTENT : 0, &raw, &rest);
        std::unique_ptr<sqlite3_stmt, finalize> prepared(raw);
        if (code != SQLITE_OK) throw_failure(db, code, sql);
        const std::string_view text = sql.substr(0, static_cast<std::size_t>(rest - sql.data()));
        sql.remove_prefix(text.size());
        if (prepared) return statement(std::move(prepared), text);
        if (text.empty()) break;
    }
    return std::nullopt;
}

statement::statement(sqlite3* db, std::string_view sql, bool kept) {
    std::string_view rest = sql;
    std::optional<statement> first = first_of(db, rest, kept);
    if (!first) throw_misuse("there is no statement", sql);
    if (rest.find_first_not_of(" \t\r\n\f;") != std::string_view::npos) {
        bool more = true;
        try {
            more = first_of(db, rest, false).has_value();
        } catch (const sql::statement_error&) {
            more = true;  // whatever it is, it isn't a comment
        }
        if (more) throw_misuse("more than one statement; execute_script() runs many", sql);
    }
    *this = std::move(*first);
    text_ = sql;
}

void statement::bind(std::span<const sql::value_view> values) {
    const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(prepared_.get()));
    if (values.size() != wanted)
        throw_misuse("the statement has " + std::to_string(wanted) + " parameters, and " +
                         std::to_string(values.size()) + " values were given,",
                     text_);
    for (std::size_t i = 0; i < values.size(); ++i) bind_one(static_cast<int>(i) + 1, values[i]);
}

// SQLite takes a null pointer for a null, whatever its size: an empty text or blob needs an address.
void statement::bind_one(int index, const sql::value_view& value) {
    sqlite3_stmt* const s = prepared_.get();
    int code = SQLITE_OK;
    switch (value.type()) {
    case sql::type::null: code = sqlite3_bind_null(s, index); break;
    case sql::type::integer: code = sqlite3_bind_int64(s, index, value.get<std::int64_t>()); break;
    case sql::type::real: {
        const double number = value.get<double>();
        if (std::isnan(number))
            throw sql::type_error(sql::error_kind::out_of_range, 0,
                                  "parameter " + std::to_string(index) +
                                      " is not a number, which SQLite would store as null");
        code = sqlite3_bind_double(s, index, number);
        break;
    }
    case sql::type::text: {
        const auto text = value.get<std::string_view>();
        code = sqlite3_bind_text64(s, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
        break;
    }
    case sql::type::blob: {
        const auto blob = value.get<std::span<const std::byte>>();
        code = blob.empty() ? sqlite3_bind_zeroblob(s, index, 0)
                            : sqlite3_bind_blob64(s, index, blob.data(), blob.size(), SQLITE_STATIC);
        break;
    }
    }
    if (code != SQLITE_OK) throw_failure(sqlite3_db_handle(s), code, text_);
}

bool statement::step() {
    const int code = sqlite3_step(prepared_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw_failure(sqlite3_db_handle(prepared_.get()), code, text_);
}

void statement::reset() noexcept {
    sqlite3_reset(prepared_.get());
    sqlite3_clear_bindings(prepared_.get());
}

const std::shared_ptr<const sql::columns>& statement::names() {
    sqlite3_stmt* const s = prepared_.get();
    const int prepared = sqlite3_stmt_status(s, SQLITE_STMTSTATUS_REPREPARE, 0);
    if (names_ && prepared == names_as_prepared_) return names_;
    std::vector<std::string> names;
    for (int i = 0; i < sqlite3_column_count(s); ++i) {
        const char* const name = sqlite3_column_name(s, i);
        if (!name) throw std::bad_alloc();
        names.emplace_back(name);
    }
    names_ = std::make_shared<const sql::columns>(std::move(names));
    names_as_prepared_ = prepared;
    return names_;
}

void statement::read(sql::rows_builder& into) {
    sqlite3_stmt* const s = prepared_.get();
    const int width = sqlite3_column_count(s);
    for (int i = 0; i < width; ++i) {
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_INTEGER: into.add(static_cast<std::int64_t>(sqlite3_column_int64(s, i))); break;
        case SQLITE_FLOAT: into.add(sqlite3_column_double(s, i)); break;
        case SQLITE_TEXT: {
            // May convert from UTF-16, so the text comes before its size.
            const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
            if (!text) throw std::bad_alloc();
            into.add(std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(s, i))));
            break;
        }
        case SQLITE_BLOB: {
            const void* const blob = sqlite3_column_blob(s, i);
            const int size = sqlite3_column_bytes(s, i);
            if (!blob && size > 0) throw std::bad_alloc();
            into.add(bytes_of(blob, size));
            break;
        }
        default: into.add(nullptr); break;
        }
    }
}

bool statement::only_reads() const noexcept { return sqlite3_stmt_readonly(prepared_.get()) != 0; }

}  // namespace torus::inline v0::sqlite
