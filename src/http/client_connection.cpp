// src/http/client_connection.cpp: from a name to a connection that speaks HTTP.
#include "http/client_connection.hpp"

#include <array>
#include <vector>

#include <torus/core/time.hpp>
#include <torus/http/auth.hpp>
#include <torus/net/connect.hpp>
#include <torus/net/resolve.hpp>
#include <torus/tls/stream.hpp>

#include "http/serializer.hpp"

namespace torus::inline v0::http {

std::string route::key() const {
    return (is_secure ? "s:" : "p:") + host + ":" + std::to_string(port) + "/" + tunnel + "/" + tls_name;
}

bool client_connection::is_stale() {
    if (!conversation.buffered().empty() || conversation.is_closing() || conversation.at_eof()) return true;
    std::array<std::byte, 1> unasked;
    try {
        return conversation.below().try_read(unasked).has_value();
    } catch (const std::exception&) {
        return true;
    }
}

namespace {

/// "the proxy 10.0.0.1:3128"
std::string proxy_of(const route& to) {
    const bool is_ipv6 = to.host.find(':') != std::string::npos;
    return "the proxy " + (is_ipv6 ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
}

/// Asks a proxy for a way to the origin (RFC 9110, section 9.3.6).
async<> open_tunnel(client_connection& c, const route& to) {
    request_head ask(method::connect, to.tunnel);
    ask.headers.set("host", to.tunnel);
    if (!to.proxy_credentials.empty()) ask.headers.set("proxy-authorization", to.proxy_credentials);
    std::string text;
    append_head(text, ask, {});
    co_await c.conversation.write(text);
    c.parser.expect_response(method::connect);
    for (;;) {
        const parsed step = c.parser.parse(c.conversation.buffered());
        c.conversation.consume(step.consumed);
        if (step.event == parse_event::head) break;
        if (step.event == parse_event::failed)
            throw proxy_refusal(proxy_of(to) + " does not speak HTTP: " + std::string(to_string(c.parser.error())));
        if (step.event != parse_event::need_input) continue;
        const bool more = co_await c.conversation.fill();
        if (!more) throw proxy_refusal(proxy_of(to) + " closed the connection");
    }
    const int status = c.parser.head().status;
    if (status < 200 || status > 299) throw proxy_refusal(proxy_of(to) + " answered " + std::to_string(status));
    // The tunnel begins behind the head, whatever length that announces, and in TLS it is the client who speaks first.
    if (!c.conversation.buffered().empty())
        throw proxy_refusal(proxy_of(to) + " opened no tunnel: it answered " + std::to_string(status) + " and went on");
}

duration since(time_point beginning) noexcept { return clock::now() - beginning; }

async<std::unique_ptr<client_connection>> open_parts(route to, client_options& options, timings& times, phase& when) {
    when = phase::resolving;
    time_point part = clock::now();
    std::vector<address> addresses = co_await resolve(to.host, to.port);
    times.dns = since(part);

    when = phase::connecting;
    part = clock::now();
    connect_options patient;
    patient.timeout = duration::max();  // the limit of the whole is open_route's
    stream plain = co_await open_connection(addresses, patient);
    times.connect = since(part);
    auto opened = std::make_unique<client_connection>(std::move(plain), to.key(), options.limits);
    if (!to.tunnel.empty()) {
        co_await open_tunnel(*opened, to);
        opened = std::make_unique<client_connection>(std::move(opened->conversation), to.key(), options.limits);
    }
    if (to.is_secure) {
        when = phase::handshaking;
        part = clock::now();
        if (!options.tls) options.tls = tls::context::client();
        tls::handshake_options handshake;
        handshake.timeout = duration::max();
        handshake.port = to.origin_port;
        opened->conversation =
            co_await tls::connect(std::move(opened->conversation), *options.tls, to.tls_name, handshake);
        times.tls = since(part);
    }
    co_return opened;
}

}  // namespace

async<std::unique_ptr<client_connection>> open_route(route to, client_options& options, duration limit, timings& times,
                                                     phase& when) {
    co_return co_await timeout(limit, open_parts(std::move(to), options, times, when));
}

}  // namespace torus::inline v0::http
