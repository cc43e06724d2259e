// src/http/head_text.hpp: a parser's way into `headers`: bytes as they came, and the fields found in them.
#pragma once

#include "torus/http/headers.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// Lets a head be collected in the very block that will hold its fields: one copy, from the connection's buffer, and
/// no allocation at all once the block has grown to the size of this connection's usual heads.
class head_text {
public:
    explicit head_text(headers& of) noexcept : of_(of) {}

    void clear() noexcept { of_.clear(); }
    void append(std::string_view bytes) { of_.text_.append(bytes); }
    std::string_view text() const noexcept { return of_.text_; }

    void expect_fields(std::size_t count) { of_.entries_.reserve(count); }

    /// Names a field in the text; both parts must lie in it, and be valid.
    void add(std::string_view name, std::string_view value) {
        of_.entries_.push_back({place_of(name), size_of(name), place_of(value), size_of(value)});
    }

private:
    std::uint32_t place_of(std::string_view part) const noexcept {
        return static_cast<std::uint32_t>(part.data() - of_.text_.data());
    }
    static std::uint32_t size_of(std::string_view part) noexcept { return static_cast<std::uint32_t>(part.size()); }

    headers& of_;
};

}  // namespace torus::inline v0::http
