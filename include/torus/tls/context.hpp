// torus/tls/context.hpp: one TLS configuration, made once, shared by all connections that use it.
#pragma once

#include <torus/tls/certificate.hpp>
#include <torus/tls/error.hpp>
#include <torus/tls/identity.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace torus::inline v0::tls {

class configuration;

/// How a client behaves. The default verifies the server's certificate and its name against the system's authorities.
struct client_options {
    source trust = {};                 ///< authorities to believe instead of the system's
    source also_trust = {};            ///< authorities to believe besides them
    source revoked = {};               ///< revocation lists (CRLs); given any, each server certificate needs one
    tls::identity identity = {};       ///< the client certificate, for servers that ask for one
    std::string_view alpn = {};        ///< protocols to offer, the most wanted first: "h2,http/1.1"
    version min_version = version::tls_1_2;
    version max_version = version::tls_1_3;
};

/// What a server thinks of certificates of its clients.
enum class client_certificate : std::uint8_t {
    ignored,    ///< it does not ask for them
    requested,  ///< it asks; a client may have none, but not a bad one
    required,   ///< no connection without a good one
};

/// How a server behaves.
struct server_options {
    std::string_view alpn = {};  ///< protocols it speaks, the most wanted first; who offers only others is refused
    tls::client_certificate client_certificate = tls::client_certificate::ignored;
    source trust = {};           ///< authorities of client certificates; the system's are not meant for that
    source revoked = {};         ///< revocation lists (CRLs) of client certificates
    version min_version = version::tls_1_2;
    version max_version = version::tls_1_3;
};

/// One TLS configuration: a cheap handle to something immutable that any number of connections, loops and threads share.
///
///     auto config = tls::context::client({.trust = tls::file("our-ca.pem"), .alpn = "h2,http/1.1"});
///     auto config = tls::context::server({tls::file("chain.pem"), tls::file("key.pem")}, {.alpn = "http/1.1"});
///
/// Keep it: files are read and certificates parsed to make one (the system's authorities, once in a process, take tens of
/// milliseconds), and sessions are resumed only between connections of one context. The files are read with blocking
/// calls; a program that must not block for them makes its contexts before its loop runs, or in `to_thread`.
class context {
public:
    /// The client that needs no options, one for the whole process, made on first use.
    ///
    /// @throws tls::error  configuration, if OpenSSL itself is not usable
    static context client();

    /// A client.
    ///
    /// @throws tls::error      configuration: an unreadable file, a key that does not belong to its certificate, ...
    /// @throws std::bad_alloc
    static context client(const client_options& options);

    /// A client that believes every certificate: whoever sits on the wire can read and change everything. Only for
    /// tests and for looking at broken servers; to reach a server with a private authority give `trust` instead.
    ///
    /// @throws tls::error  configuration, as client()
    static context insecure(const client_options& options = {});

    /// A server with one certificate.
    ///
    /// @throws tls::error  configuration, as client(); or client certificates are asked for without `trust`
    static context server(const identity& who, const server_options& options = {});

    /// A server with several certificates: a client gets the one that is good for the name it asks for (SNI), wildcards
    /// included, else the first. Of two for one name with different kinds of key it gets the one it can verify.
    ///
    /// @throws tls::error  configuration, as above, or if `who` is empty
    static context server(std::span<const identity> who, const server_options& options = {});

    /// True if it accepts connections, false if it makes them.
    bool is_server() const noexcept;

private:
    friend class engine;
    explicit context(std::shared_ptr<configuration> shared) noexcept;

    std::shared_ptr<configuration> configuration_;
};

}  // namespace torus::inline v0::tls
