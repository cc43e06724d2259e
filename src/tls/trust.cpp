// src/tls/trust.cpp: filling stores of authorities.
#include "tls/trust.hpp"

#include "tls/describe.hpp"
#include "tls/pem.hpp"

#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>

namespace torus::inline v0::tls {

namespace {

store_pointer empty_store() {
    store_pointer store(X509_STORE_new());
    if (!store) throw std::bad_alloc();
    return store;
}

bool has_objects(X509_STORE* store) { return sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0; }

/// A directory of authorities is searched when one is needed, so only this tells whether it has any.
bool has_directory() {
    const char* path = std::getenv(X509_get_default_cert_dir_env());
    std::error_code failed;
    return !std::filesystem::is_empty(path ? path : X509_get_default_cert_dir(), failed) && !failed;
}

// An OpenSSL that was not built by the distribution looks below its own prefix, where nothing is. These are where
// Debian, Fedora, openSUSE and Alpine keep their bundle.
constexpr const char* well_known_bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                              "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

/// False if nothing was found.
bool add_system(X509_STORE* store) {
    clean_error_queue errors;
    X509_STORE_set_default_paths(store);
    if (has_objects(store) || has_directory()) return true;
    for (const char* bundle : well_known_bundles)
        if (X509_STORE_load_file(store, bundle) == 1) return true;
    return false;
}

void add_authorities(X509_STORE* store, source from) {
    for (const auto& authority : read_certificates(from)) {
        clean_error_queue errors;
        // One that is there already counts as added.
        if (X509_STORE_add_cert(store, authority.get()) != 1)
            misconfigured("cannot trust " + subject_of(authority.get()) + ": " + newest_error());
    }
}

struct system_store {
    store_pointer store = empty_store();
    bool found = add_system(store.get());
};

const system_store& the_system_store() {
    // Never destroyed: OpenSSL tears itself down at exit, perhaps before static objects.
    static const system_store* const only = new system_store;
    return *only;
}

}  // namespace

store_pointer system_trust() {
    X509_STORE* store = the_system_store().store.get();
    X509_STORE_up_ref(store);
    return store_pointer(store);
}

bool system_trust_is_empty() { return !the_system_store().found; }

store_pointer make_trust(source trust, source also, source revoked) {
    store_pointer store = empty_store();
    if (trust) {
        add_authorities(store.get(), trust);
    } else {
        add_system(store.get());
    }
    if (also) add_authorities(store.get(), also);
    if (revoked) {
        for (const auto& list : read_revocation_lists(revoked)) {
            clean_error_queue errors;
            if (X509_STORE_add_crl(store.get(), list.get()) != 1)
                misconfigured("cannot use a revocation list: " + newest_error());
        }
    }
    return store;
}

}  // namespace torus::inline v0::tls
