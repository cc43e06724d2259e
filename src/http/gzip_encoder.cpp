// src/http/gzip_encoder.cpp: zlib's deflate, in gzip's wrapper.
#include "http/gzip_encoder.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <new>

#include <zlib.h>

namespace torus::inline v0::http {
namespace {

constexpr int gzip_window_bits = MAX_WBITS + 16;
constexpr int memory_level = 8;  // zlib's default: 256 KiB in all

// Compressed bytes pass through this on their way; on the stack, so not too large.
constexpr std::size_t passing_bytes = 4 * 1024;

}  // namespace

struct gzip_encoder::state {
    state() {
        const int code = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, memory_level,
                                      Z_DEFAULT_STRATEGY);
        if (code != Z_OK) throw std::bad_alloc();  // the only error for constant arguments
    }
    ~state() { deflateEnd(&stream); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    z_stream stream{};
};

gzip_encoder::gzip_encoder() : state_(std::make_unique<state>()) {}
gzip_encoder::~gzip_encoder() = default;
gzip_encoder::gzip_encoder(gzip_encoder&&) noexcept = default;
gzip_encoder& gzip_encoder::operator=(gzip_encoder&&) noexcept = default;

void gzip_encoder::append(std::string& out, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min<std::size_t>(bytes.size(), UINT_MAX));
        run(out, piece, Z_NO_FLUSH);
        bytes = bytes.subspan(piece.size());
    }
}

void gzip_encoder::flush(std::string& out) { run(out, {}, Z_SYNC_FLUSH); }

void gzip_encoder::finish(std::string& out) { run(out, {}, Z_FINISH); }

void gzip_encoder::run(std::string& out, std::span<const std::byte> bytes, int mode) {
    z_stream& stream = state_->stream;
    std::array<Bytef, passing_bytes> passing;
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    do {
        stream.next_out = passing.data();
        stream.avail_out = static_cast<uInt>(passing.size());
        deflate(&stream, mode);  // can't fail: the state is consistent, and Z_BUF_ERROR only says that nothing was left
        out.append(reinterpret_cast<const char*>(passing.data()), passing.size() - stream.avail_out);
    } while (stream.avail_out == 0);
}

}  // namespace torus::inline v0::http
