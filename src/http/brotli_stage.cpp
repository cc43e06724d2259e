// src/http/brotli_stage.cpp: br (RFC 7932).
#include "http/content_decoder.hpp"

#include <new>

#include <brotli/decode.h>

namespace torus::inline v0::http {
namespace {

struct destroy {
    void operator()(BrotliDecoderState* state) const noexcept { BrotliDecoderDestroyInstance(state); }
};

class brotli_stage final : public coding_stage {
public:
    brotli_stage() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (!state_) throw std::bad_alloc();
    }

    decoded decode(std::span<const std::byte> input, std::span<std::byte> into) override {
        if (is_complete()) return {0, 0, input.empty() ? decode_error::none : decode_error::trailing_garbage};
        std::size_t in_left = input.size();
        std::size_t out_left = into.size();
        const auto* in = reinterpret_cast<const std::uint8_t*>(input.data());
        auto* out = reinterpret_cast<std::uint8_t*>(into.data());
        const auto result = BrotliDecoderDecompressStream(state_.get(), &in_left, &in, &out_left, &out, nullptr);
        decoded step{input.size() - in_left, into.size() - out_left};
        if (result == BROTLI_DECODER_RESULT_ERROR) step.error = error();
        else if (is_complete() && in_left > 0) step.error = decode_error::trailing_garbage;
        return step;
    }
    bool is_complete() const noexcept override { return BrotliDecoderIsFinished(state_.get()) != BROTLI_FALSE; }

private:
    decode_error error() const {
        const int code = BrotliDecoderGetErrorCode(state_.get());
        const bool out_of_memory =
            code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
        if (out_of_memory) throw std::bad_alloc();
        return decode_error::corrupt;
    }

    std::unique_ptr<BrotliDecoderState, destroy> state_;
};

}  // namespace

std::unique_ptr<coding_stage> make_brotli_stage() { return std::make_unique<brotli_stage>(); }

}  // namespace torus::inline v0::http
