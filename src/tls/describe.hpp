// src/tls/describe.hpp: certificates and OpenSSL's errors in words.
#pragma once

#include "tls/openssl.hpp"

#include <torus/tls/certificate.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torus::inline v0::tls {

/// Whose certificate it is, "CN=a.example,O=Example"; safe to print, whatever its author put in.
std::string subject_of(const X509* of);
std::string issuer_of(const X509* of);

/// The DNS names and IP addresses a certificate is good for; its common name is none of them.
std::vector<std::string> names_of(const X509* of);
/// Those of names_of() that are DNS names.
std::vector<std::string> host_names_of(const X509* of);

/// Seconds since 1970; empty if the certificate says nonsense.
std::optional<std::chrono::sys_seconds> moment_of(const ASN1_TIME* of);
/// "2026-01-31 12:00:00 UTC".
std::string text_of(const ASN1_TIME* of);

certificate describe(const X509* of);

/// What the newest error in OpenSSL's queue says, "no shared cipher"; empty if there is none.
std::string newest_error();

/// `text` with whatever a terminal could take for a command replaced by '?'.
std::string printable(std::string_view text);

}  // namespace torus::inline v0::tls
