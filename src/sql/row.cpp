// src/sql/row.cpp: rows are gathered, and read.
#include <torus/sql/row.hpp>

#include <stdexcept>

#include <torus/sql/error.hpp>

#include "sql/row_data.hpp"

namespace torus::inline v0::sql {

std::size_t columns::position(std::string_view name) const {
    std::size_t found = names_.size();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i] != name) continue;
        if (found != names_.size())
            throw type_error(error_kind::no_such_column, 0,
                             "the result has two columns \"" + std::string(name) + "\": name them apart with AS");
        found = i;
    }
    if (found == names_.size()) {
        std::string what = "the result has no column \"" + std::string(name) + "\", only";
        for (const std::string& other : names_) what += " \"" + other + '"';
        throw type_error(error_kind::no_such_column, 0, what);
    }
    return found;
}

const columns& row::names() const noexcept { return *data_->names; }

value_view row::at(std::size_t position) const {
    if (position >= size())
        throw type_error(error_kind::no_such_column, 0,
                         "the result has " + std::to_string(size()) + " columns, none at position " +
                             std::to_string(position));
    const cell& at = data_->cells[index_ * size() + position];
    switch (at.type) {
    case type::null: break;
    case type::integer: return at.integer;
    case type::real: return at.real;
    case type::text: return std::string_view(reinterpret_cast<const char*>(data_->bytes.data()) + at.offset, at.size);
    case type::blob: return std::span(data_->bytes.data() + at.offset, at.size);
    }
    return {};
}

void row::expect(std::size_t width) const {
    if (width != size())
        throw type_error(error_kind::no_such_column, 0,
                         "the result has " + std::to_string(size()) + " columns, not " + std::to_string(width));
}

std::size_t rows::size() const noexcept { return data_->row_count(); }

row rows::operator[](std::size_t index) const {
    if (index >= size())
        throw std::out_of_range("torus: the result has " + std::to_string(size()) + " rows, none at position " +
                                std::to_string(index));
    return row(data_, index);
}

rows::iterator rows::begin() const noexcept { return iterator(row(data_, 0)); }
rows::iterator rows::end() const noexcept { return iterator(row(data_, size())); }
const columns& rows::names() const noexcept { return *data_->names; }

rows_builder::rows_builder(std::shared_ptr<const columns> names) : data_(std::make_shared<row_data>()) {
    data_->names = std::move(names);
}

rows_builder::~rows_builder() = default;

void rows_builder::add(value_view added) {
    cell next;
    next.type = added.type();
    const auto keep = [&](std::span<const std::byte> bytes) {
        if (bytes.size() > std::numeric_limits<std::uint32_t>::max())
            throw_error(error_kind::too_large, 0, "a cell of more than 4 GiB");
        next.size = static_cast<std::uint32_t>(bytes.size());
        next.offset = data_->bytes.size();
        data_->bytes.insert(data_->bytes.end(), bytes.begin(), bytes.end());
    };
    switch (added.type()) {
    case type::null: break;
    case type::integer: next.integer = added.get<std::int64_t>(); break;
    case type::real: next.real = added.get<double>(); break;
    case type::text: keep(std::as_bytes(std::span(added.get<std::string_view>()))); break;
    case type::blob: keep(added.get<std::span<const std::byte>>()); break;
    }
    data_->cells.push_back(next);
}

std::size_t rows_builder::row_count() const noexcept { return data_->row_count(); }

std::size_t rows_builder::byte_count() const noexcept {
    return data_->bytes.size() + data_->cells.size() * sizeof(cell);
}

rows rows_builder::finish() && { return rows(std::move(data_)); }

}  // namespace torus::inline v0::sql
