// tests/core/backend_cancel_test.cpp: cancelling an operation at each moment of its life, on every backend.
#include "core/backend_support.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::testing {
namespace {

/// What became of a task that was cancelled: its operation's result, or nothing.
struct ending {
    bool cancelled = false;
    std::int32_t result = 0;
};

async<ending> end_of(task<std::int32_t> t) {
    ending e;
    try {
        e.result = co_await t;
    } catch (const cancelled_error&) {
        e.cancelled = true;
    }
    co_return e;
}

TORUS_IO_TEST(backend_cancel, before_submission_nothing_is_submitted) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> t = create_task([&]() -> async<std::int32_t> {
        current_task().cancel();
        co_return co_await receiving(c.here.get(), buffer);
    });
    EXPECT_TRUE((co_await end_of(t)).cancelled);
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_cancel, between_submission_and_the_kernel_takes_no_byte) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> t = create_task(receive_into(c.here.get(), buffer));
    co_await yield_now();
    EXPECT_EQ(world().in_flight(), 1u);
    t.cancel();
    EXPECT_TRUE((co_await end_of(t)).cancelled);
    EXPECT_EQ(world().in_flight(), 0u);
    co_await sending(c.there.get(), "x");
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 1);
}

TORUS_IO_TEST(backend_cancel, in_the_kernel_takes_no_byte) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    task<std::int32_t> t = create_task(receive_into(c.here.get(), buffer));
    co_await let_kernel_run();
    t.cancel();
    EXPECT_TRUE((co_await end_of(t)).cancelled);
    co_await sending(c.there.get(), "x");
    EXPECT_EQ(co_await receiving(c.here.get(), buffer), 1);
}

TORUS_IO_TEST(backend_cancel, S126_after_completion_the_result_wins) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 4> buffer;
    bool received = false;
    task<std::int32_t> t = create_task([&]() -> async<std::int32_t> {
        const std::int32_t count = co_await receiving(c.here.get(), buffer);
        received = count == 1;
        co_await yield_now();
        co_return count;
    });
    co_await let_kernel_run();
    EXPECT_EQ(::send(c.there.get(), "x", 1, 0), 1);
    while (world().in_flight() > 0) world().wait(duration::max());
    t.cancel();
    EXPECT_TRUE((co_await end_of(t)).cancelled);  // at the yield
    EXPECT_TRUE(received);
}

TORUS_IO_TEST(backend_cancel, of_a_partial_transfer_gives_the_part) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::array<char, 16> buffer;
    task<std::int32_t> t = create_task(receive_into(c.here.get(), buffer, MSG_WAITALL));
    co_await let_kernel_run();
    co_await sending(c.there.get(), "abc");
    co_await let_kernel_run();
    EXPECT_FALSE(t.done());
    t.cancel();
    EXPECT_EQ((co_await end_of(t)).result, 3);

    const std::size_t before = fill(c.here.get());
    const std::string much(8 * 1024 * 1024, 'm');
    t = create_task(send_all_of(c.here.get(), much, MSG_WAITALL));
    co_await let_kernel_run();
    std::string received = drain(c.there.get());
    co_await let_kernel_run();
    t.cancel();
    const ending e = co_await end_of(t);
    const std::size_t sent = before + static_cast<std::size_t>(e.result);
    while (received.size() < sent) {
        EXPECT_EQ(co_await polling(c.there.get(), POLLIN), POLLIN);
        received += drain(c.there.get());
    }
    EXPECT_EQ(received.size(), sent);
}

TORUS_IO_TEST(backend_cancel, of_every_waiting_verb_leaves_its_descriptor_usable) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    connection pipe = make_pipe(O_NONBLOCK);
    owned_descriptor listener = make_listener();
    fill(c.there.get());
    std::array<char, 4> buffer;
    const auto read_from = [&buffer](int descriptor) -> async<std::int32_t> {
        co_return co_await reading(descriptor, buffer);
    };
    std::vector<task<std::int32_t>> tasks;
    tasks.push_back(create_task(accept_from(listener.get())));
    tasks.push_back(create_task(send_all_of(c.there.get(), "x")));
    tasks.push_back(create_task(receive_into(c.there.get(), buffer)));
    tasks.push_back(create_task(poll_for(c.there.get(), POLLIN)));
    tasks.push_back(create_task(read_from, pipe.here.get()));
    co_await let_kernel_run();
    for (auto& each : tasks) each.cancel();
    for (auto& each : tasks) EXPECT_TRUE((co_await end_of(each)).cancelled);
    EXPECT_EQ(world().in_flight(), 0u);

    owned_descriptor client = connected_to(listener);
    owned_descriptor accepted(co_await accepting(listener.get()));
    EXPECT_GE(accepted.get(), 0);
    EXPECT_EQ(co_await writing(pipe.there.get(), "p"), 1);
    EXPECT_EQ(co_await reading(pipe.here.get(), buffer), 1);
    EXPECT_EQ(co_await sending(c.here.get(), "y"), 1);
    EXPECT_EQ(co_await polling(c.there.get(), POLLIN), POLLIN);
    EXPECT_EQ(co_await receiving(c.there.get(), buffer), 1);
}

