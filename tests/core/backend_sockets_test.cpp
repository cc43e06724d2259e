// tests/core/backend_sockets_test.cpp: accepting, connecting and polling, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <set>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace torus::testing {
namespace {

sockaddr_in address_of(const owned_descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return address;
}

owned_descriptor new_socket(int family = AF_INET) {
    return owned_descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

TORUS_IO_TEST(backend_accept, gives_a_socket_that_neither_blocks_nor_is_inherited) {
    if (without_kernel()) co_return;
    owned_descriptor listener = make_listener();
    task<std::int32_t> waiting = create_task(accept_from(listener.get()));
    co_await let_kernel_run();
    EXPECT_FALSE(waiting.done());
    owned_descriptor client = connected_to(listener);
    owned_descriptor accepted(co_await waiting);
    EXPECT_TRUE(::fcntl(accepted.get(), F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(accepted.get(), F_GETFL) & O_NONBLOCK);
}

TORUS_IO_TEST(backend_accept, tells_the_address_of_the_peer) {
    if (without_kernel()) co_return;
    owned_descriptor listener = make_listener();
    owned_descriptor client = connected_to(listener);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    performing accepting_with_address(verb::accept, listener.get(), &peer);
    accepting_with_address.second = &size;
    owned_descriptor accepted(co_await std::move(accepting_with_address));
    EXPECT_GE(accepted.get(), 0);
    EXPECT_EQ(peer.sin_port, address_of(client).sin_port);
}

TORUS_IO_TEST(backend_accept, serves_a_burst_of_clients) {
    if (without_kernel()) co_return;
    constexpr std::size_t clients = 100;
    owned_descriptor listener = make_listener();
    std::vector<owned_descriptor> ends;
    task<> server = create_task([&]() -> async<> {
        for (std::size_t i = 0; i < clients; ++i) ends.emplace_back(co_await accepting(listener.get()));
    });
    for (std::size_t i = 0; i < clients; ++i) {
        ends.push_back(connected_to(listener));
        if (i % 10 == 0) co_await let_kernel_run(1);
    }
    co_await server;
    EXPECT_EQ(ends.size(), 2 * clients);
    for (const owned_descriptor& each : ends) EXPECT_GE(each.get(), 0);
}

TORUS_IO_TEST(backend_accept, serves_many_waiting_acceptors) {
    if (without_kernel()) co_return;
    owned_descriptor listener = make_listener();
    std::vector<task<std::int32_t>> waiting;
    for (int i = 0; i < 20; ++i) waiting.push_back(create_task(accept_from(listener.get())));
    co_await let_kernel_run();
    std::vector<owned_descriptor> ends;
    for (int i = 0; i < 20; ++i) ends.push_back(connected_to(listener));
    for (auto& each : waiting) ends.emplace_back(co_await each);
    for (const owned_descriptor& each : ends) EXPECT_GE(each.get(), 0);
}

/// Takes all descriptors that the process may have.
class no_descriptors_left {
public:
    no_descriptors_left() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit few = before_;
        few.rlim_cur = descriptor_count() + 10;
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int taken = 0; (taken = ::fcntl(0, F_DUPFD_CLOEXEC, 0)) >= 0;) taken_.push_back(taken);
    }
    ~no_descriptors_left() {
        for (const int each : taken_) ::close(each);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }

private:
    rlimit before_{};
    std::vector<int> taken_;
};

TORUS_IO_TEST(backend_accept, without_descriptors_left_says_so_and_goes_on_later) {
    if (without_kernel()) co_return;
    if (address_sanitizer) co_return;  // it looks at memory through a pipe, and takes it for bad without one
    owned_descriptor listener = make_listener();
    const sockaddr_in address = address_of(listener);
    owned_descriptor client = new_socket();
    {
        const no_descriptors_left none;
        task<std::int32_t> waiting = create_task(accept_from(listener.get()));
        co_await let_kernel_run();
        EXPECT_EQ(co_await performing(verb::connect, client.get(), &address, sizeof address), 0);
        EXPECT_EQ(co_await waiting, -EMFILE);
        EXPECT_EQ(co_await accepting(listener.get()), -EMFILE);
    }
    owned_descriptor accepted(co_await accepting(listener.get()));
    EXPECT_GE(accepted.get(), 0);
}

TORUS_IO_TEST(backend_connect, reaches_a_listener) {
    if (without_kernel()) co_return;
    owned_descriptor listener = make_listener();
    const sockaddr_in address = address_of(listener);
    owned_descriptor client = new_socket();
    EXPECT_EQ(co_await performing(verb::connect, client.get(), &address, sizeof address), 0);
    owned_descriptor accepted(co_await accepting(listener.get()));
    EXPECT_EQ(co_await sending(client.get(), "hi"), 2);
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await receiving(accepted.get(), buffer), 2);
    EXPECT_EQ(co_await sending(accepted.get(), "you"), 3);
    EXPECT_EQ(co_await receiving(client.get(), buffer), 3);
}

