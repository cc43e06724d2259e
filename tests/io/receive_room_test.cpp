// tests/io/receive_room_test.cpp: how much room a stream offers to what it receives.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/io/io.hpp>
#include <torus/testing/test.hpp>

#include <malloc.h>
#include <sys/socket.h>

namespace torus::testing {
namespace {

/// Messages of one size; a read gives no more than what is left of one.
class messages final : public transport {
public:
    messages(std::size_t size, std::vector<std::size_t>& rooms) : size_(size), left_(size), rooms_(rooms) {}

    std::optional<std::size_t> try_read(bytes_span into) override {
        rooms_.push_back(into.size());
        const std::size_t count = std::min(into.size(), left_);
        std::memset(into.data(), 'x', count);
        left_ -= count;
        if (left_ == 0) left_ = size_;
        return count;
    }
    async<std::size_t> read(bytes_span into) override { co_return *try_read(into); }
    async<std::size_t> write(std::span<const bytes_view>) override { co_return 0; }
    async<> shut_down() override { co_return; }
    void close() noexcept override {}

private:
    const std::size_t size_;
    std::size_t left_;
    std::vector<std::size_t>& rooms_;
};

/// Takes whole messages as they come; how many reads each took.
async<std::vector<std::size_t>> reads_of(stream_reader& from, std::size_t size, std::vector<std::size_t>& rooms,
                                         int count) {
    std::vector<std::size_t> reads;
    for (int i = 0; i < count; ++i) {
        rooms.clear();
        for (std::size_t received = 0; received < size;) {
            co_await from.fill();
            received += from.buffered().size();
            from.consume(from.buffered().size());
        }
        reads.push_back(rooms.size());
    }
    co_return reads;
}

TORUS_TEST(receive_room, large_messages_are_soon_received_in_one_go) {
    std::vector<std::size_t> rooms;
    stream_reader from(std::make_unique<messages>(16 * 1024, rooms));
    const auto reads = co_await reads_of(from, 16 * 1024, rooms, 10);
    EXPECT_EQ(std::vector(reads.begin() + 3, reads.end()), std::vector<std::size_t>(7, 1));
}

/// Memory that is in use when a message has come, and nobody has taken it.
async<std::size_t> memory_when_there(stream& from, stream& to, std::size_t size) {
    std::size_t in_use = 0;
    auto receive = [&]() -> async<> {
        for (std::size_t received = 0; received < size;) {
            co_await from.fill();
            in_use = ::mallinfo2().uordblks;
            received += from.buffered().size();
            from.consume(from.buffered().size());
        }
    };
    auto send = [&]() -> async<> { co_await to.write(std::string(size, 'x')); };
    co_await gather(receive(), send());
    co_return in_use;
}

TORUS_IO_TEST(receive_room, small_messages_take_little_again_after_large_ones) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    stream from(socket_transport(descriptor(ends[0])));
    stream to(socket_transport(descriptor(ends[1])));
    for (int i = 0; i < 3; ++i) co_await memory_when_there(from, to, 100);
    const std::size_t before = co_await memory_when_there(from, to, 100);
    for (int i = 0; i < 5; ++i) co_await memory_when_there(from, to, 64 * 1024);
    for (int i = 0; i < 50; ++i) co_await memory_when_there(from, to, 100);
    const std::size_t after = co_await memory_when_there(from, to, 100);
    EXPECT_LT(after, before + 8 * 1024);
}

}  // namespace
}  // namespace torus::testing
