// cli/fetch/lines.cpp: bytes as numbered lines, whatever bytes come and however they are cut.
#include "cli/fetch/lines.hpp"

#include <algorithm>
#include <utility>

namespace torus::inline v0::cli {

namespace {
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
}  // namespace

std::optional<line> line_splitter::next() {
    const std::size_t end = rest_.find('\n');
    keep(rest_.substr(0, end));
    if (end != std::string_view::npos) {
        rest_.remove_prefix(end + 1);
        return cut();
    }
    rest_ = {};
    if (!finished_ || size_ == 0) return std::nullopt;
    if (lines_ == 0 && begun_ == byte_order_mark) return std::nullopt;
    return cut();
}

// One byte more than a line may have, for the CR that isn't part of it; and the mark in front of the first.
void line_splitter::keep(std::string_view part) {
    const std::size_t room = max_line_bytes + 1 + byte_order_mark.size() - begun_.size();
    size_ += part.size();
    begun_.append(part.substr(0, room));
}

std::optional<line> line_splitter::cut() {
    std::string text = std::exchange(begun_, {});
    std::uint64_t size = std::exchange(size_, 0);
    const bool complete = size == text.size();
    if (++lines_ == 1 && text.starts_with(byte_order_mark)) {
        text.erase(0, byte_order_mark.size());
        size -= byte_order_mark.size();
    }
    if (complete && text.ends_with('\r')) {
        text.pop_back();
        --size;
    }
    if (size > max_line_bytes) {
        text.resize(long_line_kept_bytes);
        text.shrink_to_fit();
    }
    return line(lines_, std::move(text), size);
}

void line_counter::feed(std::string_view chunk) noexcept {
    for (std::size_t at = 0; at < chunk.size() && size_ + at < first_.size(); ++at) first_[size_ + at] = chunk[at];
    size_ += chunk.size();
    ended_ += std::count(chunk.begin(), chunk.end(), '\n');
    const std::size_t last_end = chunk.rfind('\n');
    if (last_end == std::string_view::npos) tail_size_ += chunk.size();
    else tail_size_ = chunk.size() - last_end - 1;
}

std::int64_t line_counter::lines() const noexcept {
    const bool only_a_mark =
        size_ == first_.size() && std::string_view(first_.data(), first_.size()) == byte_order_mark;
    return ended_ + (tail_size_ > 0 && !only_a_mark ? 1 : 0);
}

}  // namespace torus::inline v0::cli
