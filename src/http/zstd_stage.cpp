// src/http/zstd_stage.cpp: zstd (RFC 8878).
#include "http/content_decoder.hpp"

#include <array>
#include <cstdint>
#include <new>

#include <zstd.h>
#include <zstd_errors.h>

namespace torus::inline v0::http {
namespace {

// RFC 9659: what is sent as a content coding has a window of at most 8 MiB, so that a recipient can bound its memory.
constexpr int max_window_log = 23;

struct context_deleter {
    void operator()(ZSTD_DCtx* state) const noexcept { ZSTD_freeDCtx(state); }
};

// The first bytes of a frame of RFC 8878, and of one to be skipped, whose first byte is 0x50 to 0x5f.
constexpr std::array<std::uint8_t, 4> frame_magic = {0x28, 0xb5, 0x2f, 0xfd};
constexpr std::array<std::uint8_t, 4> skipped_magic = {0x50, 0x2a, 0x4d, 0x18};

// Frames one behind the other are one body.
//
// We look at the beginning of each ourselves: libzstd may be built to take its formats from before the standard too, by
// old code that knows no limit for the window and wants to see the whole beginning at once.
class zstd_stage final : public coding_stage {
public:
    zstd_stage() : state_(ZSTD_createDCtx()) {
        if (!state_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, max_window_log);
    }

    decoded decode(std::span<const std::byte> input, std::span<std::byte> into) override {
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        for (;;) {
            if (is_at_start_) {
                if (!take_magic(input, in.pos)) return {in.pos, out.pos, wrong_magic()};
                if (seen_ < start_.size()) return {in.pos, out.pos};
                ZSTD_inBuffer start{start_.data(), start_.size(), 0};
                if (const auto error = run(start, out); error != decode_error::none) return {in.pos, out.pos, error};
            }
            const std::size_t before = in.pos + out.pos;
            if (const auto error = run(in, out); error != decode_error::none) return {in.pos, out.pos, error};
            if (!is_at_start_ && in.pos + out.pos == before) return {in.pos, out.pos};
        }
    }
    bool is_complete() const noexcept override { return has_frame_ && is_at_start_ && seen_ == 0; }

private:
    // False as soon as what has come begins no frame.
    bool take_magic(std::span<const std::byte> input, std::size_t& at) noexcept {
        while (seen_ < start_.size() && at < input.size()) {
            const auto byte = std::to_integer<std::uint8_t>(input[at]);
            const bool of_frame = byte == frame_magic[seen_];
            const bool of_skipped = (seen_ == 0 ? byte & 0xf0 : byte) == skipped_magic[seen_];
            is_frame_ = (seen_ == 0 || is_frame_) && of_frame;
            is_skipped_ = (seen_ == 0 || is_skipped_) && of_skipped;
            if (!is_frame_ && !is_skipped_) return false;
            start_[seen_++] = byte;
            ++at;
        }
        return true;
    }

    // Behind a frame, what isn't another one is not damaged, it doesn't belong there.
    decode_error wrong_magic() const noexcept {
        return has_frame_ ? decode_error::trailing_garbage : decode_error::corrupt;
    }

    decode_error run(ZSTD_inBuffer& in, ZSTD_outBuffer& out) {
        is_at_start_ = false;
        const std::size_t code = ZSTD_decompressStream(state_.get(), &out, &in);
        if (ZSTD_isError(code)) {
            if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
            return decode_error::corrupt;
        }
        if (code == 0) {
            is_at_start_ = true;
            has_frame_ = true;
            seen_ = 0;
        }
        return decode_error::none;
    }

    std::unique_ptr<ZSTD_DCtx, context_deleter> state_;
    std::array<std::uint8_t, 4> start_{};
    std::uint8_t seen_ = 0;  // how many bytes of `start_` there are
    bool is_frame_ = false;  // what they could begin
    bool is_skipped_ = false;
    bool is_at_start_ = true;  // no byte of the frame has gone to libzstd
    bool has_frame_ = false;  // one is complete
};

}  // namespace

std::unique_ptr<coding_stage> make_zstd_stage() { return std::make_unique<zstd_stage>(); }

}  // namespace torus::inline v0::http