// More than the submission queue holds.
constexpr std::size_t many = 3000;

std::vector<task<std::int32_t>> many_receives(const std::vector<connection>& connections, std::span<char> buffer,
                                              std::size_t count) {
    std::vector<task<std::int32_t>> tasks;
    for (std::size_t i = 0; i < count; ++i)
        tasks.push_back(create_task(receive_into(connections[i % connections.size()].here.get(), buffer)));
    return tasks;
}

std::vector<connection> make_pairs(std::size_t count) {
    std::vector<connection> connections;
    for (std::size_t i = 0; i < count; ++i) connections.push_back(make_pair());
    return connections;
}

TORUS_IO_TEST(backend_cancel, S566_is_not_dropped_when_the_queue_is_full) {
    if (without_kernel()) co_return;
    std::vector<connection> connections = make_pairs(30);
    std::array<char, 1> buffer;
    for (const int passes : {0, 2}) {
        std::vector<task<std::int32_t>> tasks = many_receives(connections, buffer, many);
        co_await yield_now();
        co_await let_kernel_run(passes);
        EXPECT_EQ(world().in_flight(), many);
        for (auto& each : tasks) each.cancel();
        for (auto& each : tasks) EXPECT_TRUE((co_await end_of(each)).cancelled);
        EXPECT_EQ(world().in_flight(), 0u);
    }
}

