// tests/tls/session_cache_test.cpp: how many sessions are remembered, and which.
#include "tls/session_cache.hpp"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

namespace torus::tls {
namespace {

session_pointer session(int version = TLS1_3_VERSION) {
    session_pointer made(SSL_SESSION_new());
    SSL_SESSION_set_protocol_version(made.get(), version);
    const unsigned char id[] = {1, 2, 3};
    SSL_SESSION_set1_id(made.get(), id, sizeof id);
    return made;
}

TEST(tls_session_cache, gives_the_newest_first_and_each_of_tls_1_3_once) {
    session_cache cache;
    SSL_SESSION* newest = nullptr;
    for (int i = 0; i < 10; ++i) {
        auto one = session();
        newest = one.get();
        cache.keep("a|443", std::move(one));
    }
    EXPECT_EQ(cache.take("b|443"), nullptr);
    EXPECT_EQ(cache.take("a|443").get(), newest);
    for (std::size_t i = 1; i < session_cache::most_sessions; ++i) EXPECT_NE(cache.take("a|443"), nullptr);
    EXPECT_EQ(cache.take("a|443"), nullptr);
    EXPECT_EQ(cache.servers(), 0u);
}

TEST(tls_session_cache, gives_one_of_tls_1_2_again_and_again) {
    session_cache cache;
    cache.keep("a", session(TLS1_2_VERSION));
    const auto first = cache.take("a");
    EXPECT_NE(first, nullptr);
    EXPECT_EQ(cache.take("a"), first);
    EXPECT_EQ(cache.take("a"), first);
}

TEST(tls_session_cache, gives_none_whose_time_is_over) {
    session_cache cache;
    auto old = session();
    SSL_SESSION_set_time(old.get(), static_cast<long>(std::time(nullptr)) - 1000);
    SSL_SESSION_set_timeout(old.get(), 500);
    cache.keep("a", std::move(old));
    EXPECT_EQ(cache.take("a"), nullptr);
}

TEST(tls_session_cache, forgets_the_server_used_longest_ago) {
    session_cache cache;
    for (std::size_t i = 0; i < session_cache::most_servers; ++i) cache.keep(std::to_string(i), session());
    cache.keep("0", session());
    cache.keep("one more", session());
    EXPECT_EQ(cache.servers(), session_cache::most_servers);
    EXPECT_EQ(cache.take("1"), nullptr);
    EXPECT_NE(cache.take("0"), nullptr);
    EXPECT_NE(cache.take("2"), nullptr);
    EXPECT_NE(cache.take("one more"), nullptr);
}

}  // namespace
}  // namespace torus::tls
