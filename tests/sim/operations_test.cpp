// tests/sim/operations_test.cpp: operations on simulated sockets, as a backend's contract has them.
#include <torus/sim/network.hpp>

#include <array>
#include <string>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "asked.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace torus::testing {
namespace {

using namespace std::literals;

class performing final : public operation {
public:
    using operation::operation;
    std::int32_t await_resume() { return outcome(); }
};

void run_on(const sim::network_options& options, async<> main) {
    const sim::network network(options);
    run(std::move(main), {.world = &network, .blocked_after = duration::zero()});
}

async<std::int32_t> transfer(verb what, int socket, msghdr* message, std::uint32_t flags) {
    co_return co_await performing(what, socket, message, 0, flags);
}

/// Bytes in two pieces.
struct in_two {
    explicit in_two(std::string& bytes)
        : pieces{
              {{bytes.data(), bytes.size() / 3}, {bytes.data() + bytes.size() / 3, bytes.size() - bytes.size() / 3}}} {
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
    }
    std::array<iovec, 2> pieces;
    msghdr message{};
};

TEST(simulated_operations, S585_have_descriptors_that_the_kernel_does_not_know) {
    run_on({}, []() -> async<> {
        const int number = asked(sockets().open(AF_INET, SOCK_STREAM, 0), "socket");
        EXPECT_LT(::fcntl(number, F_GETFD), 0);
        EXPECT_EQ(sockets().listen(number, 1), 0);
        EXPECT_EQ((co_await performing(verb::close, number)), 0);
        EXPECT_EQ(sockets().listen(number, 1), -EBADF);
        EXPECT_EQ((co_await performing(verb::receive, number)), -EBADF);
        EXPECT_EQ(asked(sockets().open(AF_INET, SOCK_STREAM, 0), "socket"), number);  // the lowest free one
    }());
}

TEST(simulated_operations, S585_move_all_bytes_where_all_are_wanted) {
    run_on({.split = 0.5}, []() -> async<> {
        std::array<int, 2> ends{};
        asked(sockets().open_pair(SOCK_STREAM, ends), "socketpair");
        std::string sent(500'000, 'x');  // more than there is room for
        std::string received(sent.size(), ' ');
        in_two out(sent);
        in_two in(received);
        task<std::int32_t> sending = create_task(transfer(verb::send_message, ends[0], &out.message, MSG_WAITALL));
        EXPECT_EQ((co_await transfer(verb::receive_message, ends[1], &in.message, MSG_WAITALL)), 500'000);
        EXPECT_EQ(co_await sending, 500'000);
        EXPECT_EQ(received, sent);
    }());
}

TEST(simulated_operations, S585_split_what_comes_in_pieces_too) {
    run_on({.split = 1}, []() -> async<> {
        std::array<int, 2> ends{};
        asked(sockets().open_pair(SOCK_STREAM, ends), "socketpair");
        std::string sent(1000, 'x');
        in_two out(sent);
        EXPECT_LT((co_await transfer(verb::send_message, ends[0], &out.message, 0)), 1000);
    }());
}

TEST(simulated_operations, S585_pass_no_descriptors_and_say_so) {
    run_on({}, []() -> async<> {
        std::array<int, 2> ends{};
        asked(sockets().open_pair(SOCK_STREAM, ends), "socketpair");
        std::string bytes = "with a descriptor";
        in_two out(bytes);
        std::array<char, CMSG_SPACE(sizeof(int))> control{};
        out.message.msg_control = control.data();
        out.message.msg_controllen = control.size();
        EXPECT_EQ((co_await transfer(verb::send_message, ends[0], &out.message, 0)), -EOPNOTSUPP);
    }());
}

TEST(simulated_operations, S607_are_heard_of_late_and_keep_their_results_when_they_are_cancelled_meanwhile) {
    run_on({.late = 1}, []() -> async<> {
        std::array<int, 2> ends{};
        asked(sockets().open_pair(SOCK_STREAM, ends), "socketpair");
        std::string received(5, ' ');
        in_two in(received);
        task<std::int32_t> receiving = create_task(transfer(verb::receive_message, ends[1], &in.message, 0));
        co_await let_others_run();
        std::string sent = "hello";
        const in_two out(sent);
        EXPECT_EQ(sockets().send(ends[0], out.message), 5);
        co_await let_others_run();
        EXPECT_FALSE(receiving.done());
        receiving.cancel();
        EXPECT_EQ(co_await receiving, 5);
        EXPECT_EQ(received, "hello");
    }());
}

TEST(simulated_operations, S607_are_heard_of_within_a_millisecond) {
    run_on({.late = 1}, []() -> async<> {
        const time_point before = clock::now();
        const int number = asked(sockets().open(AF_INET, SOCK_STREAM, 0), "socket");
        EXPECT_EQ((co_await performing(verb::close, number)), 0);
        EXPECT_GT(clock::now(), before);
        EXPECT_LE(clock::now(), before + 1ms);
    }());
}

}  // namespace
}  // namespace torus::testing
