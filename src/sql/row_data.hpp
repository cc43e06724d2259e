// src/sql/row_data.hpp: how the rows of a result lie in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <torus/sql/row.hpp>

namespace torus::inline v0::sql {

/// A cell: its type and, for texts and blobs, where their bytes are in `row_data::bytes`.
struct cell {
    sql::type type = type::null;
    std::uint32_t size = 0;  // databases end below it: SQLite at 2^31, PostgreSQL at 2^30
    union {
        std::int64_t integer = 0;
        double real;
        std::size_t offset;
    };
};

/// All cells of some rows, row after row, and all their bytes.
struct row_data {
    std::shared_ptr<const columns> names;
    std::vector<cell> cells;
    std::vector<std::byte> bytes;

    std::size_t row_count() const noexcept { return names->size() == 0 ? 0 : cells.size() / names->size(); }
};

}  // namespace torus::inline v0::sql
