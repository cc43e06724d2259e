// src/sim/content.hpp: the bytes of a simulated file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

namespace torus::inline v0::sim {

/// Bytes in pages; those that were never written are zero and take no room.
class content {
public:
    static constexpr std::uint64_t page_size = 4096;

    std::uint64_t size() const noexcept { return size_; }
    std::uint64_t room() const noexcept { return pages_.size() * page_size; }  // bytes that it takes

    /// Bytes of room that would have to be had for some bytes there.
    std::uint64_t missing(std::uint64_t at, std::uint64_t count) const noexcept;

    std::size_t read(std::uint64_t at, std::span<std::byte> into) const noexcept;
    void write(std::uint64_t at, std::span<const std::byte> bytes);
    void resize(std::uint64_t size) noexcept;
    void allocate(std::uint64_t at, std::uint64_t count);

private:
    using page = std::array<std::byte, page_size>;
    std::map<std::uint64_t, page> pages_;  // by their numbers
    std::uint64_t size_ = 0;
};

}  // namespace torus::inline v0::sim
