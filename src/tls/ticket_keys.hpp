// src/tls/ticket_keys.hpp: the keys under which a server's sessions travel to its clients and back.
#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>

#include <openssl/evp.h>
#include <openssl/ssl.h>

namespace torus::inline v0::tls {

/// Replaces the keys twice a day. OpenSSL's own would live as long as the server: whoever steals them opens every
/// TLS 1.2 connection of all that time, recorded ones included.
class ticket_keys {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Tickets are good for two hours (OpenSSL's default timeout of a session), so one older key is enough.
    static constexpr std::chrono::hours lifetime{12};

    struct key {
        std::array<unsigned char, 16> name;
        std::array<unsigned char, 32> cipher;
        std::array<unsigned char, 32> mac;
        time_point made;
    };

    struct opened {
        key with;
        bool is_current;
    };

    /// The key for new tickets; empty if the system has no random numbers.
    std::optional<key> current(time_point now);
    /// The key of that name, if it is still known.
    std::optional<opened> find(const unsigned char* name, time_point now);

    /// For SSL_CTX_set_tlsext_ticket_key_evp_cb.
    int apply(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int sealing) noexcept;

private:
    bool refresh(time_point now);

    std::mutex mutex_;
    std::optional<key> current_;
    std::optional<key> previous_;
};

}  // namespace torus::inline v0::tls
