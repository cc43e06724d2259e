// tests/tls/certificates.hpp: certificates made while the tests run, so that none of them ever expires by itself.
#pragma once

#include "tls/openssl.hpp"

#include <torus/tls/identity.hpp>

#include <memory>
#include <string>
#include <vector>

namespace torus::tls::testing {

/// A certificate with its key, both as PEM.
struct issued {
    std::string certificate;
    std::string key;

    tls::identity identity() const { return {tls::pem(certificate), tls::pem(key)}; }
};

enum class key_kind { p256, ed25519, weak_rsa };
enum class usage { server, client, any };

/// What a certificate says.
struct wish {
    std::string common_name;
    std::vector<std::string> names = {};  ///< "DNS:a.example", "IP:127.0.0.1"
    int from_days = -1;                   ///< valid from, in days from now
    int until_days = 30;
    testing::usage usage = usage::any;
    key_kind key = key_kind::p256;
};

/// Signs certificates.
class authority {
public:
    /// A root, which vouches for itself.
    explicit authority(const std::string& name);
    /// An intermediate authority.
    authority(const std::string& name, authority& parent);

    const std::string& certificate() const { return pem_; }
    issued issue(const wish& what);
    /// A signed list of what this authority took back.
    std::string revoke(const std::vector<std::string>& certificates);

private:
    certificate_pointer certificate_;
    key_pointer key_;
    std::string pem_;
};

/// A certificate signed by its own key.
issued self_signed(const wish& what);
/// `key` encrypted.
std::string encrypted(const std::string& key, const std::string& passphrase);

/// The authority most tests trust, and a certificate of it for a.example, b.example, *.wild.example, 127.0.0.1 and ::1.
authority& test_authority();
const issued& test_server();

}  // namespace torus::tls::testing
