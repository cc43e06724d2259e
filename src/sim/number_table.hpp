// src/sim/number_table.hpp: what a simulated kernel has open, by the numbers of descriptors.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace torus::inline v0::sim {

/// Numbers are the lowest free ones, from `First` on.
template <class T, int First> class number_table {
public:
    bool has_free() const noexcept { return !free_.empty() || open_.size() < most; }

    int add(std::shared_ptr<T> one) {
        if (!has_free()) return -EMFILE;
        if (free_.empty()) {
            open_.push_back(std::move(one));
            return First + static_cast<int>(open_.size()) - 1;
        }
        const int index = *free_.begin();
        free_.erase(free_.begin());
        open_[static_cast<std::size_t>(index)] = std::move(one);
        return First + index;
    }

    T* find(int number) const noexcept {
        const auto index = static_cast<std::size_t>(number) - First;
        return number >= First && index < open_.size() ? open_[index].get() : nullptr;
    }

    std::shared_ptr<T> take(int number) noexcept {
        if (!find(number)) return nullptr;
        free_.insert(number - First);
        return std::move(open_[static_cast<std::size_t>(number - First)]);
    }

    /// From the first number on; null where nothing is open.
    const std::vector<std::shared_ptr<T>>& places() const noexcept { return open_; }

    std::vector<int> numbers() const {
        std::vector<int> used;
        for (std::size_t i = 0; i < open_.size(); ++i)
            if (open_[i]) used.push_back(First + static_cast<int>(i));
        return used;
    }

private:
    static constexpr std::size_t most = 1 << 20;

    std::vector<std::shared_ptr<T>> open_;
    std::set<int> free_;
};

}  // namespace torus::inline v0::sim
