// torus/io/error.hpp: what streams refuse, and what is missing at their end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace torus::inline v0 {

/// A stream has ended before the read had what it needs. What was there has been taken out of the stream.
class incomplete_read_error : public std::runtime_error {
public:
    incomplete_read_error(std::string partial, std::optional<std::size_t> expected);

    /// The bytes that were there.
    const std::string& partial() const noexcept { return *partial_; }
    /// How many were wanted; empty where an end was looked for, not a count.
    std::optional<std::size_t> expected() const noexcept { return expected_; }

private:
    std::shared_ptr<const std::string> partial_;
    std::optional<std::size_t> expected_;
};

/// The end that a read looks for does not come within the stream's read limit.
class limit_overrun_error : public std::runtime_error {
public:
    limit_overrun_error(const std::string& what, std::size_t consumed)
        : std::runtime_error(what), consumed_(consumed) {}

    /// How many bytes were searched, and are no part of what comes next.
    std::size_t consumed() const noexcept { return consumed_; }

private:
    std::size_t consumed_;
};

/// More would be buffered than the stream's hard cap allows: the peer does not read as fast as this side writes.
class buffer_overflow : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace torus::inline v0
