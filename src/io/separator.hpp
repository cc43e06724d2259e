// src/io/separator.hpp: finding the end of a line, or of whatever else has one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace torus::inline v0 {

/// Looks for the separator that ends first, in a text that grows at its end. Looks at each byte about once.
class separator_search {
public:
    /// @throws std::invalid_argument  there is none, or an empty one
    explicit separator_search(std::span<const std::string_view> separators);

    struct found {
        std::size_t size = 0;     // bytes up to and with the separator; 0 if there is none yet
        std::size_t content = 0;  // bytes before it; before where one may still begin, if there is none yet
    };
    found in(std::string_view text) noexcept;

private:
    std::span<const std::string_view> separators_;
    std::size_t shortest_;
    std::size_t longest_;
    std::size_t searched_ = 0;  // no separator ends before it
};

}  // namespace torus::inline v0
