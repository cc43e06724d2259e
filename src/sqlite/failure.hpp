// src/sqlite/failure.hpp: SQLite's result codes become exceptions.
#pragma once

#include <string_view>

struct sqlite3;

namespace torus::inline v0::sqlite {

/// Throws what SQLite has just reported for `sql` (empty if it was about no statement).
///
/// @throws sql::error      of the class that belongs to `code`
/// @throws std::bad_alloc  SQLITE_NOMEM
[[noreturn]] void throw_failure(sqlite3* db, int code, std::string_view sql);

/// The beginning of a statement, for a message.
std::string_view excerpt(std::string_view sql) noexcept;

}  // namespace torus::inline v0::sqlite
