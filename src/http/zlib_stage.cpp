// src/http/zlib_stage.cpp: gzip, and the two things that are called deflate.
#include "http/content_decoder.hpp"

#include <algorithm>
#include <climits>
#include <new>

#include <zlib.h>

namespace torus::inline v0::http {
namespace {

// zlib's way to choose a format: the window's bits, plus 16 for gzip, negative for data without a wrapper.
constexpr int gzip_bits = MAX_WBITS + 16;
constexpr int zlib_bits = MAX_WBITS;
constexpr int raw_bits = -MAX_WBITS;

// One inflate of zlib's; C++ where it needs to be: it is initialised or it does not exist.
class inflater {
public:
    explicit inflater(int bits) {
        const int code = inflateInit2(&state_, bits);
        if (code != Z_OK) throw std::bad_alloc();  // the only error for constant arguments
    }
    ~inflater() { inflateEnd(&state_); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    // Whether the end of the data was reached.
    bool has_ended() const noexcept { return has_ended_; }

    void restart() noexcept {
        inflateReset(&state_);
        has_ended_ = false;
    }

    decoded inflate(std::span<const std::byte> input, std::span<std::byte> into) {
        // zlib wants a pointer that isn't const, and leaves the bytes alone; it counts in unsigned int.
        state_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
        state_.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), UINT_MAX));
        state_.next_out = reinterpret_cast<Bytef*>(into.data());
        state_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), UINT_MAX));
        const std::size_t had_in = state_.avail_in;
        const std::size_t had_out = state_.avail_out;
        const int code = ::inflate(&state_, Z_NO_FLUSH);
        has_ended_ = code == Z_STREAM_END;
        if (code == Z_MEM_ERROR) throw std::bad_alloc();
        const bool is_right = code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
        return {had_in - state_.avail_in, had_out - state_.avail_out,
                is_right ? decode_error::none : decode_error::corrupt};
    }

private:
    z_stream state_{};
    bool has_ended_ = false;
};

// Inflates until the input is used up, the room is full or the data ends.
decoded inflate_all(inflater& from, std::span<const std::byte> input, std::span<std::byte> into) {
    decoded all;
    while (!into.empty() && !from.has_ended()) {
        const decoded step = from.inflate(input, into);
        input = input.subspan(step.consumed);
        into = into.subspan(step.produced);
        all.consumed += step.consumed;
        all.produced += step.produced;
        all.error = step.error;
        if (all.error != decode_error::none || (step.consumed == 0 && step.produced == 0)) break;
    }
    return all;
}

// gzip: one member behind the other means their contents one behind the other (RFC 1952, section 2.2).
class gzip_stage final : public coding_stage {
public:
    decoded decode(std::span<const std::byte> input, std::span<std::byte> into) override {
        decoded all;
        for (;;) {
            if (from_.has_ended()) {
                if (all.consumed == input.size()) return all;
                if (input[all.consumed] != magic) return all.error = decode_error::trailing_garbage, all;
                from_.restart();
            }
            const decoded step = inflate_all(from_, input.subspan(all.consumed), into.subspan(all.produced));
            all.consumed += step.consumed;
            all.produced += step.produced;
            all.error = step.error;
            if (all.error != decode_error::none || !from_.has_ended()) return all;
        }
    }
    bool is_complete() const noexcept override { return from_.has_ended(); }

private:
    static constexpr std::byte magic{0x1f};
    inflater from_{gzip_bits};
};

// deflate: the standard means zlib's format, some servers send it without the wrapper. The first two bytes tell.
class deflate_stage final : public coding_stage {
public:
    decoded decode(std::span<const std::byte> input, std::span<std::byte> into) override {
        decoded all;
        while (seen_ < 2 && all.consumed < input.size()) start_[seen_++] = input[all.consumed++];
        if (seen_ < 2) return all;
        if (!from_) from_ = std::make_unique<inflater>(has_wrapper() ? zlib_bits : raw_bits);

        const std::span<const std::byte> held(start_ + fed_, static_cast<std::size_t>(2 - fed_));
        const decoded first = inflate_all(*from_, held, into);
        fed_ = static_cast<std::uint8_t>(fed_ + first.consumed);
        const decoded rest = first.error == decode_error::none && fed_ == 2
                                 ? inflate_all(*from_, input.subspan(all.consumed), into.subspan(first.produced))
                                 : decoded{};
        all = {all.consumed + rest.consumed, first.produced + rest.produced, first.error};
        if (all.error == decode_error::none) all.error = rest.error;
        if (all.error == decode_error::none && from_->has_ended() && (all.consumed < input.size() || fed_ < 2))
            all.error = decode_error::trailing_garbage;
        return all;
    }
    bool is_complete() const noexcept override { return from_ && from_->has_ended(); }

private:
    // RFC 1950, section 2.2: method 8, a window of at most 32 KiB, and a check.
    bool has_wrapper() const noexcept {
        const auto first = std::to_integer<unsigned>(start_[0]);
        const auto second = std::to_integer<unsigned>(start_[1]);
        return (first & 15) == 8 && first >> 4 <= 7 && (first << 8 | second) % 31 == 0;
    }

    std::unique_ptr<inflater> from_;
    std::byte start_[2] = {};
    std::uint8_t seen_ = 0;
    std::uint8_t fed_ = 0;  // how many of `start_` the inflater has
};

}  // namespace

std::unique_ptr<coding_stage> make_gzip_stage() { return std::make_unique<gzip_stage>(); }
std::unique_ptr<coding_stage> make_deflate_stage() { return std::make_unique<deflate_stage>(); }

}  // namespace torus::inline v0::http