TORUS_IO_TEST(backend_cancel, S567_of_ten_thousand_operations_ends_them_all) {
    if (without_kernel()) co_return;
    std::vector<connection> connections = make_pairs(100);
    std::array<char, 1> buffer;
    std::vector<task<std::int32_t>> tasks = many_receives(connections, buffer, 10'000);
    co_await let_kernel_run(2);
    EXPECT_EQ(world().in_flight(), 10'000u);
    for (auto& each : tasks) each.cancel();
    for (auto& each : tasks) EXPECT_TRUE((co_await end_of(each)).cancelled);
    EXPECT_EQ(world().in_flight(), 0u);
}

TORUS_IO_TEST(backend_cancel, ten_thousand_operations_complete_at_once) {
    if (without_kernel()) co_return;
    std::vector<connection> connections = make_pairs(100);
    std::array<char, 1> buffer;
    std::vector<task<std::int32_t>> tasks = many_receives(connections, buffer, 10'000);
    co_await let_kernel_run(2);
    for (const connection& each : connections)
        EXPECT_EQ(::send(each.there.get(), std::string(100, 'x').data(), 100, 0), 100);
    for (auto& each : tasks) EXPECT_EQ(co_await each, 1);
}

TORUS_IO_TEST(backend_cancel, does_not_hit_the_next_operation_at_the_same_address) {
    if (without_kernel()) co_return;
    connection c = make_pair();
    std::vector<connection> crowd = make_pairs(30);
    std::array<char, 1> buffer;
    int cancels = 0, received = 0;
    // Each turn of the loop awaits at the same place of the same frame.
    task<> reader = create_task([&]() -> async<> {
        for (bool more = true; more;) {
            try {
                more = co_await receiving(c.here.get(), buffer) == 1;
                received += more;
            } catch (const cancelled_error&) {
                ++cancels;
                current_task().uncancel();
            }
        }
    });
    for (int round = 0; round < 20; ++round) {
        co_await let_kernel_run(1);
        // With the queue full of others, the cancel waits in a list while the operation completes.
        std::vector<task<std::int32_t>> others = many_receives(crowd, buffer, many / 2);
        co_await yield_now();
        EXPECT_EQ(::send(c.there.get(), "x", 1, 0), 1);
        reader.cancel();
        for (auto& each : others) each.cancel();
        for (auto& each : others) co_await end_of(each);
    }
    c.there.close();
    co_await reader;
    EXPECT_EQ(received, 20);
    EXPECT_EQ(cancels, 20);
}

TORUS_IO_TEST(backend_cancel, S127_at_random_moments_loses_no_byte) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::mt19937 random(127);
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    std::string sent, received;
    std::array<char, 64> buffer;
    for (int round = 0; round < 2000; ++round) {
        task<std::int32_t> reader = create_task(receive_into(c.here.get(), buffer));
        for (bool waiting = true; waiting && !reader.done();) {
            if (chance(2)) co_await yield_now();
            if (chance(3)) world().wait(duration::zero());
            if (chance(2)) {
                const std::string bytes(1 + random() % 40, static_cast<char>('a' + round % 26));
                const ssize_t count = ::send(c.there.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
                if (count > 0) sent += bytes.substr(0, static_cast<std::size_t>(count));
            }
            if (chance(3)) world().wait(duration::zero());
            if (chance(3)) waiting = !reader.cancel();
        }
        const ending e = co_await end_of(reader);
        if (!e.cancelled) received.append(buffer.data(), static_cast<std::size_t>(e.result));
    }
    while (received.size() < sent.size()) {
        const std::int32_t count = co_await receiving(c.here.get(), buffer);
        received.append(buffer.data(), static_cast<std::size_t>(count));
    }
    EXPECT_EQ(received, sent);
}

TORUS_IO_TEST(backend_cancel, S127_of_sends_at_random_moments_counts_every_byte) {
    if (without_kernel()) co_return;
    connection c = make_tcp_pair();
    std::mt19937 random(1270);
    const std::string bytes(300'000, 's');
    std::size_t sent = 0, received = 0;
    for (int round = 0; round < 300; ++round) {
        task<std::int32_t> writer = create_task(send_all_of(c.here.get(), bytes, random() % 2 ? MSG_WAITALL : 0));
        for (unsigned passes = random() % 4; passes > 0; --passes) co_await let_kernel_run(1);
        if (random() % 2) received += drain(c.there.get()).size();
        writer.cancel();
        const ending e = co_await end_of(writer);
        if (!e.cancelled) sent += static_cast<std::size_t>(e.result);
    }
    while (received < sent) {
        EXPECT_EQ(co_await polling(c.there.get(), POLLIN), POLLIN);
        received += drain(c.there.get()).size();
    }
    EXPECT_EQ(received, sent);
}

TORUS_IO_TEST(backend_cancel, S127_of_accepts_at_random_moments_loses_no_connection) {
    if (without_kernel()) co_return;
    const std::size_t before = descriptor_count();
    {
        owned_descriptor listener = make_listener();
        std::mt19937 random(12700);
        std::vector<owned_descriptor> clients, accepted;
        for (int round = 0; round < 300; ++round) {
            task<std::int32_t> acceptor = create_task(accept_from(listener.get()));
            if (random() % 2) co_await let_kernel_run(1);
            if (clients.size() < 100) clients.push_back(connected_to(listener));
            if (random() % 2) world().wait(duration::zero());
            acceptor.cancel();
            const ending e = co_await end_of(acceptor);
            if (!e.cancelled) accepted.emplace_back(e.result);
        }
        while (accepted.size() < clients.size()) accepted.emplace_back(co_await accepting(listener.get()));
        for (const owned_descriptor& each : accepted) EXPECT_GE(each.get(), 0);
    }
    co_await let_kernel_run();
    EXPECT_EQ(descriptor_count(), before);
}

TORUS_IO_TEST(backend_cancel, of_a_call_that_blocks_waits_for_its_result) {
    if (without_kernel()) co_return;
    const std::string path =
        (std::filesystem::temp_directory_path() / ("torus-fifo-" + std::to_string(::getpid()))).string();
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const std::size_t before = descriptor_count();
    {
        const auto open_fifo = [&path]() -> async<std::int32_t> {
            co_return co_await performing(verb::open, AT_FDCWD, path.c_str(), 0, O_RDONLY, 0);
        };
        std::vector<task<std::int32_t>> openers;
        for (std::size_t i = 0; i < max_threads + 8; ++i) openers.push_back(create_task(open_fifo));
        co_await let_kernel_run();
        for (auto& each : openers) each.cancel();
        co_await let_kernel_run();
        owned_descriptor writer(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));  // lets go those that block
        std::vector<owned_descriptor> opened;
        for (auto& each : openers) {
            const ending e = co_await end_of(each);
            if (!e.cancelled) opened.emplace_back(e.result);
        }
        for (const owned_descriptor& each : opened) EXPECT_GE(each.get(), 0);
        if (world().name() == "epoll") EXPECT_LE(opened.size(), max_threads);
    }
    ::unlink(path.c_str());
    EXPECT_EQ(descriptor_count(), before);
    EXPECT_EQ(world().in_flight(), 0u);
}

}  // namespace
}  // namespace torus::testing
