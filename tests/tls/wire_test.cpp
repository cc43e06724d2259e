// tests/tls/wire_test.cpp: ciphertext on its way in and out.
#include "tls/wire.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace torus::tls {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void receive(inbox& box, std::string_view text) {
    const auto room = box.room();
    ASSERT_GE(room.size(), text.size());
    std::copy_n(bytes(text).begin(), text.size(), room.begin());
    box.received(text.size());
}

std::string take(inbox& box, std::size_t most) {
    std::string text(most, '\0');
    text.resize(box.take(std::as_writable_bytes(std::span(text))));
    return text;
}

TEST(tls_inbox, gives_out_what_came_in) {
    inbox box;
    EXPECT_EQ(take(box, 5), "");
    EXPECT_FALSE(box.has_memory());
    receive(box, "hello ");
    receive(box, "world");
    EXPECT_EQ(take(box, 3), "hel");
    receive(box, "!");
    EXPECT_EQ(take(box, 100), "lo world!");
    EXPECT_FALSE(box.has_memory());
}

TEST(tls_inbox, has_room_until_it_is_full_and_again_when_some_was_taken) {
    inbox box;
    EXPECT_EQ(box.room().size(), inbox::capacity);
    receive(box, std::string(inbox::capacity, 'x'));
    EXPECT_TRUE(box.room().empty());
    EXPECT_EQ(take(box, 10).size(), 10u);
    EXPECT_EQ(box.room().size(), 10u);
    box.received(0);
    EXPECT_EQ(take(box, 2 * inbox::capacity).size(), inbox::capacity - 10);
}

TEST(tls_inbox, leaves_lent_room_where_it_is) {
    inbox box;
    receive(box, "before");
    const auto lent = box.room();  // a receive is in flight ...
    EXPECT_EQ(take(box, 100), "before");
    EXPECT_TRUE(box.has_memory());
    EXPECT_EQ(box.room().data(), lent.data());
    std::copy_n(bytes("after").begin(), 5, lent.begin());
    box.received(5);  // ... and done
    EXPECT_EQ(take(box, 100), "after");
    EXPECT_FALSE(box.has_memory());
}

TEST(tls_inbox, gives_up_its_memory_if_nothing_came) {
    inbox box;
    receive(box, "x");
    EXPECT_EQ(take(box, 1), "x");
    box.room();
    EXPECT_TRUE(box.has_memory());
    box.received(0);
    EXPECT_FALSE(box.has_memory());
}

TEST(tls_outbox, gives_out_what_was_appended) {
    outbox box;
    EXPECT_TRUE(box.front().empty());
    EXPECT_FALSE(box.has_memory());
    box.append(bytes("hello "));
    box.append(bytes("world"));
    EXPECT_EQ(text_of(box.front()), "hello world");
    box.sent(4);
    EXPECT_EQ(text_of(box.front()), "o world");
    EXPECT_EQ(box.size(), 7u);
    box.sent(0);
    box.sent(7);
    EXPECT_EQ(box.size(), 0u);
    EXPECT_FALSE(box.has_memory());
}

TEST(tls_outbox, leaves_lent_bytes_where_they_are) {
    outbox box;
    box.append(bytes("first"));
    const auto lent = box.front();
    for (int i = 0; i < 100; ++i) box.append(bytes(std::string(1000, 'x')));
    EXPECT_EQ(text_of(lent), "first");
    box.sent(lent.size());
    EXPECT_EQ(box.size(), 100'000u);
    std::size_t total = 0;
    while (!box.front().empty()) {
        total += box.front().size();
        EXPECT_EQ(box.front().front(), static_cast<std::byte>('x'));
        box.sent(box.front().size());
    }
    EXPECT_EQ(total, 100'000u);
}

TEST(tls_outbox, keeps_in_one_piece_what_was_expected) {
    outbox box;
    box.expect(50'000);
    for (int i = 0; i < 50; ++i) box.append(bytes(std::string(1000, 'x')));
    EXPECT_EQ(box.front().size(), 50'000u);
    box.append(bytes("more"));
    EXPECT_EQ(box.front().size(), 50'000u);
    box.clear();
    EXPECT_EQ(box.size(), 0u);
    EXPECT_FALSE(box.has_memory());
}

}  // namespace
}  // namespace torus::tls
