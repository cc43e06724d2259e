// tests/net/sockets.cpp: sockets of plain system calls.
#include "net/sockets.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "asked.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {

namespace {

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
    return result;
}

address name_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (sockets().local_name(socket, reinterpret_cast<sockaddr*>(&storage), size) < 0) return {};
    return address::from(reinterpret_cast<const sockaddr*>(&storage), size);
}

/// The numbers of this process's descriptors.
std::vector<int> descriptors() {
    std::vector<int> all;
    DIR* const folder = ::opendir("/proc/self/fd");
    if (!folder) throw std::system_error(errno, std::system_category(), "/proc/self/fd");
    while (const dirent* const each = ::readdir(folder))
        if (each->d_name[0] != '.' && std::stoi(each->d_name) != ::dirfd(folder))
            all.push_back(std::stoi(each->d_name));
    ::closedir(folder);
    return all;
}

}  // namespace

bare_listener::bare_listener(const address& at, int backlog)
    : socket_(asked(sockets().open(at.data()->sa_family, SOCK_STREAM, 0), "socket")) {
    asked(sockets().bind(socket_.number(), at.data(), at.size()), "bind");
    asked(sockets().listen(socket_.number(), backlog), "listen");
    where_ = name_of(socket_.number());
}

descriptor bare_listener::accept() {
    return descriptor(checked(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK), "accept"));
}

// With a backlog of none the kernel keeps one client, and another that is still shaking hands.
deaf_listener::deaf_listener(std::string_view host, std::uint16_t port)
    : listener_(address::ip(host, port).value(), 0) {
    for (int i = 0; i < 2; ++i) {
        queued_.emplace_back(asked(sockets().open(where().data()->sa_family, SOCK_STREAM, 0), "socket"));
        const int result = sockets().connect(queued_.back().number(), where().data(), where().size());
        if (result != -EINPROGRESS) asked(result, "connect");
    }
}

address refusing(std::string_view host) { return bare_listener(address::ip(host, 0).value()).where(); }

std::size_t open_descriptors() { return descriptors().size(); }

int option_of(int socket, int level, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    asked(sockets().get_option(socket, level, option, &value, size), "getsockopt");
    return value;
}

std::optional<int> listening_descriptor(const address& at) {
    for (const int each : descriptors()) {
        int listens = 0;
        socklen_t size = sizeof listens;
        const bool is_socket = ::getsockopt(each, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0;
        if (is_socket && listens != 0 && name_of(each) == at) return each;
    }
    return std::nullopt;
}

no_descriptors_left::no_descriptors_left() {
    rlimit limit{};
    checked(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    former_ = std::exchange(limit.rlim_cur, 0);
    checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

no_descriptors_left::~no_descriptors_left() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    limit.rlim_cur = former_;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace torus::testing
