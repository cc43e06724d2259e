// torus/tls/stream.hpp: TLS over a stream, or over anything that carries bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/io/stream.hpp>
#include <torus/tls/certificate.hpp>
#include <torus/tls/context.hpp>
#include <torus/tls/error.hpp>

namespace torus::inline v0::tls {

/// How long a handshake may take. It needs two round trips and some milliseconds of arithmetic; who takes longer than
/// this is overloaded, or holds a connection open on purpose.
inline constexpr duration default_handshake_timeout = std::chrono::seconds(10);

struct handshake_options {
    duration timeout = default_handshake_timeout;
    std::uint16_t port = 0;  // sessions are resumed with the same name and port; 0 is the port of the peer
    std::string_view server_name = {};  // asked for, and verified, instead of the host's name
};

/// Makes a connection secure, as its client: the handshake, and the verification of the server's certificate and name.
///
///     stream plain = co_await open_connection("example.com", 443);
///     stream conn = co_await tls::connect(std::move(plain), tls::context::client(), "example.com");
///
/// The stream behaves like any other. `close()` says goodbye to the peer; an end without its goodbye is an error
/// (`reason::truncated`), because somebody may have cut the rest off. It works over any stream, another TLS one
/// included, and in the middle of a conversation (STARTTLS), between two messages.
///
/// @param  host  the name or IP address that the certificate must be for
/// @throws tls::error           the certificate, or something else that what() names
/// @throws timeout_error        the handshake took too long
/// @throws invalid_state_error  bytes have been received and not been read
/// @throws connection_closed, std::system_error  as reading and writing do
/// @cancel the connection is closed
async<stream> connect(stream plain, context with, std::string host, handshake_options options = {});

/// The same as its server.
///
/// With TLS 1.3 a client learns only from its first read that the server does not want it: the server looks at a client
/// certificate when the client thinks that all is done.
///
/// @throws as connect()
/// @cancel the connection is closed
async<stream> accept(stream plain, context with, handshake_options options = {});

/// Goes on securely in the middle of a conversation (STARTTLS): as a server with a server's context, which `host` does
/// not concern; else as a client.
///
///     co_await conn.write("STARTTLS\r\n");
///     expect_ready(co_await conn.readline());
///     conn = co_await tls::start_tls(std::move(conn), tls::context::client(), "mail.example");
///
/// What the peer has sent before its turn, in the clear, is refused: somebody on the wire could have put it there, to be
/// taken for a part of the secure conversation.
///
/// @throws invalid_state_error  bytes have been received and not been read; the connection is closed
/// @throws as connect()
/// @cancel the connection is closed
/// @source asyncio.StreamWriter.start_tls
async<stream> start_tls(stream plain, context with, std::string host = {}, handshake_options options = {});

/// Connects and makes the connection secure: `open_connection` and `connect` in one.
/// @throws as both of them
/// @cancel no socket is left
async<stream> open_connection(std::string host, std::uint16_t port);
async<stream> open_connection(std::string host, std::uint16_t port, context with);

/// What the handshake of a stream agreed on; nothing if it is no TLS stream.
std::optional<handshake_result> negotiated(const stream& secured);

}  // namespace torus::inline v0::tls
