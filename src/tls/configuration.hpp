// src/tls/configuration.hpp: what is behind a tls::context: OpenSSL's own, and what our callbacks need.
#pragma once

#include "tls/failure.hpp"
#include "tls/openssl.hpp"
#include "tls/pem.hpp"
#include "tls/session_cache.hpp"
#include "tls/ticket_keys.hpp"

#include <torus/tls/context.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace torus::inline v0::tls {

/// What OpenSSL's callbacks must know of the connection that they are called for: the app data of its SSL.
struct connection_facts {
    std::string asked_for;    ///< the host name or address that the server's certificate must be for
    std::string session_key;  ///< where its sessions are kept; empty: nowhere
    objection found;          ///< what verification objected to
};

/// Whether a client verifies its server.
enum class verification { full, none };

/// One TLS configuration. Once made only its session cache and ticket keys change, and these lock for themselves.
class configuration {
public:
    configuration(const client_options& options, verification how);
    configuration(std::span<const identity> who, const server_options& options);
    configuration(const configuration&) = delete;
    configuration& operator=(const configuration&) = delete;

    SSL_CTX* ssl() const noexcept { return ssl_.get(); }
    bool is_server() const noexcept { return is_server_; }
    bool verifies() const noexcept { return verifies_; }
    session_cache& sessions() noexcept { return sessions_; }

    /// The protocols of an option, "h2,http/1.1", as they go over the wire: each after its length.
    static std::string wire_form(std::string_view protocols);

private:
    void prepare(version min_version, version max_version);
    void set_trust(store_pointer store, source revoked);
    void set_client_verification(const server_options& options);
    void use(const credentials& who);
    void index_names();
    const std::vector<std::size_t>* find(std::string_view host) const;

    static int keep_session(SSL* ssl, SSL_SESSION* session) noexcept;
    static int verify(int good, X509_STORE_CTX* context) noexcept;
    static int accept_name(SSL* ssl, int* alert, void* self) noexcept;
    static int choose_credentials(SSL* ssl, void* self) noexcept;
    static int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                               const unsigned char* offered, unsigned offered_size, void* self) noexcept;

    ssl_context_pointer ssl_;
    bool is_server_;
    bool verifies_;
    std::string alpn_;  // as it goes over the wire
    session_cache sessions_;
    ticket_keys ticket_keys_;
    std::vector<credentials> credentials_;                                      // a server's
    std::unordered_map<std::string, std::vector<std::size_t>> credentials_of_;  // by lower-case name, "*.a.example" too
};

}  // namespace torus::inline v0::tls
