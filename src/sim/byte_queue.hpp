// src/sim/byte_queue.hpp: bytes that come at one end and go at the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace torus::inline v0::sim {

class byte_queue {
public:
    std::size_t size() const noexcept { return bytes_.size() - begin_; }
    bool empty() const noexcept { return size() == 0; }
    std::string_view view() const noexcept { return std::string_view(bytes_).substr(begin_); }

    void append(std::string_view more) { bytes_ += more; }
    void drop(std::size_t count) {
        begin_ += count;
        if (begin_ == bytes_.size()) {
            bytes_.clear();
            begin_ = 0;
        } else if (begin_ > bytes_.size() / 2) {
            bytes_.erase(0, begin_);
            begin_ = 0;
        }
    }

private:
    std::string bytes_;
    std::size_t begin_ = 0;
};

}  // namespace torus::inline v0::sim
