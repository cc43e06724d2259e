// cli/fetch/digest.cpp: SHA-256 of what arrives in pieces.
#include "cli/fetch/digest.hpp"

#include <new>
#include <stdexcept>

#include <openssl/evp.h>

namespace torus::inline v0::cli {

namespace {

// Looked up once: fetching an algorithm by name for each digest is what makes OpenSSL 3 slow.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (!algorithm) throw std::runtime_error("OpenSSL has no SHA-256");
    return algorithm;
}

void require(int done) {
    if (done != 1) throw std::runtime_error("OpenSSL cannot compute a SHA-256");
}

}  // namespace

void digest::freeing::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

digest::digest() : context_(EVP_MD_CTX_new()) {
    if (!context_) throw std::bad_alloc();
    require(EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr));
}

void digest::update(std::string_view part) { require(EVP_DigestUpdate(context_.get(), part.data(), part.size())); }

digest::bytes digest::finish() {
    bytes result{};
    require(EVP_DigestFinal_ex(context_.get(), result.data(), nullptr));
    require(EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr));
    return result;
}

std::string digest::hex() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : finish()) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

digest::bytes sha256(std::string_view text) {
    digest d;
    d.update(text);
    return d.finish();
}

std::string sha256_hex(std::string_view text) {
    digest d;
    d.update(text);
    return d.hex();
}

}  // namespace torus::inline v0::cli
