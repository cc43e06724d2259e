// src/http/chunk_decoder.hpp: a body in chunks (RFC 9112, section 7.1), up to its trailers.
#pragma once

#include "http/parse_error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace torus::inline v0::http {

/// Finds the data in a chunked body, piece by piece, without copying it.
///
/// A size has at most 16 digits and is below 2^63; extensions are skipped, up to a limit in all; white space stands
/// only where the RFC has it, before the semicolon of an extension; lines end in CR LF and nothing else.
class chunk_decoder {
public:
    enum class progress : std::uint8_t {
        need_input,  // all input is consumed and the body goes on
        data,        // `data` is the next piece of the body
        last_chunk,  // the data has ended, trailers follow
        failed,
    };
    struct result {
        progress what;
        std::size_t consumed;
        std::string_view data = {};
        parse_error error = parse_error::none;
    };

    /// Takes the next bytes, at most up to the end of one piece of data.
    ///
    /// @param extension_bytes  how many bytes of extensions the whole body may have
    result decode(std::string_view input, std::uint32_t extension_bytes) noexcept;

private:
    enum class place : std::uint8_t {
        size,
        blank_behind_size,
        extension,
        size_line_end,  // the CR was there
        data,
        data_end,
        data_line_end,  // the CR was there
    };

    parse_error take(char c, std::uint32_t extension_bytes) noexcept;
    parse_error take_size(char c) noexcept;
    parse_error take_extension(char c, std::uint32_t extension_bytes) noexcept;

    std::uint64_t left_ = 0;  // of the chunk's data; while the size is read, what it is so far
    std::uint32_t extension_bytes_ = 0;
    std::uint8_t digits_ = 0;
    place place_ = place::size;
};

}  // namespace torus::inline v0::http
