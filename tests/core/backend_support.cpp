// tests/core/backend_support.cpp: sockets, pipes and files for the contract of the backends.
#include "core/backend_support.hpp"

#include <array>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::inline v0::testing {

namespace {

int checked(int result) {
    if (result < 0) throw std::system_error(errno, std::system_category(), "in the test's preparation");
    return result;
}

sockaddr_in address_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    checked(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size));
    return address;
}

void skip() { GTEST_SKIP() << "there is no kernel in the simulation"; }

}  // namespace

async<std::int32_t> receive_into(int descriptor, std::span<char> into, std::uint32_t flags) {
    co_return co_await receiving(descriptor, into, flags);
}

async<std::int32_t> send_all_of(int descriptor, std::string_view bytes, std::uint32_t flags) {
    co_return co_await sending(descriptor, bytes, flags);
}

async<std::int32_t> accept_from(int listener) { co_return co_await accepting(listener); }

async<std::int32_t> poll_for(int descriptor, std::uint32_t events) { co_return co_await polling(descriptor, events); }
async<std::int32_t> await_arrival(int socket) { co_return co_await arriving(socket); }

bool without_kernel() {
    if (event_loop::current().backend_name() != "sim") return false;
    skip();
    return true;
}

connection make_pair() {
    int ends[2];
    checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
    return {owned_descriptor(ends[0]), owned_descriptor(ends[1])};
}

owned_descriptor make_listener(int backlog) {
    owned_descriptor listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
    checked(::listen(listener.get(), backlog));
    return listener;
}

owned_descriptor connected_to(const owned_descriptor& listener) {
    owned_descriptor client(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    const sockaddr_in address = address_of(listener.get());
    checked(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    checked(::fcntl(client.get(), F_SETFL, O_NONBLOCK));
    return client;
}

connection make_tcp_pair() {
    owned_descriptor listener = make_listener();
    owned_descriptor here = connected_to(listener);
    // connect(2) has returned, so that the connection is there to be accepted.
    owned_descriptor there(checked(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)));
    return {std::move(here), std::move(there)};
}

connection make_pipe(int flags) {
    int ends[2];
    checked(::pipe2(ends, flags | O_CLOEXEC));
    return {owned_descriptor(ends[0]), owned_descriptor(ends[1])};
}

owned_descriptor make_file() {
    std::string path = (std::filesystem::temp_directory_path() / "torus-test-XXXXXX").string();
    owned_descriptor file(checked(::mkostemp(path.data(), O_CLOEXEC)));
    ::unlink(path.c_str());
    return file;
}

std::size_t descriptor_count() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

std::size_t fill(int descriptor) {
    const std::string chunk(16 * 1024, 'f');
    std::size_t total = 0;
    // Small pieces go where large ones don't fit any more.
    for (const std::size_t size : {chunk.size(), std::size_t{1}})
        for (ssize_t sent = 0; (sent = ::send(descriptor, chunk.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0;)
            total += static_cast<std::size_t>(sent);
    return total;
}

std::string drain(int descriptor) {
    std::string all;
    std::array<char, 16 * 1024> buffer;
    for (ssize_t count = 0; (count = ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;)
        all.append(buffer.data(), static_cast<std::size_t>(count));
    return all;
}

async<> let_kernel_run(int passes) {
    for (int i = 0; i < passes; ++i) {
        co_await yield_now();
        world().wait(duration::zero());
    }
}

}  // namespace torus::inline v0::testing
