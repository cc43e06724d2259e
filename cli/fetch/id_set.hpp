// cli/fetch/id_set.hpp: which lines are done: a bit for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace torus::inline v0::cli {

/// A set of line numbers, one bit each: ten million lines are 1.25 MB.
class id_set {
public:
    bool contains(std::int64_t id) const noexcept {
        const auto at = static_cast<std::size_t>(id);
        return at / 64 < words_.size() && (words_[at / 64] >> at % 64 & 1) != 0;
    }

    /// @return whether it was new
    bool insert(std::int64_t id) {
        const auto at = static_cast<std::size_t>(id);
        if (at / 64 >= words_.size()) words_.resize(at / 64 + 1 + words_.size() / 2);
        std::uint64_t& word = words_[at / 64];
        const std::uint64_t bit = std::uint64_t{1} << at % 64;
        if ((word & bit) != 0) return false;
        word |= bit;
        ++size_;
        return true;
    }

    void erase(std::int64_t id) noexcept {
        if (!contains(id)) return;
        const auto at = static_cast<std::size_t>(id);
        words_[at / 64] &= ~(std::uint64_t{1} << at % 64);
        --size_;
    }

    std::size_t size() const noexcept { return size_; }

private:
    std::vector<std::uint64_t> words_;
    std::size_t size_ = 0;
};

}  // namespace torus::inline v0::cli
