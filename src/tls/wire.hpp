// src/tls/wire.hpp: the ciphertext on its way in and out, and the BIO through which OpenSSL sees it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <openssl/bio.h>

namespace torus::inline v0::tls {

/// Ciphertext that has arrived and was not yet looked at. Has no memory while it is empty.
class inbox {
public:
    /// Room for two full records (5 + 16384 + 256 bytes each): enough to keep receives few, little enough for thousands.
    static constexpr std::size_t capacity = 2 * (5 + 16384 + 256);

    /// Where to receive into: stays valid until received(), however long that takes. Empty if all is full.
    std::span<std::byte> room();
    /// `bytes` arrived in room(); 0 gives the room back.
    void received(std::size_t bytes) noexcept;

    std::size_t size() const noexcept { return end_ - begin_; }
    /// Moves up to into.size() bytes out.
    std::size_t take(std::span<std::byte> into) noexcept;

    bool has_memory() const noexcept { return storage_ != nullptr; }

private:
    void tidy() noexcept;
    void release() noexcept;

    std::unique_ptr<std::byte[]> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool lent_ = false;
};

/// Ciphertext that waits to be sent. Has no memory while it is empty.
class outbox {
public:
    /// One page: small messages written in a row are sent together.
    static constexpr std::size_t smallest_chunk = 4096;

    /// The oldest bytes. They stay where they are until sent(), even if more is appended meanwhile.
    std::span<const std::byte> front() const noexcept;
    /// `bytes` of front() were sent.
    void sent(std::size_t bytes) noexcept;

    /// Says that about so many bytes will be appended in pieces.
    void expect(std::size_t bytes) noexcept { expected_ = bytes; }
    void append(std::span<const std::byte> bytes);
    void clear() noexcept;

    std::size_t size() const noexcept { return size_; }
    bool has_memory() const noexcept { return chunks_.capacity() != 0; }

private:
    struct chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t capacity = 0;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    std::vector<chunk> chunks_;  // two or three
    std::size_t size_ = 0;
    std::size_t expected_ = 0;
};

/// Both directions of one connection. Reading never ends here: the engine knows itself when the transport did.
struct wire {
    inbox in;
    outbox out;
    bool out_of_memory = false;  ///< an append failed: a hole in the ciphertext, so the connection is lost

    /// A BIO that reads from `in` and writes to `out`; *this must outlive it and stay where it is. Null without memory.
    BIO* make_bio() noexcept;
};

}  // namespace torus::inline v0::tls
