// src/tls/session_cache.hpp: the sessions a client may resume, by server.
#pragma once

#include "tls/openssl.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace torus::inline v0::tls {

/// Remembers a few sessions for each of the servers used last. For all threads.
class session_cache {
public:
    /// Servers remembered. A session takes some 5 KB with the server's certificates in it, so the cache stays below 5 MB.
    static constexpr std::size_t most_servers = 256;
    /// Sessions remembered of each: a TLS 1.3 server hands out two a handshake, and each is good for one connection.
    static constexpr std::size_t most_sessions = 4;

    /// Keeps `session`, the newest of `server`'s.
    void keep(std::string_view server, session_pointer session);

    /// The newest session that can still be resumed, or null. One of TLS 1.3 is not given twice (RFC 8446, C.4: whoever
    /// watches the wire would recognise the client).
    session_pointer take(std::string_view server);

    std::size_t servers() const;

private:
    struct entry {
        std::string server;
        std::vector<session_pointer> sessions;  // the newest last
    };

    mutable std::mutex mutex_;
    std::list<entry> entries_;  // used last first
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_server_;  // the keys are in the entries
};

}  // namespace torus::inline v0::tls
