// tests/http/peers.hpp: servers that say what a test has them say, and sources of bodies.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torus/http/client.hpp>
#include <torus/http/server.hpp>
#include <torus/net/net.hpp>
#include <torus/sync/event.hpp>
#include <torus/testing/test.hpp>

namespace torus::inline v0::http::testing {

using torus::testing::expect_throws;
using torus::testing::let_others_run;
using torus::testing::take_reports;
using namespace std::chrono_literals;

/// What a raw server has seen.
struct seen {
    std::vector<std::string> heads;
    std::size_t connections = 0;
    event closed;  // set when a client has closed its connection
};

/// A server that knows no HTTP.
class raw_server {
public:
    raw_server(torus::server s, std::shared_ptr<seen> book) : server_(std::move(s)), log(std::move(book)) {}

    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(server_.port()) + std::string(path);
    }
    std::uint16_t port() const { return server_.port(); }
    const std::vector<std::string>& heads() const { return log->heads; }

private:
    torus::server server_;

public:
    std::shared_ptr<seen> log;
};

/// Answers the requests of each connection with these texts, one after the other, then closes it; a request has no body.
inline async<raw_server> answering_in_turn(std::vector<std::string> texts) {
    auto log = std::make_shared<seen>();
    const auto handler = [log, texts](stream conn) -> async<> {
        ++log->connections;
        for (const std::string& each : texts) {
            std::string head;
            try {
                head = co_await conn.readuntil("\r\n\r\n");
            } catch (const incomplete_read_error&) {
                break;
            } catch (const connection_closed&) {
                break;
            }
            log->heads.push_back(head);
            co_await conn.write(each);
        }
        log->closed.set();
        co_await conn.close();
    };
    torus::server s = co_await start_server(handler, "127.0.0.1", 0);
    co_return raw_server(std::move(s), log);
}

/// The same, as arguments.
template <std::convertible_to<std::string>... Text> async<raw_server> answering(const Text&... texts) {
    return answering_in_turn(std::vector<std::string>{std::string(texts)...});
}

/// The same with one text, for every request.
inline async<raw_server> answering_always(const std::string& text) {
    return answering_in_turn(std::vector<std::string>(100, text));
}

inline std::string answer(std::string_view body, std::string_view fields = "") {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

/// Pieces of a body, one after the other.
class pieces final : public body_source {
public:
    enum class length { known, unknown };
    explicit pieces(std::vector<std::string> all, length how = length::unknown) : all_(std::move(all)), how_(how) {}

    async<std::span<const std::byte>> next() override {
        co_await yield_now();
        if (at_ == all_.size()) co_return std::span<const std::byte>();
        co_return std::as_bytes(std::span(all_[at_++]));
    }
    std::optional<std::uint64_t> size() const noexcept override {
        if (how_ == length::unknown) return std::nullopt;
        std::uint64_t sum = 0;
        for (const std::string& each : all_) sum += each.size();
        return sum;
    }
    bool rewind() noexcept override {
        at_ = 0;
        return true;
    }

private:
    std::vector<std::string> all_;
    length how_;
    std::size_t at_ = 0;
};

/// Answers with a body that never ends.
inline async<reply> endless(incoming&) {
    class flowing final : public body_source {
        async<std::span<const std::byte>> next() override {
            co_await yield_now();
            co_return std::as_bytes(std::span(text_));
        }
        std::string text_ = std::string(10'000, 'x');
    };
    co_return reply(200, std::unique_ptr<body_source>(std::make_unique<flowing>()));
}

inline std::string url_of(const server& s, std::string_view path = "/") {
    return "http://127.0.0.1:" + std::to_string(s.port()) + std::string(path);
}

inline async<std::string> text_of(client& with, std::string url) {
    response r = co_await with.get(std::move(url));
    co_return co_await r.text();
}

/// The fault that an exchange ends with.
template <class What> async<fault> fault_of(What what) {
    const request_error e = co_await expect_throws<request_error>(std::move(what));
    co_return e.fault();
}

/// What a server answers to these bytes on one connection, until it closes that.
inline async<std::string> talk(const server& s, std::string bytes) {
    stream conn = co_await open_connection("127.0.0.1", s.port());
    co_await conn.write(bytes);
    std::string said;
    try {
        said = co_await conn.read();
    } catch (const connection_closed&) {
        said += "(reset)";
    }
    co_return said;
}

}  // namespace torus::inline v0::http::testing
