// cli/fetch/digest.hpp: SHA-256 of what arrives in pieces.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace torus::inline v0::cli {

/// A SHA-256 in the making.
///
///     digest d;
///     d.update(body);
///     d.hex();  // "ba7816bf…"
class digest {
public:
    using bytes = std::array<unsigned char, 32>;

    digest();

    void update(std::string_view part);

    /// The digest of everything so far; it begins anew.
    bytes finish();
    std::string hex();

private:
    struct freeing {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    std::unique_ptr<evp_md_ctx_st, freeing> context_;
};

/// The digest of one text.
digest::bytes sha256(std::string_view text);
std::string sha256_hex(std::string_view text);

}  // namespace torus::inline v0::cli
