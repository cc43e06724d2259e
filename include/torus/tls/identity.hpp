// torus/tls/identity.hpp: who one is on TLS: a certificate chain and its key, and where they are read from.
#pragma once

#include <cstdint>
#include <string_view>

namespace torus::inline v0::tls {

/// Where certificates, keys or revocation lists are read from, once, when a context is made. PEM only.
///
///     tls::file("/etc/torus/chain.pem")    tls::directory("/etc/torus/authorities")    tls::pem(text)
///
/// It refers to the caller's characters, which must stay alive until the context is made.
class source {
public:
    enum class kind : std::uint8_t { none, file, directory, text };

    /// Nothing given: each option says what that means.
    constexpr source() noexcept = default;
    constexpr source(kind from, std::string_view value) noexcept : value_(value), kind_(from) {}

    constexpr kind from() const noexcept { return kind_; }
    /// The path, or the text itself.
    constexpr std::string_view value() const noexcept { return value_; }
    constexpr explicit operator bool() const noexcept { return kind_ != kind::none; }

private:
    std::string_view value_;
    kind kind_ = kind::none;
};

/// A PEM file.
constexpr source file(std::string_view path) noexcept { return {source::kind::file, path}; }
/// Every *.pem, *.crt and *.cer file of a directory; for authorities and revocation lists.
constexpr source directory(std::string_view path) noexcept { return {source::kind::directory, path}; }
/// PEM text: what begins with `-----BEGIN`.
constexpr source pem(std::string_view text) noexcept { return {source::kind::text, text}; }

/// A certificate with the private key that belongs to it.
struct identity {
    source certificate;               ///< the certificate first, then the intermediate ones up to the root
    source key = {};                  ///< if not given, the key is in `certificate` too
    std::string_view passphrase = {};  ///< of an encrypted key
};

}  // namespace torus::inline v0::tls
