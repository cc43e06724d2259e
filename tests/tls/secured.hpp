// tests/tls/secured.hpp: TLS streams for tests, over memory.
#pragma once

#include "certificates.hpp"
#include "noise.hpp"

#include <torus/core/gather.hpp>
#include <torus/io/memory_stream.hpp>
#include <torus/testing/test.hpp>
#include <torus/tls/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace torus::tls::testing {

using torus::testing::expect_throws;
using torus::testing::let_others_run;
using torus::testing::noise;

/// A context of the test authority's certificate, and one of a client that trusts that authority.
inline context serving(server_options options = {}) { return context::server(test_server().identity(), options); }
inline context trusting(client_options options = {}) {
    if (!options.trust) options.trust = pem(test_authority().certificate());
    return context::client(options);
}

/// Both ends of a connection.
struct ends {
    ends(stream a, stream b) : client(std::move(a)), server(std::move(b)) {}
    stream client;
    stream server;
};

/// Both ends of a secure connection over whatever connects `a` and `b`.
inline async<ends> secure(stream a, stream b, context client, context server, std::string host = "a.example") {
    auto both = co_await gather(connect(std::move(a), std::move(client), std::move(host)),
                                accept(std::move(b), std::move(server)));
    co_return ends(std::move(std::get<0>(both)), std::move(std::get<1>(both)));
}

/// The same over memory.
inline async<ends> secured(std::size_t capacity = default_memory_capacity, stream_options limits = {}) {
    auto both = memory_stream_pair(capacity, limits);
    co_return co_await secure(std::move(both.first), std::move(both.second), trusting(), serving());
}

/// What one side of a handshake that fails says.
struct refusals {
    std::string client;  ///< tls::to_string(reason), or "" if it did not fail
    std::string server;
    std::string words;  ///< the client's
};

/// Lets both shake hands and the client read, and tells why that failed.
inline async<refusals> refused(context with_client, context with_server, std::string host = "a.example") {
    auto plain = memory_stream_pair();
    auto said = std::make_shared<refusals>();
    auto client = [](stream plain_end, context with, std::string name, std::shared_ptr<refusals> into) -> async<> {
        try {
            stream conn = co_await connect(std::move(plain_end), std::move(with), std::move(name));
            static_cast<void>(co_await conn.read());
        } catch (const error& e) {
            into->client = to_string(e.reason());
            into->words = e.what();
        }
    };
    auto server = [](stream plain_end, context with, std::shared_ptr<refusals> into) -> async<> {
        try {
            stream conn = co_await accept(std::move(plain_end), std::move(with));
            co_await conn.close();
        } catch (const error& e) {
            into->server = to_string(e.reason());
        }
    };
    async<> one = client(std::move(plain.first), std::move(with_client), std::move(host), said);
    async<> other = server(std::move(plain.second), std::move(with_server), said);
    co_await gather(std::move(one), std::move(other));
    co_return *said;
}

/// Cancels a task and waits for its end.
inline async<> end(task<> running) {
    running.cancel();
    try {
        co_await running;
    } catch (const cancelled_error&) {
        co_return;
    }
}

/// Waits until only this task is left: none was leaked.
inline async<> expect_to_be_alone() {
    for (int i = 0; i < 100 && all_tasks().size() > 1; ++i) co_await sleep(std::chrono::milliseconds(100));
    EXPECT_EQ(all_tasks().size(), 1u);
}

}  // namespace torus::tls::testing
