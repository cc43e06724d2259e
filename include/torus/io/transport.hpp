// torus/io/transport.hpp: what is under a stream: a socket, TLS, a piece of memory.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0 {

/// Moves bytes both ways, without buffers, limits or conveniences: those are the stream's.
///
/// The stream calls `read` for one task at a time, and `write` and `shut_down` for one task at a time, but a read and a
/// write may be under way together. Errors are exceptions, and final: after one the stream asks no more in that
/// direction.
class transport {
public:
    transport() noexcept = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;
    /// Closes, if that has not happened.
    virtual ~transport() = default;

    /// Receives what has arrived, at least one byte, as soon as there is one.
    /// @param  into  not empty
    /// @return bytes received; 0 at the end
    /// @cancel no byte is lost: what was taken from below and not returned is returned by the next read
    virtual async<std::size_t> read(bytes_span into) = 0;

    /// The same without waiting: nothing if it would have to wait, or if this transport does not know.
    virtual std::optional<std::size_t> try_read(bytes_span into);

    /// Sends some of the bytes, at least one, from the front. There is at least one piece, and none is empty. What has
    /// not been taken is offered again, before anything else, or nothing is written any more: so a transport may have
    /// begun to send it.
    /// @return bytes taken; they are on their way, whatever happens later
    /// @cancel takes none, or returns what it took while the cancellation stays pending
    virtual async<std::size_t> write(std::span<const bytes_view> pieces) = 0;

    /// The same without waiting: 0 if it would have to wait, or if this transport does not know.
    virtual std::size_t try_write(std::span<const bytes_view> pieces);

    /// Tells the peer that no more will come: it reads the end. Everything written is on its way already.
    /// @cancel the peer may have been told, or not
    virtual async<> shut_down() = 0;

    /// Whether closing should be preceded by `shut_down`, because the peer would take a mere close for a truncation.
    virtual bool must_shut_down() const noexcept { return false; }

    /// Closes both directions at once. What waits for a read or write ends with `connection_closed`. Harmless when
    /// repeated.
    virtual void close() noexcept = 0;

    /// Closes so that the peer notices that something was cut off, if that can be said here (a TCP reset).
    virtual void abort() noexcept { close(); }

    /// The socket whose bytes are this transport's, untransformed: reads go to the kernel directly. -1 if there is none.
    virtual int socket() const noexcept { return -1; }

    /// The descriptor at the bottom, for socket options; -1 if there is none.
    virtual int descriptor() const noexcept { return socket(); }

    /// The other side's address and this side's; none if they have no address.
    virtual address peer() const { return {}; }
    virtual address local() const { return {}; }
};

/// A connected stream socket as a transport. `peer` is remembered, if it is given: the kernel forgets it with the
/// connection.
std::unique_ptr<transport> socket_transport(torus::descriptor socket, const address& peer = {});

}  // namespace torus::inline v0
