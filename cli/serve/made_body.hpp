// cli/serve/made_body.hpp: bodies that are made up as they are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/clock.hpp>
#include <torus/http/request.hpp>

namespace torus::inline v0::cli {

/// Bytes that look random and are the same each time: a byte is a function of where it stands.
class patterned_body final : public http::body_source {
public:
    explicit patterned_body(std::uint64_t size) noexcept : size_(size) {}

    async<std::span<const std::byte>> next() override;
    std::optional<std::uint64_t> size() const noexcept override { return size_; }

    /// The byte at a place.
    static std::byte at(std::uint64_t place) noexcept;

private:
    std::uint64_t size_;
    std::uint64_t sent_ = 0;
    std::vector<std::byte> piece_;
};

inline constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

/// Lines of JSON, `{"n":0}`, `{"n":1}`, …, in chunks.
class streamed_body final : public http::body_source {
public:
    streamed_body(std::uint64_t lines, duration pause) noexcept : lines_(lines), pause_(pause) {}

    async<std::span<const std::byte>> next() override;

private:
    std::uint64_t lines_;
    duration pause_;
    std::uint64_t sent_ = 0;
    std::string line_;
};

/// Thrown where an answer breaks off because it is meant to.
class meant_to_break : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Promises `size()` bytes and breaks off before.
class truncated_body final : public http::body_source {
public:
    async<std::span<const std::byte>> next() override;
    std::optional<std::uint64_t> size() const noexcept override { return promised; }

    static constexpr std::uint64_t promised = 1000;  // bytes
    static constexpr std::size_t sent = 100;         // of these

private:
    std::string text_ = std::string(sent, '.');
    bool begun_ = false;
};

}  // namespace torus::inline v0::cli
