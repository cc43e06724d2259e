// src/http/zstd_stage.cpp: zstd (RFC 8878).
#include "http/content_decoder.hpp"

#include <new>

#include <zstd.h>
#include <zstd_errors.h>

namespace torus::inline v0::http {
namespace {

// RFC 9659: what is sent as a content coding has a window of at most 8 MiB, so that a recipient can bound its memory.
constexpr int max_window_log = 23;

struct destroy {
    void operator()(ZSTD_DCtx* state) const noexcept { ZSTD_freeDCtx(state); }
};

// Frames one behind the other are one body.
class zstd_stage final : public coding_stage {
public:
    zstd_stage() : state_(ZSTD_createDCtx()) {
        if (!state_) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, max_window_log);
    }

    decoded decode(std::span<const std::byte> input, std::span<std::byte> into) override {
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        while (in.pos < in.size || (!is_complete_ && out.pos < out.size)) {
            const std::size_t had_in = in.pos;
            const std::size_t had_out = out.pos;
            const std::size_t code = ZSTD_decompressStream(state_.get(), &out, &in);
            if (ZSTD_isError(code)) return {in.pos, out.pos, error(code)};
            is_complete_ = code == 0;
            has_frame_ = has_frame_ || is_complete_;
            if (in.pos == had_in && out.pos == had_out) break;
        }
        return {in.pos, out.pos};
    }
    bool is_complete() const noexcept override { return is_complete_; }

private:
    decode_error error(std::size_t code) const {
        const ZSTD_ErrorCode what = ZSTD_getErrorCode(code);
        if (what == ZSTD_error_memory_allocation) throw std::bad_alloc();
        // Behind a frame, what isn't another one is not damaged, it doesn't belong there.
        return what == ZSTD_error_prefix_unknown && has_frame_ ? decode_error::trailing_garbage : decode_error::corrupt;
    }

    std::unique_ptr<ZSTD_DCtx, destroy> state_;
    bool is_complete_ = false;  // at the end of a frame
    bool has_frame_ = false;
};

}  // namespace

std::unique_ptr<coding_stage> make_zstd_stage() { return std::make_unique<zstd_stage>(); }

}  // namespace torus::inline v0::http
