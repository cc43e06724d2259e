// src/tls/server_configuration.cpp: the server's side: its certificates, its protocols, its clients.
#include "tls/configuration.hpp"
#include "tls/describe.hpp"
#include "tls/trust.hpp"

#include <algorithm>
#include <new>

namespace torus::inline v0::tls {

namespace {

// Sessions are tied to it, so that OpenSSL resumes those of verified clients; the keys of the tickets are ours alone.
constexpr unsigned char session_id_context[] = {'t', 'o', 'r', 'u', 's'};

std::string lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

}  // namespace

configuration::configuration(std::span<const identity> who, const server_options& options)
    : ssl_(SSL_CTX_new(TLS_server_method())), is_server_(true),
      verifies_(options.client_certificate != client_certificate::ignored) {
    clean_error_queue errors;
    prepare(options.min_version, options.max_version);
    if (who.empty()) misconfigured("a server needs a certificate");
    for (const identity& one : who) credentials_.push_back(read_credentials(one));
    for (const credentials& one : credentials_) use(one);  // each must be usable, and the time to say so is now
    if (credentials_.size() > 1) {
        index_names();
        SSL_CTX_set_cert_cb(ssl(), choose_credentials, this);
    }
    SSL_CTX_set_tlsext_servername_callback(ssl(), accept_name);
    if (verifies_) set_client_verification(options);

    alpn_ = wire_form(options.alpn);
    if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(ssl(), choose_protocol, this);

    // The client keeps its session, sealed in a ticket: a server that is shared by threads needs no table of them.
    SSL_CTX_set_session_cache_mode(ssl(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(ssl(), session_id_context, sizeof session_id_context);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl(), [](SSL* connection, unsigned char* name, unsigned char* iv,
                                                   EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int sealing) {
        auto* self = static_cast<configuration*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
        const int result = self->ticket_keys_.apply(name, iv, cipher, mac, sealing);
        // With TLS 1.3 a client uses a ticket once, so that nobody can follow it by them, and needs another one
        // (RFC 8446, C.4). OpenSSL makes one only if this says that the ticket is to be renewed.
        const bool is_used_up = sealing == 0 && result == 1 && SSL_version(connection) == TLS1_3_VERSION;
        return is_used_up ? 2 : result;
    });
}

void configuration::set_client_verification(const server_options& options) {
    if (!options.trust) misconfigured("client certificates are asked for, but trust names no authority to verify them");
    set_trust(make_trust(options.trust, {}, options.revoked), options.revoked);
    // The names of the authorities go to the client, which chooses a certificate by them.
    for (const auto& authority : read_certificates(options.trust))
        if (SSL_CTX_add_client_CA(ssl(), authority.get()) != 1) throw std::bad_alloc();
    int mode = SSL_VERIFY_PEER;
    if (options.client_certificate == client_certificate::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(ssl(), mode, verify);
}

void configuration::index_names() {
    for (std::size_t i = 0; i < credentials_.size(); ++i)
        for (const auto& name : host_names_of(credentials_[i].leaf.get()))
            credentials_of_[lower_case(name)].push_back(i);
}

/// The certificates for that name, or for the wildcard that covers it.
const std::vector<std::size_t>* configuration::find(std::string_view host) const {
    const std::string name = lower_case(host);
    if (const auto exact = credentials_of_.find(name); exact != credentials_of_.end()) return &exact->second;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return nullptr;
    std::string pattern = "*";
    pattern.append(name, dot);
    const auto wild = credentials_of_.find(pattern);
    return wild == credentials_of_.end() ? nullptr : &wild->second;
}

// Without this OpenSSL would not confirm the name, nor remember it in the session.
int configuration::accept_name(SSL*, int*, void*) noexcept { return SSL_TLSEXT_ERR_OK; }

int configuration::choose_credentials(SSL* ssl, void* self) noexcept {
    try {
        const auto& us = *static_cast<configuration*>(self);
        const char* asked_for = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        const auto* found = asked_for ? us.find(asked_for) : nullptr;
        SSL_certs_clear(ssl);
        // There is one slot for each kind of key; the earlier of two with the same kind of key wins, so it comes last.
        static const std::vector<std::size_t> first{0};
        const auto& chosen = found ? *found : first;
        for (auto one = chosen.rbegin(); one != chosen.rend(); ++one) {
            const credentials& who = us.credentials_[*one];
            if (SSL_use_cert_and_key(ssl, who.leaf.get(), who.key.get(), who.chain.get(), 1) != 1) return 0;
        }
        return 1;
    } catch (...) {
        return 0;  // no memory: the handshake ends with an alert
    }
}

int configuration::choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                                   const unsigned char* offered, unsigned offered_size, void* self) noexcept {
    const std::string& ours = static_cast<configuration*>(self)->alpn_;
    unsigned char* found = nullptr;
    const int outcome = SSL_select_next_proto(&found, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                              static_cast<unsigned>(ours.size()), offered, offered_size);
    *chosen = found;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace torus::inline v0::tls
