// src/net/make_socket.hpp: making sockets.
#pragma once

#include <cstdint>
#include <system_error>

#include <torus/io/address.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0 {

/// A stream socket, non-blocking and close-on-exec; small writes of a TCP socket go out at once.
/// @throws std::system_error
descriptor open_socket(address_family family);

/// A socket of any type, SOCK_STREAM or another, likewise.
/// @throws std::system_error
descriptor open_socket(address_family family, int type);

/// What a listening socket shares with others.
enum class sharing : unsigned char { none, port };
/// Which families a listening IPv6 socket serves.
enum class reach : unsigned char { own_family, both_families };

/// A socket that listens; those it accepts send small writes at once as well.
/// @throws std::system_error  with the address in what()
descriptor listen_at(const address& at, int backlog, sharing with, reach what = reach::own_family);

/// Sets an option that is a number.
/// @throws std::system_error
void set_option(const descriptor& socket, int level, int option, int value);

/// Gives the socket its address.
/// @throws std::system_error  with the address in what()
void bind_at(const descriptor& socket, const address& at);

/// Throws the error, naming the call and the address.
[[noreturn]] void fail_at(const char* call, const address& at, int error);

/// Whether this machine does not have that address, or that family.
bool is_unavailable(const std::system_error& e) noexcept;

/// Gives the socket the address it connects from.
/// @throws std::system_error
void bind_to(const descriptor& socket, const address& from);

/// Whether anybody has a socket of this type at a Unix socket's path.
bool is_served(const address& path, int type);

/// Whether it is the address of a Unix socket that has a file.
bool has_file(const address& at) noexcept;

/// Gives a Unix socket its address. If a socket of its type that is nobody's any more has left its file there, that
/// is replaced.
/// @throws std::system_error  EADDRINUSE if it is somebody's, or no socket
void bind_replacing(const descriptor& socket, const address& at, int type);

/// The file of a Unix socket, which one it is: if another has taken its place, that is somebody else's.
struct socket_file {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
};

/// The file that has just been made there; none if the address has no file.
socket_file file_of(const address& at) noexcept;

/// Removes the file, if it is still this one.
void remove_file(const address& at, const socket_file& file) noexcept;

}  // namespace torus::inline v0
