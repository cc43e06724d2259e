// src/tls/session.hpp: an engine and the transport that carries its ciphertext.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <torus/core/async.hpp>
#include <torus/io/transport.hpp>
#include <torus/sync/mutex.hpp>

#include "tls/engine.hpp"

namespace torus::inline v0::tls {

/// Moves plaintext through an engine, and ciphertext between the engine and a transport.
///
/// Reading and writing go on side by side, and each may need the other's direction: an answer about keys has to be sent
/// while one reads. So each direction of the transport has a lock. What a cancelled write leaves in the engine is sent in the
/// background; for that the session is shared.
class session : public std::enable_shared_from_this<session> {
public:
    session(std::unique_ptr<transport> below, const context& with, const peer& server)
        : below_(std::move(below)), engine_(with, server) {}
    session(std::unique_ptr<transport> below, const context& with) : below_(std::move(below)), engine_(with) {}

    async<> handshake();
    async<std::size_t> read(bytes_span into);
    std::optional<std::size_t> try_read(bytes_span into);
    async<std::size_t> write(std::span<const bytes_view> pieces);
    async<> shut_down();

    transport& below() const noexcept { return *below_; }
    const engine& state() const noexcept { return engine_; }

private:
    std::size_t encrypt(std::span<const bytes_view> pieces, step& last);
    async<> flush();
    async<> receive();
    [[noreturn]] void fail();
    void flush_in_background();
    static async<> keep_flushing(std::shared_ptr<session> self);
    async<> send_alert();

    std::unique_ptr<transport> below_;
    engine engine_;
    mutex sending_;
    mutex receiving_;
    bool flushing_ = false;  // in the background
};

}  // namespace torus::inline v0::tls
