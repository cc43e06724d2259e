// src/tls/session.hpp: an engine and the transport that carries its ciphertext.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/io/transport.hpp>
#include <torus/sync/mutex.hpp>

#include "tls/engine.hpp"

namespace torus::inline v0::tls {

/// Moves plaintext through an engine, and ciphertext between the engine and a transport.
///
/// Reading and writing go on side by side, and each may need the other's direction: an answer about keys has to be sent
/// while one reads. So each direction of the transport has a lock.
///
/// What the engine has to say by itself (such answers, tickets, an alert) nobody waits for. It is sent at once; what
/// the transport does not take then is sent by a task, for which the session is shared. An error of that is met by the
/// next write.
class session : public std::enable_shared_from_this<session> {
public:
    session(std::unique_ptr<transport> below, const context& with, const peer& server)
        : below_(std::move(below)), engine_(with, server) {}
    session(std::unique_ptr<transport> below, const context& with) : below_(std::move(below)), engine_(with) {}

    /// @throws error, timeout_error, and what the transport throws; then there is nothing left but to close
    async<> handshake(duration limit);

    /// @{ As a transport's functions of these names.
    async<std::size_t> read(bytes_span into);
    std::optional<std::size_t> try_read(bytes_span into);
    async<std::size_t> write(std::span<const bytes_view> pieces);
    std::size_t try_write(std::span<const bytes_view> pieces);
    async<> shut_down();
    void close() noexcept;
    void abort() noexcept;
    /// @}

    transport& below() const noexcept { return *below_; }
    const engine& state() const noexcept { return engine_; }

private:
    class background;

    step encrypt(std::span<const bytes_view> pieces);
    void require_writable(step last);
    std::size_t settle(std::span<const bytes_view> pieces) noexcept;
    void require_open() const;
    bool send_now();
    void require_sendable() const;
    async<> flush();
    void flush_unasked() noexcept;
    static async<> keep_flushing(std::shared_ptr<session> self);
    async<> receive();
    void received(std::span<const std::byte> bytes);
    async<step> negotiate();
    async<> tell_why();
    async<> tell_and_listen();
    [[noreturn]] void fail() const;

    std::unique_ptr<transport> below_;
    engine engine_;
    mutex sending_;
    mutex receiving_;
    std::exception_ptr send_error_;  // it is every later send's too
    // Plaintext that has been encrypted, but not reported as written, because its ciphertext has not been sent. A
    // transport's writer offers it again, first, and whatever it offers of it is not encrypted a second time.
    std::size_t owed_ = 0;
    bool flushing_ = false;  // in the background
    bool is_closed_ = false;
};

}  // namespace torus::inline v0::tls
