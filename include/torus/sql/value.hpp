// torus/sql/value.hpp: one cell of a database: null, a whole number, a real one, a text, or bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace torus::inline v0::sql {

enum class type : std::uint8_t { null, integer, real, text, blob };

/// The type as in an error message: "an integer", "a text".
std::string_view to_string(type t) noexcept;

/// Every built-in integer but `bool` and the character types.
template <class T>
concept whole_number =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;

class value;

/// A value that lives elsewhere: an argument of a statement, or a cell of a row. It is small, and copied freely.
///
/// Whatever has an obvious counterpart converts to it: numbers, `bool` (as 0 and 1), texts, bytes, `std::nullopt` and
/// `nullptr` (null), `std::optional` of all these. It looks at a text or at bytes where they are, and must not be used
/// after they are gone.
class value_view {
public:
    constexpr value_view() noexcept : integer_(0) {}
    constexpr value_view(std::nullptr_t) noexcept : value_view() {}
    constexpr value_view(std::nullopt_t) noexcept : value_view() {}
    constexpr value_view(std::same_as<bool> auto truth) noexcept : type_(type::integer), integer_(truth ? 1 : 0) {}

    /// @throws type_error  above 2^63 - 1, which databases have no integers for
    template <whole_number T>
    constexpr value_view(T number) : type_(type::integer), integer_(static_cast<std::int64_t>(number)) {
        if constexpr (std::is_unsigned_v<T> && sizeof(T) == sizeof(std::int64_t)) {
            if (integer_ < 0) throw_too_large(number);
        }
    }
    template <std::floating_point T>
    constexpr value_view(T number) noexcept : type_(type::real), real_(static_cast<double>(number)) {}

    constexpr value_view(std::string_view text) noexcept : type_(type::text), size_(text.size()), text_(text.data()) {}
    /// A null pointer is null.
    constexpr value_view(const char* text) : value_view(text ? value_view(std::string_view(text)) : value_view()) {}
    value_view(const std::string& text) noexcept : value_view(std::string_view(text)) {}

    constexpr value_view(std::span<const std::byte> blob) noexcept
        : type_(type::blob), size_(blob.size()), blob_(blob.data()) {}
    template <class T>
        requires std::convertible_to<const T&, std::span<const std::byte>>
    constexpr value_view(const T& blob) noexcept : value_view(std::span<const std::byte>(blob)) {}

    template <std::same_as<value> T> value_view(const T& owner) noexcept : value_view(owner.view()) {}

    template <class T>
        requires std::convertible_to<const T&, value_view>
    constexpr value_view(const std::optional<T>& maybe) : value_view(maybe ? value_view(*maybe) : value_view()) {}

    constexpr sql::type type() const noexcept { return type_; }
    constexpr bool is_null() const noexcept { return type_ == type::null; }

    /// The value as a T, if that is what it is. Nothing is converted but what loses nothing:
    ///
    ///   a whole number   an integer within T's range          bool     0 or 1
    ///   double, float    a real, rounded to T's precision; an integer that a double holds exactly
    ///   std::string, std::string_view   a text                std::vector<std::byte>, std::span<const std::byte>   bytes
    ///   std::optional<T> null, or a T                         value, value_view   anything
    ///
    /// A `string_view` or `span` is good as long as what this view looks at.
    ///
    /// @param  column  named in the error
    /// @throws type_error  it is something else, null included, or out of range
    template <class T> T get(std::string_view column = {}) const;

    /// The same type and the same content; null equals null here.
    friend bool operator==(const value_view& a, const value_view& b) noexcept;

private:
    [[noreturn]] static void throw_too_large(std::uint64_t number);
    std::int64_t integer_between(std::int64_t lowest, std::int64_t highest, std::string_view column) const;
    double real_up_to(double largest, std::string_view column) const;
    std::string_view text(std::string_view column) const;
    std::span<const std::byte> blob(std::string_view column) const;

    sql::type type_ = type::null;
    std::size_t size_ = 0;
    union {
        std::int64_t integer_;
        double real_;
        const char* text_;
        const std::byte* blob_;
    };
};

/// A value that owns what it holds: for parameters and cells that must outlive where they came from.
class value {
public:
    value() noexcept = default;  // null
    value(value_view copied);
    value(std::string text) noexcept : held_(std::move(text)) {}
    value(std::vector<std::byte> blob) noexcept : held_(std::move(blob)) {}

    /// A copy of anything that a `value_view` may look at.
    template <class T>
        requires(!std::same_as<T, value> && !std::same_as<T, value_view>) && std::convertible_to<const T&, value_view>
    value(const T& copied) : value(value_view(copied)) {}

    sql::type type() const noexcept { return static_cast<sql::type>(held_.index()); }
    bool is_null() const noexcept { return type() == type::null; }
    value_view view() const noexcept;

    /// As `value_view::get`; a `string_view` or `span` is good as long as this value.
    template <class T> T get() const { return view().template get<T>(); }

    friend bool operator==(const value& a, const value& b) noexcept { return a.view() == b.view(); }

private:
    // In the order of sql::type.
    std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::byte>> held_;
};

// ---------------------------------------------------------------------------------------------------------------------

template <class T> T value_view::get(std::string_view column) const {
    if constexpr (is_optional<T>) {
        if (is_null()) return std::nullopt;
        return get<typename T::value_type>(column);
    } else if constexpr (std::same_as<T, value_view> || std::same_as<T, value>) {
        return T(*this);
    } else if constexpr (std::same_as<T, bool>) {
        return integer_between(0, 1, column) != 0;
    } else if constexpr (whole_number<T>) {
        constexpr auto signed_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
        return static_cast<T>(integer_between(static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                              static_cast<std::int64_t>(most < signed_most ? most : signed_most),
                                              column));
    } else if constexpr (std::floating_point<T>) {
        constexpr bool narrower = std::numeric_limits<T>::max_exponent < std::numeric_limits<double>::max_exponent;
        return static_cast<T>(real_up_to(
            static_cast<double>(narrower ? std::numeric_limits<T>::max() : std::numeric_limits<T>::infinity()),
            column));
    } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
        return T(text(column));
    } else if constexpr (std::same_as<T, std::span<const std::byte>>) {
        return blob(column);
    } else {
        static_assert(std::same_as<T, std::vector<std::byte>>, "no cell of a database is a T");
        const std::span<const std::byte> bytes = blob(column);
        return T(bytes.begin(), bytes.end());
    }
}

}  // namespace torus::inline v0::sql
