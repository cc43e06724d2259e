// src/sim/content.cpp: files with holes.
#include "sim/content.hpp"

#include <algorithm>

namespace torus::inline v0::sim {

namespace {

constexpr std::uint64_t page_of(std::uint64_t at) noexcept { return at / content::page_size; }

/// The part of so many bytes that lies in the page of the first.
std::size_t part_in_page(std::uint64_t at, std::uint64_t count) noexcept {
    return static_cast<std::size_t>(std::min(count, content::page_size - at % content::page_size));
}

}  // namespace

std::uint64_t content::missing(std::uint64_t at, std::uint64_t count) const noexcept {
    if (count == 0) return 0;
    const std::uint64_t first = page_of(at), last = page_of(at + count - 1);
    const auto has = std::distance(pages_.lower_bound(first), pages_.upper_bound(last));
    return (last - first + 1 - static_cast<std::uint64_t>(has)) * page_size;
}

std::size_t content::read(std::uint64_t at, std::span<std::byte> into) const noexcept {
    if (at >= size_) return 0;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - at));
    for (std::size_t done = 0; done < count;) {
        const std::size_t part = part_in_page(at + done, count - done);
        const auto found = pages_.find(page_of(at + done));
        if (found == pages_.end()) std::fill_n(into.data() + done, part, std::byte{});
        else std::copy_n(found->second.data() + (at + done) % page_size, part, into.data() + done);
        done += part;
    }
    return count;
}

void content::write(std::uint64_t at, std::span<const std::byte> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t part = part_in_page(at + done, bytes.size() - done);
        page& in = pages_.try_emplace(page_of(at + done)).first->second;
        std::copy_n(bytes.data() + done, part, in.data() + (at + done) % page_size);
        done += part;
    }
    if (!bytes.empty()) size_ = std::max(size_, at + bytes.size());
}

/// What grows again later has zeros there.
void content::resize(std::uint64_t size) noexcept {
    if (size < size_) {
        pages_.erase(pages_.lower_bound(page_of(size + page_size - 1)), pages_.end());
        const auto cut = pages_.find(page_of(size));
        if (cut != pages_.end())
            std::fill(cut->second.begin() + static_cast<std::ptrdiff_t>(size % page_size), cut->second.end(),
                      std::byte{});
    }
    size_ = size;
}

void content::allocate(std::uint64_t at, std::uint64_t count) {
    for (std::uint64_t each = page_of(at); each <= page_of(at + count - 1); ++each) pages_.try_emplace(each);
    size_ = std::max(size_, at + count);
}

}  // namespace torus::inline v0::sim
