// torus/sql/row.hpp: what a query returns, and what any other statement does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <torus/sql/value.hpp>

namespace torus::inline v0::sql {

struct row_data;

/// What a statement that returns no rows has done.
struct result {
    /// Rows inserted, updated or deleted by the statement itself, not by triggers or foreign keys.
    std::int64_t changes = 0;
    /// The key that the connection's latest successful insert was given; 0 before the first.
    std::int64_t last_insert_id = 0;
};

/// The names of a result's columns, shared by its rows.
class columns {
public:
    explicit columns(std::vector<std::string> names) noexcept : names_(std::move(names)) {}

    std::size_t size() const noexcept { return names_.size(); }
    const std::string& operator[](std::size_t position) const noexcept { return names_[position]; }
    auto begin() const noexcept { return names_.begin(); }
    auto end() const noexcept { return names_.end(); }

    /// Where the column of that name is. Case matters.
    /// @throws type_error  there is none, or more than one
    std::size_t position(std::string_view name) const;

    friend bool operator==(const columns&, const columns&) = default;

private:
    std::vector<std::string> names_;
};

/// One row of a result. It is a handle: copying it is cheap, and it keeps the rows it came with alive.
///
///     auto id = row.get<std::int64_t>("id");
///     auto nick = row.get<std::optional<std::string>>("nick");
///     auto [name, age] = row.as<std::string, int>();
class row {
public:
    row(std::shared_ptr<const row_data> data, std::size_t index) noexcept : data_(std::move(data)), index_(index) {}

    /// The cell as a T: see `value_view::get` for what T may be. A `string_view` or `span` is good as long as this row,
    /// or another one of the same result.
    ///
    /// @throws type_error  no such column, or another type
    template <class T> T get(std::string_view column) const { return get<T>(names().position(column)); }
    template <class T> T get(std::size_t position) const { return at(position).template get<T>(name_of(position)); }

    /// All cells, in order.
    /// @throws type_error  another number of columns, or another type
    template <class... T> std::tuple<T...> as() const {
        expect(sizeof...(T));
        return [this]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple<T...>{this->get<T>(I)...};
        }(std::index_sequence_for<T...>());
    }

    /// The cell as it is.
    /// @throws type_error  no such column
    value_view operator[](std::string_view column) const { return at(names().position(column)); }
    value_view operator[](std::size_t position) const { return at(position); }

    std::size_t size() const noexcept { return names().size(); }
    const columns& names() const noexcept;

private:
    friend class rows;

    value_view at(std::size_t position) const;
    std::string_view name_of(std::size_t position) const noexcept { return names()[position]; }
    void expect(std::size_t width) const;

    std::shared_ptr<const row_data> data_;
    std::size_t index_;
};

/// The rows of a result, in memory, in one piece.
///
///     for (const auto& row : co_await db.query("select id, name from users")) print(row.get<int>("id"));
class rows {
public:
    class iterator;

    explicit rows(std::shared_ptr<const row_data> data) noexcept : data_(std::move(data)) {}

    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }

    /// @throws std::out_of_range  there are not so many
    row operator[](std::size_t index) const;

    iterator begin() const noexcept;
    iterator end() const noexcept;
    const columns& names() const noexcept;

private:
    std::shared_ptr<const row_data> data_;
};

/// Goes through rows. What it points to is good until it moves on; copy the row to keep it.
class rows::iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = row;
    using difference_type = std::ptrdiff_t;
    using pointer = const row*;
    using reference = const row&;

    explicit iterator(row at) noexcept : at_(std::move(at)) {}

    const row& operator*() const noexcept { return at_; }
    const row* operator->() const noexcept { return &at_; }
    iterator& operator++() noexcept {
        ++at_.index_;
        return *this;
    }
    iterator operator++(int) {
        iterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const iterator& other) const noexcept { return at_.index_ == other.at_.index_; }

private:
    row at_;
};

/// Gathers the rows of a result: for those who connect another database engine.
///
/// Cells are added from left to right, row after row. Texts and bytes are copied, next to each other: a result of any
/// size is a handful of allocations.
class rows_builder {
public:
    explicit rows_builder(std::shared_ptr<const columns> names);
    rows_builder(rows_builder&&) noexcept = default;
    ~rows_builder();

    void add(value_view cell);

    /// What was gathered so far: whole rows, and the bytes that they take.
    std::size_t row_count() const noexcept;
    std::size_t byte_count() const noexcept;

    /// The rows. The builder is used up.
    rows finish() &&;

private:
    std::shared_ptr<row_data> data_;
};

}  // namespace torus::inline v0::sql
