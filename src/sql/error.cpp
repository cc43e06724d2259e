// src/sql/error.cpp: which class each kind of error belongs to.
#include <torus/sql/error.hpp>

namespace torus::inline v0::sql {

std::string_view to_string(error_kind kind) noexcept {
    switch (kind) {
    case error_kind::unique: return "unique";
    case error_kind::foreign_key: return "foreign key";
    case error_kind::not_null: return "not null";
    case error_kind::check: return "check";
    case error_kind::constraint: return "constraint";
    case error_kind::busy: return "busy";
    case error_kind::interrupted: return "interrupted";
    case error_kind::statement: return "statement";
    case error_kind::too_large: return "too large";
    case error_kind::rolled_back: return "rolled back";
    case error_kind::closed: return "closed";
    case error_kind::mismatch: return "mismatch";
    case error_kind::out_of_range: return "out of range";
    case error_kind::no_such_column: return "no such column";
    case error_kind::io: return "io";
    case error_kind::full: return "full";
    case error_kind::readonly: return "readonly";
    case error_kind::corrupt: return "corrupt";
    case error_kind::not_a_database: return "not a database";
    case error_kind::cannot_open: return "cannot open";
    case error_kind::engine: return "engine";
    }
    return "unknown";
}

void throw_error(error_kind kind, int code, const std::string& what) {
    switch (kind) {
    case error_kind::unique:
    case error_kind::foreign_key:
    case error_kind::not_null:
    case error_kind::check:
    case error_kind::constraint: throw constraint_violation(kind, code, what);
    case error_kind::busy: throw busy_error(kind, code, what);
    case error_kind::interrupted: throw interrupted_error(kind, code, what);
    case error_kind::statement:
    case error_kind::too_large:
    case error_kind::rolled_back:
    case error_kind::closed: throw statement_error(kind, code, what);
    case error_kind::mismatch:
    case error_kind::out_of_range:
    case error_kind::no_such_column: throw type_error(kind, code, what);
    case error_kind::io:
    case error_kind::full:
    case error_kind::readonly:
    case error_kind::corrupt:
    case error_kind::not_a_database:
    case error_kind::cannot_open: throw storage_error(kind, code, what);
    case error_kind::engine: break;
    }
    throw error(kind, code, what);
}

}  // namespace torus::inline v0::sql
