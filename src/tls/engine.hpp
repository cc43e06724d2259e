// src/tls/engine.hpp: TLS without a socket: ciphertext in, ciphertext out, plaintext between.
#pragma once

#include "tls/configuration.hpp"
#include "tls/wire.hpp"

#include <torus/tls/certificate.hpp>
#include <torus/tls/context.hpp>
#include <torus/tls/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace torus::inline v0::tls {

/// Whom a client wants to talk to. The certificate must be for `host`, a name or an IP address, or for `server_name`
/// if that is given: then the server is asked for by that name (SNI), wherever the connection goes.
struct peer {
    std::string_view host;
    std::uint16_t port = 0;  ///< sessions are resumed with the same name and port
    std::string_view server_name = {};
};

/// What a step came to, and so what its caller does next.
enum class step : std::uint8_t {
    done,         ///< what was asked is done, or a part of it: some bytes moved
    want_input,   ///< nothing more can be done before the peer sends: receive, then try again
    want_output,  ///< too much waits to be sent: send, then try again
    closed,       ///< the peer said that it sends no more (read); this side said so itself (write)
    failed,       ///< it is over, failure() says why; send what waits (the alert for the peer), then close
};

/// How a read or a write ended. `step` is `done` whenever bytes moved.
struct moved {
    tls::step step;
    std::size_t bytes = 0;
};

/// Bounds of one engine.
struct engine_limits {
    /// write() accepts no more while so much ciphertext waits: the high-water mark of torus::stream.
    std::size_t output = 64 * 1024;
    /// What is queued for the peer without our asking (answers to its key updates) may exceed `output` by so much before
    /// it counts as an attack: 2,000 answers that the peer does not care to receive.
    std::size_t unasked_output = 64 * 1024;
    /// Records under one key before it is replaced: AES-GCM is good for 2^24.5 of them (RFC 8446, 5.5).
    std::uint64_t records_per_key = std::uint64_t{1} << 23;
};

/// One side of a TLS connection.
///
/// It neither blocks nor does I/O. Its owner carries ciphertext: from the transport into room() or feed(), and from
/// to_send() to the transport, after every call of another function, whatever that returned. One task may read while
/// another one writes, on one thread; what room() and to_send() lent stays valid meanwhile.
///
/// Errors of the connection are steps, not exceptions, because the alert that tells the peer must still be sent. Out of
/// memory is std::bad_alloc, from the call it happens in and from each one after it.
class engine {
public:
    /// A client. Throws tls::error(configuration) if `with` is a server's, or nothing names the server to be verified.
    engine(const context& with, const peer& server, const engine_limits& limits = {});
    /// A server. Throws tls::error(configuration) if `with` is a client's.
    explicit engine(const context& with, const engine_limits& limits = {});
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Where to receive ciphertext into: 33 KB at most, none of it held between received() and the next room() once
    /// everything was read. Empty if so much is unread: read first.
    std::span<std::byte> room() { return wire_.in.room(); }
    /// `bytes` were received into room(); 0 if none were after all.
    void received(std::size_t bytes) noexcept { wire_.in.received(bytes); }
    /// Copies ciphertext in, as much as there is room for. @return how much that was
    std::size_t feed(std::span<const std::byte> bytes);
    /// The transport has ended: nothing more will come.
    void received_end() noexcept { input_ended_ = true; }

    /// Ciphertext to send, the oldest; it stays where it is until sent().
    std::span<const std::byte> to_send() const noexcept { return wire_.out.front(); }
    void sent(std::size_t bytes) noexcept { wire_.out.sent(bytes); }
    std::size_t waiting_to_be_sent() const noexcept { return wire_.out.size(); }

    /// Agrees with the peer on keys and identities: done, want_input or failed. read() and write() do it if nobody did.
    step handshake();
    /// Decrypts into `into`: done with at least one byte, want_input, closed, or failed. `closed` means that the peer ended
    /// properly, nothing is missing. (An empty `into`: done, 0.)
    moved read(std::span<std::byte> into);
    /// Encrypts some of `from`: done with at least one byte, want_output, closed after close(), failed; want_input while the
    /// peer is in the middle of a message about keys. What it accepted will be sent as it is, whatever happens.
    moved write(std::span<const std::byte> from);
    /// Says that nothing more will be written (close_notify): done, failed; want_input as write(). Reading goes on.
    step close();

    /// Why it failed. Only after a step said so.
    const error& failure() const noexcept { return *failure_; }

    bool is_server() const noexcept { return configuration_->is_server(); }
    bool is_established() const noexcept { return established_; }
    /// True if a part of a record has arrived, so that the rest will come soon, and may be long.
    bool is_amid_record() const noexcept { return wire_.in.size() != 0 || SSL_has_pending(ssl_.get()) == 1; }
    /// The protocol chosen, "h2"; empty before the handshake is done, or if there was none in the offer.
    std::string_view alpn() const noexcept;
    /// What was agreed on. After the handshake.
    handshake_result result() const;

    /// True while it holds buffers of its own besides what OpenSSL needs for an idle connection.
    bool holds_buffers() const noexcept { return wire_.in.has_memory() || wire_.out.has_memory(); }

private:
    void make();
    void aim_at(const peer& server);
    step after(int result, phase when);
    step fail(error why) noexcept;
    bool replace_keys();

    std::shared_ptr<configuration> configuration_;
    engine_limits limits_;
    connection_facts facts_;
    wire wire_;  // outlives ssl_, which reads and writes it
    ssl_pointer ssl_;
    std::optional<error> failure_;
    std::uint64_t records_ = 0;  // written under the present key
    bool established_ = false;
    bool input_ended_ = false;
    bool closed_ = false;
};

}  // namespace torus::inline v0::tls
