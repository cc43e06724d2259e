// src/tls/pem.hpp: certificates, keys and revocation lists out of files and texts.
#pragma once

#include "tls/openssl.hpp"

#include <torus/tls/identity.hpp>

#include <string>
#include <vector>

namespace torus::inline v0::tls {

/// Throws tls::error with reason configuration.
[[noreturn]] void misconfigured(const std::string& what);

/// A certificate, those between it and its root, and its key, which is known to belong to it.
struct credentials {
    certificate_pointer leaf;
    certificates_pointer chain;
    key_pointer key;
};

/// Each throws tls::error(configuration) that names the file if it can't be read, or holds nothing of the kind.
std::vector<certificate_pointer> read_certificates(source from);
std::vector<revocation_list_pointer> read_revocation_lists(source from);
credentials read_credentials(const identity& who);

}  // namespace torus::inline v0::tls
