// cli/serve/file_body.cpp: parts of a file, as the body of an answer.
#include "cli/serve/file_body.hpp"

#include <algorithm>
#include <stdexcept>

#include <torus/core/operation.hpp>

namespace torus::inline v0::cli {

namespace {

/// pread(2), by the loop.
class [[nodiscard("co_await it")]] reading_at final : public operation {
public:
    reading_at(int file, std::span<std::byte> into, std::uint64_t from) noexcept
        : operation(verb::read, file, into.data(), into.size(), 0, from) {}
    std::size_t await_resume() { return count("read"); }
};

}  // namespace

file_body::file_body(opened file, std::vector<file_part> parts) : file_(std::move(file)), parts_(std::move(parts)) {
    for (const file_part& part : parts_) size_ += part.text.size() + (part.range ? part.range->size() : 0);
}

async<std::span<const std::byte>> file_body::next() {
    for (; at_ < parts_.size(); ++at_) {
        file_part& part = parts_[at_];
        if (!part.text.empty()) {
            text_ = std::exchange(part.text, {});
            co_return std::as_bytes(std::span(text_));
        }
        if (!part.range) continue;
        const std::span<const std::byte> piece = co_await read(*part.range);
        if (part.range->first > part.range->last) part.range.reset();
        co_return piece;
    }
    co_return std::span<const std::byte>();
}

async<std::span<const std::byte>> file_body::read(http::byte_range& rest) {
    piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_piece_bytes, rest.size())));
    const std::size_t count = co_await reading_at(file_.number(), piece_, rest.first);
    if (count == 0) throw std::runtime_error("a file has become shorter while it was sent");
    rest.first += count;
    co_return std::span<const std::byte>(piece_).first(count);
}

}  // namespace torus::inline v0::cli
