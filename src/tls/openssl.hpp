// src/tls/openssl.hpp: owning pointers for OpenSSL's objects, and a clean error queue.
#pragma once

#include <memory>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace torus::inline v0::tls {

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

// sk_X509_pop_free is a macro, and frees certificates that the stack owns one reference of.
inline void free_certificates(STACK_OF(X509) * stack) noexcept { sk_X509_pop_free(stack, X509_free); }
inline void free_general_names(GENERAL_NAMES* names) noexcept { GENERAL_NAMES_free(names); }

using bio_pointer = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using certificate_pointer = std::unique_ptr<X509, freed_by<X509_free>>;
using certificates_pointer = std::unique_ptr<STACK_OF(X509), freed_by<free_certificates>>;
using general_names_pointer = std::unique_ptr<GENERAL_NAMES, freed_by<free_general_names>>;
using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using revocation_list_pointer = std::unique_ptr<X509_CRL, freed_by<X509_CRL_free>>;
using session_pointer = std::unique_ptr<SSL_SESSION, freed_by<SSL_SESSION_free>>;
using ssl_context_pointer = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using ssl_pointer = std::unique_ptr<SSL, freed_by<SSL_free>>;
using store_pointer = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;

/// OpenSSL leaves errors in a queue of the thread, which all connections of a loop share, and a call that fails looks
/// into it: what one connection left behind would be blamed on the next. So every way into OpenSSL goes through one of these.
class clean_error_queue {
public:
    clean_error_queue() noexcept { clear(); }
    ~clean_error_queue() { clear(); }
    clean_error_queue(const clean_error_queue&) = delete;
    clean_error_queue& operator=(const clean_error_queue&) = delete;

private:
    // Looking is one load; clearing walks through sixteen entries.
    static void clear() noexcept {
        if (ERR_peek_error() != 0) ERR_clear_error();
    }
};

}  // namespace torus::inline v0::tls
