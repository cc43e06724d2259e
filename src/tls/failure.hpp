// src/tls/failure.hpp: from OpenSSL's codes to errors that a person understands.
#pragma once

#include "tls/openssl.hpp"

#include <torus/tls/error.hpp>

#include <string>
#include <string_view>

namespace torus::inline v0::tls {

/// What the verification of the peer's certificate objected to first.
struct objection {
    int code = X509_V_OK;
    std::string text;
};

/// Describes what `context` just objected to.
///
/// @param asked_for  the host name or address that the certificate should be for; may be empty
objection describe_objection(X509_STORE_CTX* context, std::string_view asked_for);

/// When something failed.
enum class phase { handshake, established };

/// The error for what OpenSSL's queue holds after a call failed.
error describe_failure(phase when, const objection& found);

}  // namespace torus::inline v0::tls
