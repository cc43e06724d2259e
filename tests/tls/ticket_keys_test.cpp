// tests/tls/ticket_keys_test.cpp: keys of tickets are replaced, and the last ones are kept a while.
#include "tls/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace torus::tls {
namespace {

using namespace std::chrono_literals;

TEST(tls_ticket_keys, stay_the_same_for_their_lifetime) {
    ticket_keys keys;
    const ticket_keys::time_point start{};
    const auto first = keys.current(start).value();
    EXPECT_EQ(keys.current(start + ticket_keys::lifetime - 1s)->name, first.name);
    EXPECT_NE(keys.current(start + ticket_keys::lifetime)->name, first.name);
}

TEST(tls_ticket_keys, open_old_tickets_until_the_key_after_the_next) {
    ticket_keys keys;
    const ticket_keys::time_point start{};
    const auto first = keys.current(start).value();
    EXPECT_TRUE(keys.find(first.name.data(), start + 1h)->is_current);
    const auto later = keys.find(first.name.data(), start + ticket_keys::lifetime + 1h);
    ASSERT_TRUE(later);
    EXPECT_FALSE(later->is_current);
    EXPECT_EQ(later->with.cipher, first.cipher);
    EXPECT_FALSE(keys.find(first.name.data(), start + 2 * ticket_keys::lifetime + 2h));
}

TEST(tls_ticket_keys, are_not_kept_if_nobody_came_for_long) {
    ticket_keys keys;
    const ticket_keys::time_point start{};
    const auto first = keys.current(start).value();
    EXPECT_FALSE(keys.find(first.name.data(), start + 2 * ticket_keys::lifetime));
}

TEST(tls_ticket_keys, differ_between_servers) {
    ticket_keys one, other;
    EXPECT_NE(one.current({})->cipher, other.current({})->cipher);
    EXPECT_NE(one.current({})->cipher, one.current({})->mac);
}

}  // namespace
}  // namespace torus::tls
