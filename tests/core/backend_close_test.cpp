// tests/core/backend_close_test.cpp: closing descriptors with and without operations on them, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {
namespace {

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

TORUS_IO_TEST(backend_close, of_an_idle_descriptor_happens_at_once) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    const int number = c.here.get();
    c.here.close();
    EXPECT_FALSE(is_open(number));
    std::array<char, 4> buffer;
    EXPECT_EQ(co_await receiving(c.there.get(), buffer), 0);
}

TORUS_IO_TEST(backend_close, ends_every_operation_with_ecanceled) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    fill(c.here.get());
    std::array<char, 4> buffer;
    std::vector<task<std::int32_t>> tasks;
    tasks.push_back(create_task(receive_into(c.here.get(), buffer)));
    tasks.push_back(create_task(receive_into(c.here.get(), buffer)));
    tasks.push_back(create_task(send_all_of(c.here.get(), "x")));
    tasks.push_back(create_task(poll_for(c.here.get(), POLLIN)));
    co_await let_kernel_run();
    EXPECT_EQ(world().in_flight(), tasks.size());
    const int number = c.here.get();
    c.here.close();
    for (auto& each : tasks) EXPECT_EQ(co_await each, -ECANCELED);  // an error of the operation, not a cancellation
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_close, ends_what_has_not_reached_the_kernel) {
    if (without_kernel()) co_return;
    connection c = make_pair(), other = make_pair();
    std::array<char, 1> buffer;
    std::vector<task<std::int32_t>> tasks;
    // More than the submission queue holds.
    for (int i = 0; i < 1500; ++i) tasks.push_back(create_task(receive_into(other.here.get(), buffer)));
    for (int i = 0; i < 1500; ++i) tasks.push_back(create_task(receive_into(c.here.get(), buffer)));
    co_await yield_now();
    const int numbers[] = {c.here.get(), other.here.get()};
    c.here.close();
    other.here.close();
    for (auto& each : tasks) EXPECT_EQ(co_await each, -ECANCELED);
    for (const int each : numbers) EXPECT_FALSE(is_open(each));
}

TORUS_IO_TEST(backend_close, keeps_the_number_while_the_kernel_holds_operations) {
    if (world().name() != "io_uring") co_return;  // the others hold nothing in the kernel
    connection c = make_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    const int number = c.here.get();
    c.here.close();
    EXPECT_TRUE(is_open(number));
    world().close(number);  // a second time: nothing changes
    EXPECT_TRUE(is_open(number));
    EXPECT_EQ(co_await waiting, -ECANCELED);
    EXPECT_FALSE(is_open(number));
}

TORUS_IO_TEST(backend_close, refuses_what_comes_later) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    const int number = c.here.get();
    c.here.close();
    EXPECT_EQ(co_await sending(number, "x"), -EBADF);
    EXPECT_EQ(co_await receiving(number, buffer), -EBADF);
    EXPECT_EQ(co_await polling(number, POLLIN), -EBADF);
    EXPECT_EQ(co_await waiting, -ECANCELED);
}

TORUS_IO_TEST(backend_close, tells_the_peer) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    c.here.close();
    EXPECT_EQ(co_await receiving(c.there.get(), buffer), 0);
    EXPECT_EQ(co_await waiting, -ECANCELED);
}

TORUS_IO_TEST(backend_close, lets_the_number_be_used_again) {
    if (without_kernel()) co_return;
    int former = -1, reused = 0;
    for (int round = 0; round < 50; ++round) {
        connection c = round < 25 ? make_tcp_pair() : make_pair();
        reused += c.here.get() == former;
        former = c.here.get();
        std::array<char, 4> buffer;
        for (int i = 0; i < 2; ++i) {
            task<std::int32_t> waiting = create_task(receive_into(c.here.get(), buffer));
            co_await let_kernel_run(1);
            EXPECT_EQ(co_await sending(c.there.get(), "ok"), 2);
            EXPECT_EQ(co_await waiting, 2);
        }
        task<std::int32_t> abandoned = create_task(receive_into(c.here.get(), buffer));
        co_await let_kernel_run(1);
        c.there.close();  // an event for a descriptor that is about to be closed
        c.here.close();
        const std::int32_t result = co_await abandoned;
        EXPECT_TRUE(result == 0 || result == -ECANCELED) << result;
    }
    EXPECT_GT(reused, 0);
}

TORUS_IO_TEST(backend_close, spares_another_descriptor_of_the_same_file) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    owned_descriptor same(::fcntl(c.here.get(), F_DUPFD_CLOEXEC, 0));
    std::array<char, 4> buffer;
    task<std::int32_t> closed = create_task(receive_into(c.here.get(), buffer));
    task<std::int32_t> spared = create_task(receive_into(same.get(), buffer));
    co_await let_kernel_run();
    c.here.close();
    EXPECT_EQ(co_await closed, -ECANCELED);
    co_await let_kernel_run();
    EXPECT_FALSE(spared.done());
    EXPECT_EQ(co_await sending(c.there.get(), "x"), 1);
    EXPECT_EQ(co_await spared, 1);
}

TORUS_IO_TEST(backend_close, of_a_file_waits_for_what_runs_on_it) {
    if (without_kernel()) co_return;
    owned_descriptor file = make_file();
    const int number = file.get();
    const std::string bytes(1024 * 1024, 'f');
    std::vector<task<std::int32_t>> writers;
    const auto write_at = [&bytes](int descriptor, std::uint64_t at) -> async<std::int32_t> {
        co_return co_await writing(descriptor, bytes, at);
    };
    for (std::uint64_t i = 0; i < 2 * max_threads; ++i)
        writers.push_back(create_task(write_at, number, i * bytes.size()));
    co_await yield_now();
    file.close();
    for (auto& each : writers) {
        const std::int32_t result = co_await each;
        EXPECT_TRUE(result == static_cast<std::int32_t>(bytes.size()) || result == -ECANCELED) << result;
    }
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_close, leaks_no_descriptor) {
    if (without_kernel()) co_return;
    const std::size_t before = descriptor_count();
    for (int round = 0; round < 20; ++round) {
        std::vector<connection> connections;
        std::vector<task<std::int32_t>> waiting;
        std::array<char, 1> buffer;
        for (int i = 0; i < 20; ++i) {
            connections.push_back(make_pair());
            waiting.push_back(create_task(receive_into(connections.back().here.get(), buffer)));
        }
        co_await let_kernel_run(round % 3);
        connections.clear();
        for (auto& each : waiting) co_await each;
    }
    EXPECT_EQ(descriptor_count(), before);
}

}  // namespace
}  // namespace torus::testing
