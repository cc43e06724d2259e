// src/tls/configuration.cpp: what both sides have in common, and the client's side.
#include "tls/configuration.hpp"

#include "tls/describe.hpp"
#include "tls/trust.hpp"

#include <new>

namespace torus::inline v0::tls {

namespace {

// Forward secrecy and authenticated encryption, or at least SHA-2, for TLS 1.2; those of 1.3 are all good. No security
// level is set: the system's (Debian: 2, no key below 112 bits) stays, or whatever stricter one its owner chose.
constexpr const char* ciphers_1_2 =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:!aNULL:!SHA1:!AESCCM";

int number_of(version which) { return which == version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION; }

connection_facts& facts_of(const SSL* ssl) noexcept { return *static_cast<connection_facts*>(SSL_get_app_data(ssl)); }

}  // namespace

configuration::configuration(const client_options& options, verification how)
    : ssl_(SSL_CTX_new(TLS_client_method())), is_server_(false), verifies_(how == verification::full) {
    clean_error_queue errors;
    prepare(options.min_version, options.max_version);
    if (verifies_) {
        const bool own = options.trust || options.also_trust || options.revoked;
        set_trust(own ? make_trust(options.trust, options.also_trust, options.revoked) : system_trust(),
                  options.revoked);
        SSL_CTX_set_verify(ssl(), SSL_VERIFY_PEER, verify);
    }
    if (options.identity.certificate) {
        use(read_credentials(options.identity));
    } else if (options.identity.key) {
        misconfigured("a key was given without the certificate it belongs to");
    }
    alpn_ = wire_form(options.alpn);
    // 0 is success here, unlike anywhere else in OpenSSL.
    if (SSL_CTX_set_alpn_protos(ssl(), reinterpret_cast<const unsigned char*>(alpn_.data()),
                                static_cast<unsigned>(alpn_.size())) != 0)
        throw std::bad_alloc();
    SSL_CTX_set_session_cache_mode(ssl(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl(), keep_session);
}

void configuration::prepare(version min_version, version max_version) {
    if (!ssl_) misconfigured("OpenSSL cannot be used: " + newest_error());
    if (min_version > max_version)
        misconfigured(std::string("min_version is ") + std::string(to_string(min_version)) + ", but max_version only " +
                      std::string(to_string(max_version)));
    SSL_CTX_set_app_data(ssl(), this);
    SSL_CTX_set_options(ssl(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // An idle connection keeps no record buffers (32 KiB); a write may be repeated from another place in memory.
    SSL_CTX_set_mode(ssl(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(ssl(), number_of(min_version)) != 1 ||
        SSL_CTX_set_max_proto_version(ssl(), number_of(max_version)) != 1)
        misconfigured("this OpenSSL cannot speak the TLS versions asked for: " + newest_error());
    if (SSL_CTX_set_cipher_list(ssl(), ciphers_1_2) != 1)
        misconfigured("this OpenSSL has none of the ciphers we use: " + newest_error());
}

void configuration::set_trust(store_pointer store, source revoked) {
    SSL_CTX_set1_cert_store(ssl(), store.get());
    // Who is named as trusted is trusted, also an intermediate authority or a single server without its root.
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (revoked) flags |= X509_V_FLAG_CRL_CHECK;
    X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(ssl());
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    // A host name is only what the certificate says it is, never its common name (RFC 9525), and a wildcard stands
    // for one whole label.
    X509_VERIFY_PARAM_set_hostflags(parameters,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}

void configuration::use(const credentials& who) {
    if (SSL_CTX_use_cert_and_key(ssl(), who.leaf.get(), who.key.get(), who.chain.get(), 1) != 1)
        misconfigured("the certificate " + subject_of(who.leaf.get()) + " cannot be used: " + newest_error());
}

std::string configuration::wire_form(std::string_view protocols) {
    std::string wire;
    while (!protocols.empty()) {
        const std::size_t end = protocols.find(',');
        const std::string_view one = protocols.substr(0, end);
        // The length goes into one byte, the whole list into two (RFC 7301).
        if (one.empty() || one.size() > 255) misconfigured("a protocol name of alpn has 1 to 255 characters");
        wire += static_cast<char>(static_cast<unsigned char>(one.size()));
        wire += one;
        if (end == std::string_view::npos) break;
        protocols.remove_prefix(end + 1);
        if (protocols.empty()) misconfigured("alpn ends with a comma");
    }
    if (wire.size() > 65535) misconfigured("alpn names too many protocols");
    return wire;
}

int configuration::keep_session(SSL* ssl, SSL_SESSION* session) noexcept {
    try {
        const connection_facts& facts = facts_of(ssl);
        if (facts.session_key.empty()) return 0;
        auto* self = static_cast<configuration*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
        SSL_SESSION_up_ref(session);
        self->sessions_.keep(facts.session_key, session_pointer(session));
    } catch (...) {
        // Without memory for it the next connection makes a full handshake; this one works.
    }
    return 0;  // the reference that the call came with stays OpenSSL's
}

int configuration::verify(int good, X509_STORE_CTX* context) noexcept {
    if (good == 1) return 1;
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    connection_facts& facts = facts_of(ssl);
    try {
        if (facts.found.code == X509_V_OK) facts.found = describe_objection(context, facts.asked_for);
    } catch (...) {
        facts.found.code = X509_STORE_CTX_get_error(context);  // the words are lost, the refusal is not
    }
    return 0;
}

context::context(std::shared_ptr<configuration> shared) noexcept : configuration_(std::move(shared)) {}

context context::client() {
    // Never destroyed: other threads may use it until the very end.
    static const context* const only = new context(client(client_options()));
    return *only;
}

context context::client(const client_options& options) {
    return context(std::make_shared<configuration>(options, verification::full));
}

context context::insecure(const client_options& options) {
    return context(std::make_shared<configuration>(options, verification::none));
}

context context::server(const identity& who, const server_options& options) {
    return server(std::span<const identity>(&who, 1), options);
}

context context::server(std::span<const identity> who, const server_options& options) {
    return context(std::make_shared<configuration>(who, options));
}

bool context::is_server() const noexcept { return configuration_->is_server(); }

}  // namespace torus::inline v0::tls