TORUS_IO_TEST(backend_connect, is_refused_where_nobody_listens) {
    if (without_kernel()) co_return;
    owned_descriptor bound = new_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(bound.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    address = address_of(bound);  // bound, but not listening: nobody else can listen there meanwhile
    owned_descriptor client = new_socket();
    EXPECT_EQ(co_await performing(verb::connect, client.get(), &address, sizeof address), -ECONNREFUSED);
}

TORUS_IO_TEST(backend_connect, reaches_a_unix_listener_and_is_refused_without_one) {
    if (without_kernel()) co_return;
    owned_descriptor listener = new_socket(AF_UNIX);
    sockaddr_un any{};
    any.sun_family = AF_UNIX;  // with nothing more than this the kernel chooses an abstract name
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&any), sizeof any.sun_family), 0);
    sockaddr_un address{};
    socklen_t size = sizeof address;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    owned_descriptor early = new_socket(AF_UNIX);
    EXPECT_EQ(co_await performing(verb::connect, early.get(), &address, size), -ECONNREFUSED);
    ::listen(listener.get(), 4);
    owned_descriptor client = new_socket(AF_UNIX);
    EXPECT_EQ(co_await performing(verb::connect, client.get(), &address, size), 0);
    owned_descriptor accepted(co_await accepting(listener.get()));
    EXPECT_EQ(co_await sending(client.get(), "x"), 1);
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await receiving(accepted.get(), buffer), 1);
}

TORUS_IO_TEST(backend_connect, can_be_cancelled_while_the_backlog_is_full) {
    if (without_kernel()) co_return;
    const std::size_t before = descriptor_count();
    {
        owned_descriptor listener = make_listener(0);
        const sockaddr_in address = address_of(listener);
        std::vector<owned_descriptor> clients;
        std::vector<task<std::int32_t>> connecting;
        const auto connect_to = [&address](int client) -> async<std::int32_t> {
            co_return co_await performing(verb::connect, client, &address, sizeof address);
        };
        for (int i = 0; i < 8; ++i) {
            clients.push_back(new_socket());
            connecting.push_back(create_task(connect_to, clients.back().get()));
        }
        co_await let_kernel_run(5);
        for (auto& each : connecting) each.cancel();
        std::size_t cancelled = 0;
        for (auto& each : connecting) {
            try {
                EXPECT_EQ(co_await each, 0);
            } catch (const cancelled_error&) {
                ++cancelled;
            }
        }
        EXPECT_GT(cancelled, 0u);
    }
    EXPECT_EQ(descriptor_count(), before);
}

TORUS_IO_TEST(backend_poll, tells_what_is_there_now) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    EXPECT_EQ(co_await polling(c.here.get(), POLLIN | POLLOUT), POLLOUT);
    co_await sending(c.there.get(), "x");
    EXPECT_EQ(co_await polling(c.here.get(), POLLIN), POLLIN);
    EXPECT_EQ(co_await polling(c.here.get(), POLLIN), POLLIN);  // level: nothing has been read
}

TORUS_IO_TEST(backend_poll, wakes_everyone_who_waits_for_the_descriptor) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    task<std::int32_t> first = create_task(poll_for(c.here.get(), POLLIN));
    task<std::int32_t> second = create_task(poll_for(c.here.get(), POLLIN));
    task<std::int32_t> room = create_task(poll_for(c.here.get(), POLLOUT));
    EXPECT_EQ(co_await room, POLLOUT);
    EXPECT_FALSE(first.done() || second.done());
    co_await sending(c.there.get(), "x");
    EXPECT_EQ(co_await first, POLLIN);
    EXPECT_EQ(co_await second, POLLIN);
}

