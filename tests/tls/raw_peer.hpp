// tests/tls/raw_peer.hpp: OpenSSL's own client and server, which do what an engine never would.
#pragma once

#include "pair.hpp"

#include <algorithm>

namespace torus::tls::testing {

/// The other side of an engine, with all of OpenSSL's knobs.
class raw_peer {
public:
    enum role { client, server };

    raw_peer(role as, int newest_version) : role_(as), context_(SSL_CTX_new(TLS_method())) {
        SSL_CTX_set_max_proto_version(context_.get(), newest_version);
    }

    /// For settings; before ssl() is first asked for.
    SSL_CTX* context() { return context_.get(); }

    SSL* ssl() {
        if (ssl_) return ssl_.get();
        ssl_.reset(SSL_new(context_.get()));
        BIO* bio = wire_.make_bio();
        SSL_set_bio(ssl_.get(), bio, bio);
        if (role_ == client) SSL_set_connect_state(ssl_.get());
        else SSL_set_accept_state(ssl_.get());
        return ssl_.get();
    }

    /// Sends what waits, `most` bytes of it.
    void send(engine& to, std::size_t most = at_once) {
        while (most != 0 && !wire_.out.front().empty()) {
            const auto waiting = wire_.out.front();
            const std::size_t fed = to.feed(waiting.first(std::min(most, waiting.size())));
            wire_.out.sent(fed);
            most -= fed;
        }
    }

    /// Receives what `from` has to send.
    void receive(engine& from) {
        while (!from.to_send().empty()) {
            const auto room = wire_.in.room();
            const auto waiting = from.to_send();
            const std::size_t fits = std::min(room.size(), waiting.size());
            std::copy_n(waiting.begin(), fits, room.begin());
            wire_.in.received(fits);
            from.sent(fits);
            if (fits == 0) return;
        }
    }

    void exchange(engine& with) {
        send(with);
        receive(with);
    }

    /// Shakes hands; what the server sends after its last step stays here, or in `with`.
    void shake(engine& with) {
        for (int turn = 0; turn < 5; ++turn) {
            with.handshake();
            receive(with);
            if (SSL_do_handshake(ssl()) == 1 && role_ == server) break;
            exchange(with);
        }
        ERR_clear_error();
    }

private:
    role role_;
    wire wire_;
    ssl_context_pointer context_;
    ssl_pointer ssl_;
};

}  // namespace torus::tls::testing
