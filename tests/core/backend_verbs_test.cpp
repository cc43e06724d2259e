// tests/core/backend_verbs_test.cpp: what each verb does, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace torus::testing {
namespace {

TORUS_IO_TEST(backend_verbs, nop_completes_with_zero) {
    EXPECT_EQ(co_await performing(verb::nop, -1), 0);
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_verbs, what_a_world_does_not_have_is_answered_with_enosys) {
    if (world().name() != "sim") co_return;
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await receiving(0, buffer), -ENOSYS);
    EXPECT_EQ(co_await polling(0, POLLIN), -ENOSYS);
}

TORUS_IO_TEST(backend_verbs, receive_gives_what_has_arrived) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    EXPECT_EQ(co_await sending(c.there.get(), "hello"), 5);
    const std::int32_t count = co_await receiving(c.here.get(), buffer);
    EXPECT_EQ(count, 5);
    EXPECT_EQ(std::string_view(buffer.data(), 5), "hello");
}

TORUS_IO_TEST(backend_verbs, receive_waits_for_bytes) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    for (int round = 0; round < 3; ++round) {
        std::array<char, 16> buffer;
        task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
        co_await let_kernel_run();
        EXPECT_FALSE(waiting.done());
        EXPECT_EQ(world().in_flight(), 1u);
        EXPECT_EQ(co_await sending(c.there.get(), "abc"), 3);
        EXPECT_EQ(co_await waiting, 3);
    }
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_verbs, receive_peeks) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    co_await sending(c.there.get(), "abc");
    task<std::int32_t> first = create_task(receive_into(c.here.get(), buffer, MSG_PEEK));
    EXPECT_EQ(co_await first, 3);
    task<std::int32_t> again = create_task(receive_into(c.here.get(), buffer, MSG_PEEK));
    EXPECT_EQ(co_await again, 3);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 3);
}

TORUS_IO_TEST(backend_verbs, an_arrival_is_what_has_come_or_comes_after_a_receive_that_found_all) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    EXPECT_EQ(co_await sending(c.there.get(), "abc"), 3);
    EXPECT_EQ(co_await arriving(c.here.get()), POLLIN);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 3);
    for (int round = 0; round < 3; ++round) {
        task<std::int32_t> waiting = create_task(await_arrival(c.here.get()));
        co_await let_kernel_run();
        EXPECT_FALSE(waiting.done());
        EXPECT_EQ(co_await sending(c.there.get(), "abc"), 3);
        EXPECT_EQ(co_await waiting, POLLIN);
        EXPECT_EQ(co_await arriving(c.here.get()), POLLIN);  // it is still there
        EXPECT_EQ(co_await receiving(c.here.get(), buffer), 3);
    }
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_verbs, an_arrival_is_seen_where_a_receive_left_something) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await sending(c.there.get(), "abcdef"), 6);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 4);
    EXPECT_EQ(co_await arriving(c.here.get()), POLLIN);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 2);
    task<std::int32_t> waiting = create_task(await_arrival(c.here.get()));
    co_await let_kernel_run();
    waiting.cancel();
    bool was_cancelled = false;
    try {
        co_await waiting;
    } catch (const cancelled_error&) {
        was_cancelled = true;
    }
    EXPECT_TRUE(was_cancelled);
    EXPECT_EQ(co_await sending(c.there.get(), "g"), 1);
    EXPECT_EQ(co_await arriving(c.here.get()), POLLIN);
}

TORUS_IO_TEST(backend_verbs, an_end_arrives_once_and_again) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await sending(c.there.get(), "a"), 1);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 1);
    task<std::int32_t> waiting = create_task(await_arrival(c.here.get()));
    co_await let_kernel_run();
    ::shutdown(c.there.get(), SHUT_WR);
    EXPECT_TRUE(co_await waiting & POLLIN);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 0);
    EXPECT_TRUE(co_await arriving(c.here.get()) & POLLIN);
}

TORUS_IO_TEST(backend_verbs, a_stream_ends_with_zero_bytes_after_its_last) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    co_await sending(c.there.get(), "last");
    c.there.close();
    EXPECT_EQ(co_await waiting, 4);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 0);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 0);
}

TORUS_IO_TEST(backend_verbs, a_waiting_receive_sees_the_end) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    c.there.close();
    EXPECT_EQ(co_await waiting, 0);
}

TORUS_IO_TEST(backend_verbs, a_reset_connection_says_so) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    const linger at_once{1, 0};
    ::setsockopt(c.there.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    c.there.close();
    EXPECT_EQ(co_await waiting, -ECONNRESET);
}

TORUS_IO_TEST(backend_verbs, sending_to_a_closed_peer_is_epipe_and_no_signal) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    c.there.close();
    EXPECT_EQ(co_await sending(c.here.get(), "x"), -EPIPE);
    iovec piece{const_cast<char*>("x"), 1};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    EXPECT_EQ(co_await performing(verb::send_message, c.here.get(), &message), -EPIPE);
}

TORUS_IO_TEST(backend_verbs, send_waits_for_room) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::size_t sent = fill(c.here.get());
    task<std::int32_t> waiting = create_task(send_all_of(c.here.get(), "late"));
    co_await let_kernel_run();
    EXPECT_FALSE(waiting.done());
    std::string received;
    while (!waiting.done()) {
        received += drain(c.there.get());
        co_await yield_now();
    }
    EXPECT_EQ(co_await waiting, 4);
    while (received.size() < sent + 4) {
        EXPECT_NE(co_await polling(c.there.get(), POLLIN), 0);
        received += drain(c.there.get());
    }
    EXPECT_EQ(received.substr(sent), "late");
}