TORUS_IO_TEST(backend_poll, tells_of_urgent_bytes) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    task<std::int32_t> urgent = create_task(poll_for(c.here.get(), POLLIN | POLLPRI));
    co_await let_kernel_run();
    EXPECT_FALSE(urgent.done());
    co_await sending(c.there.get(), "u", MSG_OOB);
    const std::int32_t events = co_await urgent;
    EXPECT_TRUE(events & POLLPRI) << events;
}

TORUS_IO_TEST(backend_poll, can_be_mixed_with_receiving) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    for (int round = 0; round < 3; ++round) {
        task<std::int32_t> watcher = create_task(poll_for(c.here.get(), POLLIN));
        co_await let_kernel_run();
        co_await sending(c.there.get(), "x");
        EXPECT_EQ(co_await watcher, POLLIN);
        EXPECT_EQ(co_await receiving(c.here.get(), buffer), 1);
        task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
        co_await let_kernel_run();
        co_await sending(c.there.get(), "y");
        EXPECT_EQ(co_await waiting, 1);
    }
}

TORUS_IO_TEST(backend_poll, notices_that_a_number_stands_for_another_file) {
    if (without_kernel()) co_return;
    connection first = make_pipe(O_NONBLOCK);
    const int number = first.here.get();
    task<std::int32_t> watcher = create_task(poll_for(number, POLLIN));
    co_await let_kernel_run();
    co_await writing(first.there.get(), "x");
    EXPECT_EQ(co_await watcher, POLLIN);
    ::close(first.here.release());  // behind the backend's back
    connection second = make_pipe(O_NONBLOCK);
    EXPECT_EQ(second.here.get(), number);
    watcher = create_task(poll_for(number, POLLIN));
    co_await let_kernel_run();
    EXPECT_FALSE(watcher.done());
    co_await writing(second.there.get(), "x");
    EXPECT_EQ(co_await watcher, POLLIN);
}

TORUS_IO_TEST(backend_sockets, serve_readers_in_the_order_of_their_arrival) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<std::array<char, 1>, 8> buffers;
    std::vector<task<std::int32_t>> waiting;
    for (auto& each : buffers) waiting.push_back(create_task(receive_into(c.here.get(), each)));
    co_await let_kernel_run();
    co_await sending(c.there.get(), "01234567");
    for (auto& each : waiting) EXPECT_EQ(co_await each, 1);
    std::set<char> received;
    for (auto& each : buffers) received.insert(each[0]);
    EXPECT_EQ(received.size(), buffers.size());
    if (world().name() != "epoll") co_return;  // io_uring wakes them all, and promises no order
    for (std::size_t i = 0; i < buffers.size(); ++i) EXPECT_EQ(buffers[i][0], static_cast<char>('0' + i));
}

TORUS_IO_TEST(backend_sockets, read_and_write_at_the_same_time) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    constexpr std::size_t total = 8 * 1024 * 1024;
    const std::string chunk(128 * 1024, 'c');
    const auto pump = [&chunk](int descriptor) -> async<> {
        for (std::size_t sent = 0; sent < total;) {
            const std::int32_t count = co_await sending(descriptor, std::string_view(chunk).substr(0, total - sent));
            if (count <= 0) throw std::runtime_error("send");
            sent += static_cast<std::size_t>(count);
        }
    };
    const auto sink = [](int descriptor) -> async<std::size_t> {
        std::string into(100'000, '\0');
        std::size_t received = 0;
        while (received < total) {
            const std::int32_t count = co_await receiving(descriptor, into);
            if (count <= 0) break;
            received += static_cast<std::size_t>(count);
        }
        co_return received;
    };
    task<> out = create_task(pump, c.here.get());
    task<> back = create_task(pump, c.there.get());
    task<std::size_t> in = create_task(sink, c.there.get());
    EXPECT_EQ(co_await sink(c.here.get()), total);
    EXPECT_EQ(co_await in, total);
    co_await out;
    co_await back;
}

}  // namespace
}  // namespace torus::testing
