// src/tls/error.cpp: the names of reasons and versions.
#include <torus/tls/certificate.hpp>
#include <torus/tls/error.hpp>

namespace torus::inline v0::tls {

std::string_view to_string(reason why) noexcept {
    switch (why) {
    case reason::certificate_expired: return "certificate_expired";
    case reason::certificate_not_yet_valid: return "certificate_not_yet_valid";
    case reason::unknown_authority: return "unknown_authority";
    case reason::self_signed: return "self_signed";
    case reason::host_mismatch: return "host_mismatch";
    case reason::revoked: return "revoked";
    case reason::invalid_certificate: return "invalid_certificate";
    case reason::certificate_required: return "certificate_required";
    case reason::refused: return "refused";
    case reason::handshake_failure: return "handshake_failure";
    case reason::truncated: return "truncated";
    case reason::protocol: return "protocol";
    case reason::configuration: return "configuration";
    }
    return "unknown";
}

std::string_view to_string(version which) noexcept { return which == version::tls_1_2 ? "TLS 1.2" : "TLS 1.3"; }

}  // namespace torus::inline v0::tls
