// src/core/print.cpp: numbers as text, and a line in one piece.
#include <torus/core/print.hpp>

#include <charconv>
#include <cstdio>

namespace torus::inline v0 {

namespace {

template <class Number> std::string_view digits_of(Number number, char* begin, std::size_t size) noexcept {
    const char* const end = std::to_chars(begin, begin + size, number).ptr;
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

printable::printable(double number) noexcept : text_(digits_of(number, digits_, sizeof digits_)) {}

printable::printable(float number) noexcept : text_(digits_of(number, digits_, sizeof digits_)) {}

void printable::write(long long number) noexcept { text_ = digits_of(number, digits_, sizeof digits_); }

void printable::write(unsigned long long number) noexcept { text_ = digits_of(number, digits_, sizeof digits_); }

void print_line(const printable* const* parts, std::size_t count) noexcept {
    ::flockfile(stdout);  // so that lines of several threads don't mix
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view text = parts[i]->text();
        ::fwrite_unlocked(text.data(), 1, text.size(), stdout);
    }
    ::putc_unlocked('\n', stdout);
    ::funlockfile(stdout);
}

}  // namespace torus::inline v0
