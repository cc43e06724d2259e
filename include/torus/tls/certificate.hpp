// torus/tls/certificate.hpp: what a handshake agreed on, and who the peer is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torus::inline v0::tls {

/// The protocol versions torus speaks. What is older is broken, and not offered.
enum class version : std::uint8_t { tls_1_2, tls_1_3 };

/// "TLS 1.2" or "TLS 1.3".
std::string_view to_string(version which) noexcept;

/// A certificate as a person would describe it.
struct certificate {
    std::string subject;                    ///< whose it is: "CN=a.example,O=Example"
    std::string issuer;                     ///< who signed it
    std::vector<std::string> names;         ///< the DNS names and IP addresses it is good for
    std::chrono::sys_seconds not_before{};  ///< valid from
    std::chrono::sys_seconds not_after{};   ///< valid until
    std::string serial;                     ///< the authority's number for it, in hexadecimal
    std::string sha256;                     ///< fingerprint of the whole certificate, 64 hexadecimal digits
};

/// What the two sides agreed on.
struct handshake_result {
    tls::version version = tls::version::tls_1_3;
    std::string cipher;                      ///< "TLS_AES_256_GCM_SHA384"
    std::string alpn;                        ///< the protocol chosen, "h2"; empty if none was negotiated
    std::string server_name;                 ///< the name the client asked for (SNI); empty if it named none
    bool resumed = false;                    ///< true if an earlier session was resumed instead of a full handshake
    std::optional<tls::certificate> peer;    ///< the peer's certificate, if it showed one
};

}  // namespace torus::inline v0::tls
