// src/http/content_decoder.hpp: what a body is when its content codings are undone.
#pragma once

#include "torus/http/coding.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace torus::inline v0::http {

enum class decode_error : std::uint8_t {
    none,
    unsupported_coding,  // one that torus does not know
    too_many_codings,    // more than max_content_codings on top of each other
    corrupt,             // not what the coding promises, a wrong checksum, a window beyond what is allowed
    truncated,           // the body ended before the coding's own end
    trailing_garbage,    // the body goes on behind the coding's own end
};

/// The error in words: "the compressed body is damaged".
std::string_view to_string(decode_error error) noexcept;

/// How far a step came.
struct decoded {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    decode_error error = decode_error::none;
};

/// Undoes one coding. The derived classes are in the files of their libraries.
class coding_stage {
public:
    virtual ~coding_stage() = default;

    /// Goes on until the input is used up and nothing is held back, or `into` is full.
    virtual decoded decode(std::span<const std::byte> input, std::span<std::byte> into) = 0;

    /// Whether the coded data could end here.
    virtual bool is_complete() const noexcept = 0;
};

std::unique_ptr<coding_stage> make_gzip_stage();
std::unique_ptr<coding_stage> make_deflate_stage();
std::unique_ptr<coding_stage> make_brotli_stage();
std::unique_ptr<coding_stage> make_zstd_stage();

/// Decodes a body as its field Content-Encoding says, a piece at a time.
///
/// It never writes more than it is given room for, so whoever calls it decides, piece by piece, how much a small body
/// may become: stop, and no more is unpacked. Its own memory is bounded by the codings' windows: 32 KiB for gzip and
/// deflate, 16 MiB for br, 8 MiB for zstd.
///
///     content_decoder decoder;
///     if (decoder.open(response.headers.get("content-encoding", "")) != decode_error::none) …
///     for each piece of the body: do { step = decoder.decode(piece, room); … } while (step.produced == room.size());
///     at the end: decoder.finish()
class content_decoder {
public:
    /// Prepares for a body coded that way; "" and "identity" are none. All members of the list must be known.
    decode_error open(std::string_view content_encoding);

    /// Whether there is anything to undo; otherwise the body is what it is, and `decode` would only copy it.
    bool is_needed() const noexcept { return !stages_.empty(); }

    /// Takes from `input`, writes to `into`. Less than all of `input` is consumed only if `into` is full or there is an
    /// error; if `into` is full there may be more, for which the rest of the input, maybe none, is to be passed again.
    ///
    /// @throws std::bad_alloc
    decoded decode(std::span<const std::byte> input, std::span<std::byte> into);

    /// What to say about the body if this was all of it. An empty body is fine in any coding.
    decode_error finish() const noexcept;

private:
    decoded decode_two(std::span<const std::byte> input, std::span<std::byte> into);

    std::vector<std::unique_ptr<coding_stage>> stages_;  // the outermost first
    std::unique_ptr<std::byte[]> between_;  // what the first stage made and the second has not taken yet
    std::size_t between_at_ = 0;
    std::size_t between_size_ = 0;
    bool has_begun_ = false;
};

}  // namespace torus::inline v0::http
