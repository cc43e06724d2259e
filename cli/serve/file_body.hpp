// cli/serve/file_body.hpp: parts of a file, as the body of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <torus/http/range.hpp>
#include <torus/http/request.hpp>

#include "cli/serve/beneath.hpp"

namespace torus::inline v0::cli {

/// Read at a time: one trip to the kernel for most files, and little for each of a thousand downloads.
inline constexpr std::size_t file_piece_bytes = 64 * 1024;

/// A text, and behind it bytes of the file.
class file_part {
public:
    explicit file_part(std::string before, std::optional<http::byte_range> of_file = {})
        : text(std::move(before)), range(of_file) {}

    std::string text;
    std::optional<http::byte_range> range;
};

/// Texts and bytes of a file in turn, read as they are sent.
class file_body final : public http::body_source {
public:
    file_body(opened file, std::vector<file_part> parts);

    /// @throws std::runtime_error  the file has become shorter: the answer breaks off
    async<std::span<const std::byte>> next() override;
    std::optional<std::uint64_t> size() const noexcept override { return size_; }

private:
    async<std::span<const std::byte>> read(http::byte_range& rest);

    opened file_;
    std::vector<file_part> parts_;
    std::uint64_t size_ = 0;
    std::vector<std::byte> piece_;
    std::string text_;
    std::size_t at_ = 0;
};

}  // namespace torus::inline v0::cli
