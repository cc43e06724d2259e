// torus/core/print.hpp: a line on standard output, without <iostream>.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace torus::inline v0 {

/// What can say in words what it is: an address, say.
template <class Value>
concept has_text = !std::convertible_to<const Value&, std::string_view> && requires(const Value& v) {
    { v.text() } -> std::same_as<std::string>;
};

/// What `print` can write: text, a number, a truth value, what has a `text()`. It refers to text, for the length of the
/// call.
class printable {
public:
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    printable(const Text& text) noexcept : text_(text) {}
    template <std::integral Number> printable(Number number) noexcept {
        if constexpr (std::is_same_v<Number, bool>) text_ = number ? "true" : "false";
        else if constexpr (std::is_same_v<Number, char>) text_ = {&(digits_[0] = number), 1};
        else if constexpr (std::is_signed_v<Number>) write(static_cast<long long>(number));
        else write(static_cast<unsigned long long>(number));
    }
    template <has_text Value> printable(const Value& value) : own_(value.text()), text_(own_) {}
    printable(double number) noexcept;
    printable(float number) noexcept;
    printable(const printable&) = delete;
    printable& operator=(const printable&) = delete;

    std::string_view text() const noexcept { return text_; }

private:
    void write(long long number) noexcept;
    void write(unsigned long long number) noexcept;

    char digits_[32];  // what the longest number needs: a double, shortest form, takes 24
    std::string own_;
    std::string_view text_;
};

/// Writes a line to standard output in one piece.
///
///     print("consumer ", id, " did ", *item);
///
/// Numbers are written in the shortest form that reads back as the same number. Writing is buffered as stdio does it;
/// an error shows where the program checks for one: ferror(stdout).
///
/// @source print in Python
template <class... Parts>
    requires(std::constructible_from<printable, const Parts&> && ...)
void print(const Parts&... parts);

/// The part of `print` that does not depend on the types.
void print_line(const printable* const* parts, std::size_t count) noexcept;

// ------------------------------------------------------------------------------------------------------------------

template <class... Parts>
    requires(std::constructible_from<printable, const Parts&> && ...)
void print(const Parts&... parts) {
    const auto line = [](const auto&... part) {
        const printable* const each[] = {&part..., nullptr};
        print_line(each, sizeof...(part));
    };
    line(printable(parts)...);
}

}  // namespace torus::inline v0
