// torus/tls/error.hpp: what can go wrong between two TLS peers, in words for people and as a reason for programs.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace torus::inline v0::tls {

/// Why a connection was refused, broke, or could not even be configured.
enum class reason : std::uint8_t {
    certificate_expired,        ///< the peer's certificate, or one of its authorities', is too old
    certificate_not_yet_valid,  ///< ... or from the future: often the clock of this machine is wrong
    unknown_authority,          ///< nobody we trust signed the peer's certificate
    self_signed,                ///< the peer's certificate, or its root, vouches only for itself
    host_mismatch,              ///< a good certificate, but of somebody else
    revoked,                    ///< its authority took it back
    invalid_certificate,        ///< any other flaw: a wrong signature, a key too weak, not meant for this use
    certificate_required,       ///< the server wants a client certificate and got none; both sides see this reason
    refused,                    ///< the peer sent a fatal alert; the text says which
    handshake_failure,          ///< nothing in common (versions, ciphers), or the peer does not speak TLS at all
    truncated,                  ///< the transport ended before the peer said that it was done: data may be missing
    protocol,                   ///< the peer broke the rules after the handshake: a forged record, a wrong message
    configuration,              ///< a file, a certificate, a key or an option of ours is not usable
};

/// The reason's name as it is spelled above: "certificate_expired".
std::string_view to_string(reason why) noexcept;

/// TLS could not do what was asked, and the connection it happened on is of no more use.
///
/// what() says it in words: "host name mismatch: certificate is for a.example, b.example; asked for c.example".
class error : public std::runtime_error {
public:
    error(tls::reason why, const std::string& what) : std::runtime_error(what), reason_(why) {}

    tls::reason reason() const noexcept { return reason_; }

private:
    tls::reason reason_;
};

}  // namespace torus::inline v0::tls
