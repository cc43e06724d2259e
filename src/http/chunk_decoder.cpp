// src/http/chunk_decoder.cpp: sizes, extensions, data.
#include "http/chunk_decoder.hpp"

#include "http/grammar.hpp"
#include "torus/http/token.hpp"

#include <algorithm>

namespace torus::inline v0::http {
namespace {

// As many as 64 bits need. More can only be zeros in front, which would be a way to send for ever and say nothing.
constexpr std::uint8_t max_digits = 16;

}  // namespace

parse_error chunk_decoder::take_size(char c) noexcept {
    if (const int digit = hex_value(c); digit >= 0) {
        if (digits_ == max_digits || left_ > (INT64_MAX >> 4)) return parse_error::chunk_size_overflow;
        left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
        ++digits_;
        return parse_error::none;
    }
    if (digits_ == 0) return parse_error::bad_chunk_size;
    if (c == '\r') {
        place_ = place::size_line_end;
    } else if (c == ';') {
        place_ = place::extension;
    } else if (is_blank(c)) {
        place_ = place::blank_behind_size;
    } else {
        return c == '\n' ? parse_error::bare_lf : parse_error::bad_chunk_size;
    }
    return parse_error::none;
}

// What an extension says does not matter to us (section 7.1.1), so its grammar doesn't either, as long as it can't be
// mistaken for something else: it has no control characters, and therefore no line end.
parse_error chunk_decoder::take_extension(char c, std::uint32_t extension_bytes) noexcept {
    if (c == '\r') {
        place_ = place::size_line_end;
        return parse_error::none;
    }
    if (c == '\n') return parse_error::bare_lf;
    if (is_control(c)) return parse_error::bad_chunk_extension;
    return ++extension_bytes_ > extension_bytes ? parse_error::chunk_extensions_too_long : parse_error::none;
}

parse_error chunk_decoder::take(char c, std::uint32_t extension_bytes) noexcept {
    switch (place_) {
    case place::size: return take_size(c);
    case place::blank_behind_size:
        if (c == ';') place_ = place::extension;
        else if (!is_blank(c)) return parse_error::bad_chunk_size;
        return ++extension_bytes_ > extension_bytes ? parse_error::chunk_extensions_too_long : parse_error::none;
    case place::extension: return take_extension(c, extension_bytes);
    case place::size_line_end:
        if (c != '\n') return parse_error::bare_cr;
        digits_ = 0;
        place_ = place::data;
        return parse_error::none;
    case place::data_end:
        if (c != '\r') return c == '\n' ? parse_error::bare_lf : parse_error::bad_chunk_end;
        place_ = place::data_line_end;
        return parse_error::none;
    case place::data_line_end:
        if (c != '\n') return parse_error::bare_cr;
        place_ = place::size;
        return parse_error::none;
    case place::data: break;
    }
    return parse_error::unrecognised;
}

chunk_decoder::result chunk_decoder::decode(std::string_view input, std::uint32_t extension_bytes) noexcept {
    for (std::size_t at = 0; at < input.size();) {
        if (place_ != place::data) {
            const parse_error error = take(input[at], extension_bytes);
            if (error != parse_error::none) return {progress::failed, at, {}, error};
            ++at;
            if (place_ == place::data && left_ == 0) return {progress::last_chunk, at};
        } else {
            const std::string_view data = input.substr(at, std::min<std::uint64_t>(left_, input.size() - at));
            left_ -= data.size();
            if (left_ == 0) place_ = place::data_end;
            return {progress::data, at + data.size(), data};
        }
    }
    return {progress::need_input, input.size()};
}

}  // namespace torus::inline v0::http
