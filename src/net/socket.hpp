// src/net/socket.hpp: sockets as the kernel makes them. The simulation will stand here.
#pragma once

#include <torus/io/address.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0 {

/// A stream socket, non-blocking and close-on-exec; small writes of a TCP socket go out at once.
/// @throws std::system_error
descriptor open_socket(address_family family);

/// What a listening socket shares with others.
enum class sharing : unsigned char { none, port };
/// Which families a listening IPv6 socket serves.
enum class reach : unsigned char { own_family, both_families };

/// A socket that listens; those it accepts send small writes at once as well.
/// @throws std::system_error  with the address in what()
descriptor listen_at(const address& at, int backlog, sharing with, reach what = reach::own_family);

/// Gives the socket the address it connects from.
/// @throws std::system_error
void bind_to(const descriptor& socket, const address& from);

/// The address of this side; none if it has none.
address local_address(const descriptor& socket) noexcept;

/// Whether anybody accepts connections at a Unix socket's path.
bool is_served(const address& path);

}  // namespace torus::inline v0
