// src/http/explain.hpp: from what was thrown to what it means for a request.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

#include <torus/http/error.hpp>

#include "http/content_decoder.hpp"
#include "http/parse_error.hpp"

namespace torus::inline v0::http {

/// What the parser refused.
class parse_failure : public std::runtime_error {
public:
    explicit parse_failure(parse_error why) : std::runtime_error(std::string(to_string(why))), error(why) {}
    parse_error error;
};

/// A body that its content coding does not explain.
class decode_failure : public std::runtime_error {
public:
    explicit decode_failure(decode_error why) : std::runtime_error(std::string(to_string(why))) {}
};

/// A body beyond the caller's limit.
class body_overrun : public std::runtime_error {
public:
    explicit body_overrun(std::uint64_t limit)
        : std::runtime_error("the body is larger than " + std::to_string(limit) + " bytes") {}
};

/// Redirects that lead nowhere.
class redirect_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline void require(decode_error error) {
    if (error != decode_error::none) throw decode_failure(error);
}

/// The request_error for an exception: its fault, its phase, and a text that names the request. What is one already,
/// or no business of HTTP (a cancellation, no memory), comes back unchanged.
std::exception_ptr explain(const std::exception_ptr& cause, phase when, const std::string& label);

/// Whether a connection's end is what went wrong.
bool broke_off(const std::exception_ptr& explained) noexcept;

}  // namespace torus::inline v0::http
