// cli/serve/made_body.cpp: bodies that are made up as they are sent.
#include "cli/serve/made_body.hpp"

#include <algorithm>

#include <torus/core/time.hpp>

namespace torus::inline v0::cli {

namespace {

/// Made at a time: a few packets.
constexpr std::uint64_t made_piece_bytes = 64 * 1024;

/// Lines without a pause between them that go out together.
constexpr std::size_t joined_bytes = 16 * 1024;

/// A mixing of 64 bits in which every one depends on every other: the end of the generator splitmix64.
constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

}  // namespace

std::byte patterned_body::at(std::uint64_t place) noexcept {
    return static_cast<std::byte>(mixed(place / 8) >> place % 8 * 8 & 0xff);
}

async<std::span<const std::byte>> patterned_body::next() {
    piece_.resize(static_cast<std::size_t>(std::min(made_piece_bytes, size_ - sent_)));
    for (std::byte& b : piece_) b = at(sent_++);
    co_return std::span<const std::byte>(piece_);
}

async<std::span<const std::byte>> streamed_body::next() {
    line_.clear();
    const bool paused = pause_ > duration::zero();
    if (paused && sent_ < lines_) co_await sleep(pause_);
    while (sent_ < lines_ && line_.size() < (paused ? 1 : joined_bytes))
        line_ += "{\"n\":" + std::to_string(sent_++) + "}\n";
    co_return std::as_bytes(std::span(line_));
}

async<std::span<const std::byte>> truncated_body::next() {
    if (begun_) throw meant_to_break("this answer is meant to break off");
    begun_ = true;
    co_return std::as_bytes(std::span(text_));
}

}  // namespace torus::inline v0::cli
