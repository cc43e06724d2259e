// torus/http/error.hpp: why a request has no response.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// What went wrong with an exchange, as far as a caller would act on it.
enum class fault : std::uint8_t {
    invalid_request,  // the URL, a field or the body can't be sent
    dns,              // the host's name has no address, or nobody could say
    refused,          // nothing listens there
    unreachable,      // no way to the host
    reset,            // the connection ended before the response did
    timeout,          // a time limit passed
    tls,              // no secure connection: the certificate, mostly
    protocol,         // what came is no HTTP, or not what was announced
    too_large,        // more than the limits of the client allow
    redirects,        // too many, a loop, or to where the client doesn't go
    proxy,            // the proxy refused, or answered nonsense
    io,               // anything else the system reports
};

/// Its name as it is spelled above: "refused".
std::string_view to_string(fault what) noexcept;

/// How far an exchange had come.
enum class phase : std::uint8_t {
    preparing,
    waiting_for_connection,
    resolving,
    connecting,
    handshaking,
    sending,
    waiting_for_response,
    receiving
};

/// "while connecting".
std::string_view to_string(phase when) noexcept;

/// A request has no response, or its body broke off. what() has method, URL, phase, peer and cause.
class request_error : public std::runtime_error {
public:
    request_error(http::fault what_for, http::phase when, const std::string& text)
        : std::runtime_error(text), fault_(what_for), phase_(when) {}

    http::fault fault() const noexcept { return fault_; }
    http::phase phase() const noexcept { return phase_; }

private:
    http::fault fault_;
    http::phase phase_;
};

}  // namespace torus::inline v0::http
