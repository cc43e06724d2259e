// torus/sql/parameters.hpp: the values that stand in for the question marks of a statement.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/sql/value.hpp>

namespace torus::inline v0::sql {

/// Parameters as a list that owns its values: for statements whose number of parameters is known only at run time, and
/// for rows that wait to be inserted.
///
///     sql::parameters who("Ada", 36, std::nullopt);
///     who.add(true);
class parameters {
public:
    parameters() noexcept = default;
    template <class... T>
        requires(std::constructible_from<value, T &&> && ...) &&
                (sizeof...(T) != 1 || (!std::same_as<std::remove_cvref_t<T>, parameters> && ...))
    explicit parameters(T&&... values) {
        values_.reserve(sizeof...(T));
        (values_.emplace_back(std::forward<T>(values)), ...);
    }

    parameters& add(value next) & {
        values_.push_back(std::move(next));
        return *this;
    }

    std::size_t size() const noexcept { return values_.size(); }
    auto begin() const noexcept { return values_.begin(); }
    auto end() const noexcept { return values_.end(); }
    const value& operator[](std::size_t position) const noexcept { return values_[position]; }

private:
    std::vector<value> values_;
};

/// The arguments of one call, where the caller has them: a few views, in place.
///
/// What it looks at must stay until the call has ended; awaited where it is made, everything does.
class arguments {
public:
    template <class... T>
        requires(std::constructible_from<value_view, const T&> && ...)
    explicit arguments(const T&... values) {
        if constexpr (sizeof...(T) > in_place) many_.reserve(sizeof...(T));
        (add(value_view(values)), ...);
    }
    explicit arguments(const parameters& list) : many_(list.begin(), list.end()), size_(list.size()) {}

    std::span<const value_view> views() const noexcept {
        return many_.empty() ? std::span(few_).first(size_) : std::span(many_);
    }

private:
    static constexpr std::size_t in_place = 8;  // more than most statements have

    void add(value_view next) {
        if (many_.capacity() > 0) many_.push_back(next);
        else few_[size_] = next;
        ++size_;
    }

    std::array<value_view, in_place> few_;
    std::vector<value_view> many_;
    std::size_t size_ = 0;
};

/// The parameters of one statement for many rows: a view of the caller's rows, which stay where they are.
///
/// The rows may be any range of tuples, of `parameters`, or of ranges of values, kept in memory:
///
///     std::vector<std::tuple<int, std::string>> users = …;
///     co_await db.execute_many("insert into users values (?, ?)", users);
class parameter_rows {
public:
    /// @throws type_error  the rows are not all of the same length, or hold a number that no database has
    template <class Range>
        requires requires(const Range& range) {
            std::begin(range);
            std::end(range);
        }
    parameter_rows(const Range& range) {
        static_assert(std::is_lvalue_reference_v<decltype(*std::begin(range))>,
                      "the rows must stay in memory: this range makes them as it goes");
        for (const auto& row : range) {
            if constexpr (requires { row.begin(); }) {
                for (const auto& cell : row) cells_.push_back(cell);
            } else {
                std::apply([this](const auto&... cell) { (cells_.push_back(cell), ...); }, row);
            }
            end_row();
        }
    }

    std::size_t size() const noexcept { return size_; }
    std::span<const value_view> operator[](std::size_t row) const noexcept {
        return std::span(cells_).subspan(row * width_, width_);
    }

private:
    void end_row();

    std::vector<value_view> cells_;
    std::size_t width_ = 0;
    std::size_t size_ = 0;
};

}  // namespace torus::inline v0::sql
