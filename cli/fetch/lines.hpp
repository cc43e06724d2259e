// cli/fetch/lines.hpp: bytes as numbered lines, whatever bytes come and however they are cut.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace torus::inline v0::cli {

/// The longest line that is read as a request; what is longer becomes a row that says so. 1 MiB is a POST body of a
/// decent size, and a few thousand of them in the queue don't hurt.
inline constexpr std::size_t max_line_bytes = 1024 * 1024;

/// How much of a longer line is kept, so that its row can show which one it was.
inline constexpr std::size_t long_line_kept_bytes = 256;

/// One line of the input, without its end.
class line {
public:
    line(std::int64_t number, std::string content, std::uint64_t bytes)
        : id(number), text(std::move(content)), size(bytes) {}

    bool is_too_long() const noexcept { return size > max_line_bytes; }

    std::int64_t id;     // from 1, as editors count
    std::string text;    // the beginning of it, if it is too long
    std::uint64_t size;  // bytes that it had in the input
};

/// Cuts what arrives in pieces into lines. Holds at most one line.
///
///     splitter.feed(chunk);
///     while (auto next = splitter.next()) …
///     splitter.finish();  // and once more
///
/// A line ends with LF or CRLF; the last one may end with the input. An UTF-8 byte order mark in front of the first is
/// no part of it. An empty line is a line, but nothing after the last line end is none.
class line_splitter {
public:
    /// Gives it more input, which must stay until `next` returns nothing.
    void feed(std::string_view chunk) noexcept { rest_ = chunk; }

    /// There is no more input.
    void finish() noexcept { finished_ = true; }

    /// The next line that has ended; nothing if more input is needed.
    std::optional<line> next();

private:
    void keep(std::string_view part);
    std::optional<line> cut();

    std::string_view rest_;
    std::string begun_;        // of a line that hasn't ended, as much as is kept
    std::uint64_t size_ = 0;   // of that line so far
    std::int64_t lines_ = 0;
    bool finished_ = false;
};

/// Counts the lines that a splitter would cut, without keeping any.
class line_counter {
public:
    void feed(std::string_view chunk) noexcept;
    std::int64_t lines() const noexcept;

private:
    std::int64_t ended_ = 0;
    std::uint64_t size_ = 0;       // of everything
    std::uint64_t tail_size_ = 0;  // after the last line end
    std::array<char, 3> first_{};  // bytes, where a byte order mark would be
};

}  // namespace torus::inline v0::cli