TORUS_IO_TEST(backend_verbs, waitall_transfers_everything) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    const std::string bytes(4 * 1024 * 1024, 'w');
    std::string into(bytes.size(), '\0');
    task<std::int32_t> receiver = create_task(receive_into(c.here.get(), into, MSG_WAITALL));
    task<std::int32_t> sender = create_task(send_all_of(c.there.get(), bytes, MSG_WAITALL));
    EXPECT_EQ(co_await sender, static_cast<std::int32_t>(bytes.size()));
    EXPECT_EQ(co_await receiver, static_cast<std::int32_t>(bytes.size()));
    EXPECT_EQ(into, bytes);
}

TORUS_IO_TEST(backend_verbs, waitall_messages_transfer_everything) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    constexpr std::size_t half = 2 * 1024 * 1024;
    std::string first(half, '1'), second(half, '2'), into(2 * half, '\0');
    std::array<iovec, 2> out{iovec{first.data(), half}, iovec{second.data(), half}};
    std::array<iovec, 3> in{iovec{into.data(), 7}, iovec{into.data() + 7, half},
                            iovec{into.data() + 7 + half, half - 7}};
    msghdr sent{}, received{};
    sent.msg_iov = out.data();
    sent.msg_iovlen = out.size();
    received.msg_iov = in.data();
    received.msg_iovlen = in.size();
    task<std::int32_t> receiver = create_task([&]() -> async<std::int32_t> {
        co_return co_await performing(verb::receive_message, c.here.get(), &received, 0, MSG_WAITALL);
    });
    EXPECT_EQ(co_await performing(verb::send_message, c.there.get(), &sent, 0, MSG_WAITALL),
              static_cast<std::int32_t>(2 * half));
    EXPECT_EQ(co_await receiver, static_cast<std::int32_t>(2 * half));
    EXPECT_EQ(into, first + second);
}

TORUS_IO_TEST(backend_verbs, what_is_there_already_does_not_wait_for_something_else_to_happen) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await sending(c.there.get(), "1234"), 4);
    EXPECT_EQ(co_await polling(c.here.get(), POLLIN), POLLIN);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer, MSG_WAITALL), 4);
    EXPECT_EQ(co_await sending(c.there.get(), "5678", MSG_WAITALL), 4);
    EXPECT_EQ(co_await receiving(c.here.get(), buffer, MSG_WAITALL), 4);
}

TORUS_IO_TEST(backend_verbs, any_number_of_operations_completes) {
    const auto nothing = []() -> async<std::int32_t> { co_return co_await performing(verb::nop, -1); };
    // Around the sizes of the queues.
    for (const int count : {1, 1023, 1024, 1025, 2048, 2049, 8192, 9000}) {
        std::vector<task<std::int32_t>> tasks;
        for (int i = 0; i < count; ++i) tasks.push_back(create_task(nothing()));
        for (auto& each : tasks) EXPECT_EQ(co_await each, 0);
    }
}

TORUS_IO_TEST(backend_verbs, waitall_ends_early_with_the_stream) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer, MSG_WAITALL));
    co_await let_kernel_run();
    co_await sending(c.there.get(), "abc");
    co_await let_kernel_run();
    EXPECT_FALSE(waiting.done());
    c.there.close();
    EXPECT_EQ(co_await waiting, 3);
}

TORUS_IO_TEST(backend_verbs, datagrams_keep_their_bounds_and_senders) {
    if (without_kernel()) co_return;
    owned_descriptor here(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    owned_descriptor there(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(here.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(here.get(), reinterpret_cast<sockaddr*>(&address), &size);
    for (const std::string_view text : {"one", "three"}) {
        iovec piece{const_cast<char*>(text.data()), text.size()};
        msghdr message{};
        message.msg_name = &address;
        message.msg_namelen = sizeof address;
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        EXPECT_EQ(co_await performing(verb::send_message, there.get(), &message), static_cast<int>(text.size()));
    }
    for (const std::int32_t expected : {3, 5}) {
        std::array<char, 16> buffer;
        sockaddr_in from{};
        iovec piece{buffer.data(), buffer.size()};
        msghdr message{};
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        EXPECT_EQ(co_await performing(verb::receive_message, here.get(), &message), expected);
        EXPECT_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    }
}

TORUS_IO_TEST(backend_verbs, a_received_descriptor_is_closed_on_exec) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    owned_descriptor file = make_file();
    char byte = 'd';
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec piece{&byte, 1};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int sent = file.get();
    std::memcpy(CMSG_DATA(header), &sent, sizeof sent);
    EXPECT_EQ(co_await performing(verb::send_message, c.here.get(), &message), 1);
    control = {};
    message.msg_controllen = control.size();
    EXPECT_EQ(co_await performing(verb::receive_message, c.there.get(), &message), 1);
    int received = -1;
    std::memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
    owned_descriptor arrived(received);
    EXPECT_NE(received, sent);
    EXPECT_TRUE(::fcntl(received, F_GETFD) & FD_CLOEXEC);
}

TORUS_IO_TEST(backend_verbs, operations_on_nothing_are_ebadf) {
    if (without_kernel()) co_return;
    std::array<char, 4> buffer;
    for (const int nothing : {-1, 60, 987, std::numeric_limits<int>::max()}) {
        EXPECT_EQ(co_await receiving(nothing, buffer), -EBADF);
        EXPECT_EQ(co_await sending(nothing, "x"), -EBADF);
        EXPECT_EQ(co_await accepting(nothing), -EBADF);
        EXPECT_EQ(co_await polling(nothing, POLLIN), -EBADF);
        EXPECT_EQ(co_await reading(nothing, buffer), -EBADF);
        EXPECT_EQ(co_await writing(nothing, "x", 0), -EBADF);
        EXPECT_EQ(co_await performing(verb::sync, nothing), -EBADF);
    }
}

}  // namespace
}  // namespace torus::testing
