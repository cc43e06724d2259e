// tests/http/cancel_everywhere_test.cpp: a client and a server, cancelled at every moment.
#include <string>

#include <torus/core/core.hpp>
#include <torus/http/http.hpp>

#include "cancelled_everywhere.hpp"
#include "peers.hpp"

namespace torus::http::testing {
namespace {

using torus::testing::expect_kernel_use_cancellable_everywhere;

/// Answers with what it was sent, in pieces.
async<reply> echo(incoming& request) {
    std::vector<std::string> heard;
    if (request.path() == "/whole") {
        heard.push_back(co_await request.text());
    } else {
        while (auto piece = co_await request.next()) heard.emplace_back(*piece);
    }
    heard.emplace_back("and more");
    co_return reply(200, std::unique_ptr<body_source>(std::make_unique<pieces>(std::move(heard))));
}

TEST(http_everywhere, S565_serve_get_send_text_next_and_shutdown) {
    auto talk = []() -> async<> {
        server serving = co_await serve(echo, "127.0.0.1", 0);
        client c;
        response first = co_await c.get(url_of(serving));
        EXPECT_EQ(co_await first.text(), "and more");
        request upload(method::post, url_of(serving, "/whole"));
        upload.body = std::unique_ptr<body_source>(std::make_unique<pieces>(std::vector<std::string>{"one", "two"}));
        response second = co_await c.send(std::move(upload));
        std::string all;
        while (auto piece = co_await second.next()) all += *piece;
        EXPECT_EQ(all, "onetwoand more");
        response third = co_await c.post(url_of(serving), "three ", "text/plain");
        EXPECT_EQ(co_await third.text(), "three and more");
        co_await c.head(url_of(serving));
        co_await serving.shutdown(1s);
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

TEST(http_everywhere, S565_serve_forever_and_get_without_a_client) {
    auto talk = []() -> async<> {
        server serving = co_await serve(echo, "127.0.0.1", 0);
        auto ask = [](std::string url) -> async<> {
            response first = co_await http::get(std::move(url));
            EXPECT_EQ(co_await first.text(), "and more");
        };
        co_await race(serving.serve_forever(), ask(url_of(serving)));
    };
    expect_kernel_use_cancellable_everywhere(talk);
}

}  // namespace
}  // namespace torus::http::testing
