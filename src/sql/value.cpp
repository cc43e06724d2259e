// src/sql/value.cpp: what a value is, and what it is not.
#include <torus/sql/value.hpp>

#include <cmath>
#include <cstring>

#include <torus/sql/error.hpp>

namespace torus::inline v0::sql {

namespace {

std::string subject(std::string_view column) {
    return column.empty() ? "the value" : "column \"" + std::string(column) + '"';
}

[[noreturn]] void throw_mismatch(type is, type wanted, std::string_view column) {
    std::string what =
        subject(column) + " is " + std::string(to_string(is)) + ", not " + std::string(to_string(wanted));
    if (is == type::null) what += " (ask for a std::optional)";
    throw type_error(error_kind::mismatch, 0, what);
}

}  // namespace

std::string_view to_string(type t) noexcept {
    switch (t) {
    case type::null: return "null";
    case type::integer: return "an integer";
    case type::real: return "a real number";
    case type::text: return "a text";
    case type::blob: return "a blob";
    }
    return "unknown";
}

void value_view::throw_too_large(std::uint64_t number) {
    throw type_error(error_kind::out_of_range, 0,
                     std::to_string(number) + " is beyond a database's integers, which end at 9223372036854775807");
}

std::int64_t value_view::integer_between(std::int64_t lowest, std::int64_t highest, std::string_view column) const {
    if (type_ != type::integer) throw_mismatch(type_, type::integer, column);
    if (integer_ < lowest || integer_ > highest)
        throw type_error(error_kind::out_of_range, 0,
                         subject(column) + " is " + std::to_string(integer_) + ", not between " +
                             std::to_string(lowest) + " and " + std::to_string(highest));
    return integer_;
}

double value_view::real_up_to(double largest, std::string_view column) const {
    double number = real_;
    if (type_ == type::integer) {
        // Up to here every integer is a double of its own, and beyond it two of them share one.
        constexpr std::int64_t exact = std::int64_t{1} << std::numeric_limits<double>::digits;
        if (integer_ < -exact || integer_ > exact)
            throw type_error(error_kind::out_of_range, 0,
                             subject(column) + " is " + std::to_string(integer_) +
                                 ", which a floating-point number does not hold exactly");
        number = static_cast<double>(integer_);
    } else if (type_ != type::real) {
        throw_mismatch(type_, type::real, column);
    }
    if (std::isfinite(number) && std::abs(number) > largest)
        throw type_error(error_kind::out_of_range, 0,
                         subject(column) + " is " + std::to_string(number) + ", beyond " + std::to_string(largest));
    return number;
}

std::string_view value_view::text(std::string_view column) const {
    if (type_ != type::text) throw_mismatch(type_, type::text, column);
    return {text_, size_};
}

std::span<const std::byte> value_view::blob(std::string_view column) const {
    if (type_ != type::blob) throw_mismatch(type_, type::blob, column);
    return {blob_, size_};
}

bool operator==(const value_view& a, const value_view& b) noexcept {
    if (a.type_ != b.type_) return false;
    switch (a.type_) {
    case type::null: return true;
    case type::integer: return a.integer_ == b.integer_;
    case type::real: return a.real_ == b.real_;
    case type::text: return std::string_view(a.text_, a.size_) == std::string_view(b.text_, b.size_);
    case type::blob: return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.blob_, b.blob_, a.size_) == 0);
    }
    return false;
}

value::value(value_view copied) {
    switch (copied.type()) {
    case type::null: break;
    case type::integer: held_ = copied.get<std::int64_t>(); break;
    case type::real: held_ = copied.get<double>(); break;
    case type::text: held_ = copied.get<std::string>(); break;
    case type::blob: held_ = copied.get<std::vector<std::byte>>(); break;
    }
}

value_view value::view() const noexcept {
    switch (type()) {
    case type::null: break;
    case type::integer: return *std::get_if<std::int64_t>(&held_);
    case type::real: return *std::get_if<double>(&held_);
    case type::text: return *std::get_if<std::string>(&held_);
    case type::blob: return *std::get_if<std::vector<std::byte>>(&held_);
    }
    return {};
}

}  // namespace torus::inline v0::sql
