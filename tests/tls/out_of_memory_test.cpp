// tests/tls/out_of_memory_test.cpp: whichever allocation fails, nothing crashes, leaks or is half done.
#include "pair.hpp"

#include <cstdlib>
#include <new>

namespace {

// How many more allocations of this thread succeed; negative: all of them.
thread_local long allocations_left = -1;

void* allocate(std::size_t size) {
    if (allocations_left == 0) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    if (void* memory = std::malloc(size ? size : 1)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace torus::tls::testing {
namespace {

enum class outcome { worked, failed, threw };

/// Runs `what` while the allocation after the first `succeeding` ones fails, and all later ones too.
template <typename What>
outcome starved(long succeeding, What what) {
    allocations_left = succeeding;
    outcome result = outcome::threw;
    try {
        result = what() ? outcome::worked : outcome::failed;
    } catch (const std::bad_alloc&) {
        // what we wait for
    }
    allocations_left = -1;
    expect_clean_error_queue();
    return result;
}

/// Does it with ever more memory, until it works. @return how often it did not
template <typename What>
int starvations(What what) {
    for (long succeeding = 0; succeeding < 10'000; ++succeeding)
        if (starved(succeeding, what) == outcome::worked) return static_cast<int>(succeeding);
    ADD_FAILURE() << "it never works";
    return 0;
}

/// Without the test's own allocations, which carry() and transfer() make.
bool talk(pair& both) {
    for (int turn = 0; turn < 4; ++turn) {
        both.client.handshake();
        carry(both.client, both.server);
        both.server.handshake();
        carry(both.server, both.client);
    }
    std::byte buffer[100];
    const moved sent = both.client.write(bytes("hello"));
    carry(both.client, both.server);
    return sent.bytes == 5 && both.server.read(buffer).bytes == 5;
}

TEST(tls_out_of_memory, leaves_no_half_made_context) {
    EXPECT_GT(starvations([] { return test_server_context().is_server(); }), 1);
    EXPECT_GT(starvations([] { return !test_client_context({.alpn = "h2"}).is_server(); }), 1);
}

TEST(tls_out_of_memory, ends_one_connection_and_no_other) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    EXPECT_GT(starvations([&] {
                  pair both(client, server);
                  return talk(both);
              }),
              5);
    pair both(client, server);
    EXPECT_TRUE(talk(both));
}

TEST(tls_out_of_memory, still_refuses_a_bad_certificate) {
    const auto client = test_client_context();
    const auto server = test_server_context();
    for (long succeeding = 0; succeeding < 100; ++succeeding) {
        starved(succeeding, [&] {
            pair both(client, server, {.host = "c.example"});
            const bool talked = talk(both);
            EXPECT_FALSE(talked);
            return talked;
        });
    }
}

TEST(tls_out_of_memory, is_said_again_by_every_later_call) {
    pair both(test_client_context(), test_server_context());
    both.shake();
    listen(both.client);
    EXPECT_EQ(starved(0, [&] { return both.client.write(bytes("hello")).bytes != 0; }), outcome::threw);
    EXPECT_THROW(both.client.write(bytes("hello")), std::bad_alloc);
    std::byte buffer[1];
    EXPECT_THROW(both.client.read(buffer), std::bad_alloc);
}

}  // namespace
}  // namespace torus::tls::testing
