// src/http/content_decoder.cpp: codings on top of each other.
#include "http/content_decoder.hpp"

#include "http/grammar.hpp"
#include "torus/http/limits.hpp"

#include <algorithm>
#include <cstring>

namespace torus::inline v0::http {
namespace {

// Between two stages: a page of output at a time is enough, the second stage sees it at once.
constexpr std::size_t between_bytes = 16 * 1024;
static_assert(max_content_codings == 2, "decode_two() is for two");

std::unique_ptr<coding_stage> make_stage(content_coding coding) {
    switch (coding) {
    case content_coding::identity: break;
    case content_coding::gzip: return make_gzip_stage();
    case content_coding::deflate: return make_deflate_stage();
    case content_coding::br: return make_brotli_stage();
    case content_coding::zstd: return make_zstd_stage();
    }
    return nullptr;
}

}  // namespace

std::string_view to_string(decode_error error) noexcept {
    switch (error) {
    case decode_error::none: return "nothing is wrong";
    case decode_error::unsupported_coding: return "the body has a content coding that is not known";
    case decode_error::too_many_codings: return "the body has too many content codings";
    case decode_error::corrupt: return "the compressed body is damaged";
    case decode_error::truncated: return "the compressed body is not complete";
    case decode_error::trailing_garbage: return "something follows the compressed body";
    }
    return "";
}

decode_error content_decoder::open(std::string_view content_encoding) {
    *this = {};
    for (std::string_view name; take_member(content_encoding, name);) {
        if (name.empty()) continue;
        const auto coding = content_coding_of(name);
        if (!coding) return decode_error::unsupported_coding;
        if (*coding == content_coding::identity) continue;
        if (stages_.size() == max_content_codings) return decode_error::too_many_codings;
        stages_.insert(stages_.begin(), make_stage(*coding));  // what was applied last is undone first
    }
    if (stages_.size() > 1) between_ = std::make_unique_for_overwrite<std::byte[]>(between_bytes);
    return decode_error::none;
}

decoded content_decoder::decode(std::span<const std::byte> input, std::span<std::byte> into) {
    if (!input.empty()) has_begun_ = true;
    if (stages_.empty()) {
        const std::size_t size = std::min(input.size(), into.size());
        if (size > 0) std::memcpy(into.data(), input.data(), size);
        return {size, size};
    }
    return stages_.size() == 1 ? stages_.front()->decode(input, into) : decode_two(input, into);
}

decoded content_decoder::decode_two(std::span<const std::byte> input, std::span<std::byte> into) {
    decoded all;
    for (;;) {
        const std::span<const std::byte> held(between_.get() + between_at_, between_size_ - between_at_);
        const decoded second = stages_[1]->decode(held, into.subspan(all.produced));
        between_at_ += second.consumed;
        all.produced += second.produced;
        all.error = second.error;
        if (all.error != decode_error::none || all.produced == into.size()) return all;

        // The second stage has taken everything and wants more.
        const decoded first = stages_[0]->decode(input.subspan(all.consumed), {between_.get(), between_bytes});
        between_at_ = 0;
        between_size_ = first.produced;
        all.consumed += first.consumed;
        all.error = first.error;
        if (all.error != decode_error::none || first.produced == 0) return all;
    }
}

decode_error content_decoder::finish() const noexcept {
    const auto is_complete = [](const auto& stage) { return stage->is_complete(); };
    const bool is_whole = between_at_ == between_size_ && std::all_of(stages_.begin(), stages_.end(), is_complete);
    return is_whole || !has_begun_ ? decode_error::none : decode_error::truncated;
}

}  // namespace torus::inline v0::http
