// src/tls/ticket_keys.cpp: making, replacing and applying ticket keys.
#include "tls/ticket_keys.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace torus::inline v0::tls {

namespace {

template <std::size_t Size>
bool fill(std::array<unsigned char, Size>& bytes) {
    return RAND_bytes(bytes.data(), static_cast<int>(Size)) == 1;
}

bool set_mac_key(EVP_MAC_CTX* mac, ticket_keys::key& with) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, with.mac.data(), with.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

}  // namespace

bool ticket_keys::refresh(time_point now) {
    if (current_ && now - current_->made < lifetime) return true;
    key made{};
    if (!fill(made.name) || !fill(made.cipher) || !fill(made.mac)) return false;
    made.made = now;
    previous_ = current_ && now - current_->made < 2 * lifetime ? current_ : std::nullopt;
    current_ = made;
    return true;
}

std::optional<ticket_keys::key> ticket_keys::current(time_point now) {
    std::lock_guard held(mutex_);
    return refresh(now) ? current_ : std::nullopt;
}

std::optional<ticket_keys::opened> ticket_keys::find(const unsigned char* name, time_point now) {
    std::lock_guard held(mutex_);
    if (!refresh(now)) return std::nullopt;
    const auto is = [name](const std::optional<key>& one) {
        return one && std::memcmp(one->name.data(), name, one->name.size()) == 0;
    };
    if (is(current_)) return opened{*current_, true};
    if (is(previous_)) return opened{*previous_, false};
    return std::nullopt;
}

// What it returns is OpenSSL's: below 0 an error, 0 no ticket (a full handshake follows), 1 good, 2 good but renew it.
int ticket_keys::apply(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                       int sealing) noexcept {
    const auto now = std::chrono::steady_clock::now();
    if (sealing != 0) {
        auto with = current(now);
        if (!with || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
        std::copy(with->name.begin(), with->name.end(), name);
        const bool ready = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, with->cipher.data(), iv) == 1;
        return ready && set_mac_key(mac, *with) ? 1 : -1;
    }
    auto found = find(name, now);
    if (!found) return 0;
    const bool ready = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found->with.cipher.data(), iv) == 1;
    if (!ready || !set_mac_key(mac, found->with)) return -1;
    return found->is_current ? 1 : 2;
}

}  // namespace torus::inline v0::tls
