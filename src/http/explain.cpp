// src/http/explain.cpp: from what was thrown to what it means for a request.
#include "http/explain.hpp"

#include <cerrno>
#include <new>
#include <system_error>

#include <torus/core/error.hpp>
#include <torus/http/url.hpp>
#include <torus/io/error.hpp>
#include <torus/net/connect.hpp>
#include <torus/net/resolve.hpp>
#include <torus/tls/error.hpp>

#include "http/client_connection.hpp"

namespace torus::inline v0::http {

std::string_view to_string(fault what) noexcept {
    switch (what) {
    case fault::invalid_request: return "invalid_request";
    case fault::dns: return "dns";
    case fault::refused: return "refused";
    case fault::unreachable: return "unreachable";
    case fault::reset: return "reset";
    case fault::timeout: return "timeout";
    case fault::tls: return "tls";
    case fault::protocol: return "protocol";
    case fault::too_large: return "too_large";
    case fault::redirects: return "redirects";
    case fault::proxy: return "proxy";
    case fault::io: return "io";
    }
    return "unknown";
}

std::string_view to_string(phase when) noexcept {
    switch (when) {
    case phase::preparing: return "before sending";
    case phase::waiting_for_connection: return "while waiting for a connection";
    case phase::resolving: return "while resolving the name";
    case phase::connecting: return "while connecting";
    case phase::handshaking: return "during the TLS handshake";
    case phase::sending: return "while sending the request";
    case phase::waiting_for_response: return "while waiting for the response";
    case phase::receiving: return "while receiving the response";
    }
    return "at an unknown time";
}

namespace {

fault fault_of(const std::error_code& code) noexcept {
    switch (code.value()) {
    case ECONNREFUSED: return fault::refused;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED: return fault::reset;
    case ETIMEDOUT: return fault::timeout;
    case ENETUNREACH:
    case EHOSTUNREACH: return fault::unreachable;
    default: return fault::io;
    }
}

fault fault_of(parse_error error) noexcept {
    switch (error) {
    case parse_error::truncated: return fault::reset;
    case parse_error::head_too_large:
    case parse_error::too_many_fields:
    case parse_error::start_line_too_long:
    case parse_error::chunk_extensions_too_long:
    case parse_error::trailers_too_large:
    case parse_error::too_many_trailers: return fault::too_large;
    default: return fault::protocol;
    }
}

std::exception_ptr failed(fault what, phase when, const std::string& label, const char* why) {
    const std::string text = label + ": " + std::string(to_string(when)) + ": " + why;
    return std::make_exception_ptr(request_error(what, when, text));
}

}  // namespace

std::exception_ptr explain(const std::exception_ptr& cause, phase when, const std::string& label) {
    try {
        std::rethrow_exception(cause);
    } catch (const request_error&) {
        return cause;
    } catch (const timeout_error& e) {
        return failed(fault::timeout, when, label, e.what());
    } catch (const dns_error& e) {
        return failed(fault::dns, when, label, e.what());
    } catch (const tls::error& e) {
        return failed(e.reason() == tls::reason::truncated ? fault::reset : fault::tls, when, label, e.what());
    } catch (const proxy_refusal& e) {
        return failed(fault::proxy, when, label, e.what());
    } catch (const parse_failure& e) {
        return failed(fault_of(e.error), when, label, e.what());
    } catch (const protocol_error& e) {
        return failed(fault::protocol, when, label, e.what());
    } catch (const decode_failure& e) {
        return failed(fault::protocol, when, label, e.what());
    } catch (const body_overrun& e) {
        return failed(fault::too_large, when, label, e.what());
    } catch (const redirect_failure& e) {
        return failed(fault::redirects, when, label, e.what());
    } catch (const std::system_error& e) {
        return failed(fault_of(e.code()), when, label, e.what());
    } catch (const std::invalid_argument& e) {
        return failed(fault::invalid_request, when, label, e.what());
    } catch (const std::bad_alloc&) {
        return cause;
    } catch (const std::exception& e) {
        // Amid a request it is the source of the body, mostly: somebody else's code, with errors of its own.
        return failed(when == phase::sending ? fault::invalid_request : fault::io, when, label, e.what());
    } catch (...) {
        return cause;
    }
}

bool broke_off(const std::exception_ptr& explained) noexcept {
    try {
        std::rethrow_exception(explained);
    } catch (const request_error& e) {
        return e.fault() == fault::reset;
    } catch (...) {
        return false;
    }
}

}  // namespace torus::inline v0::http
