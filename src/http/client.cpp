// src/http/client.cpp: from a request to its response, by way of redirects and second attempts.
#include <torus/http/client.hpp>

#include <torus/http/coding.hpp>
#include <torus/version.hpp>

#include "http/client_state.hpp"
#include "http/explain.hpp"

namespace torus::inline v0::http {

namespace {

std::string label_of(const request& what) { return std::string(what.method.name()) + " " + what.url.to_string(); }

std::string host_and_port(const url& u) {
    const std::string host(u.host());
    return (u.kind() == host_kind::ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(u.port());
}

void set_default(headers& fields, std::string_view name, std::string_view value) {
    if (!fields.contains(name)) fields.set(name, value);
}

/// Makes of a request the one that a redirect asks for (RFC 9110, section 15.4).
void follow(request& what, int status, url to) {
    const bool becomes_get = (status == 303 && what.method != method::head) ||
                             ((status == 301 || status == 302) && what.method == method::post);
    if (becomes_get) {
        what.method = method::get;
        what.body = {};
        for (const char* name : {"content-type", "content-encoding", "content-language", "content-location"})
            what.headers.remove(name);
    } else if (what.body.source() && !what.body.source()->rewind()) {
        throw redirect_failure("redirected, but the body cannot be sent a second time");
    }
    if (!what.url.has_same_origin(to)) {  // secrets are for the origin that they were given for
        what.headers.remove("authorization");
        what.headers.remove("cookie");
        what.headers.remove("proxy-authorization");
    }
    what.url = std::move(to);
}

/// Where a response redirects to; nothing if it is an answer like any other.
std::optional<url> redirect_target(const response_head& head, const url& from) {
    if (!is_redirect(head.status)) return std::nullopt;
    const auto location = head.headers.get("location");
    if (!location) return std::nullopt;
    url_fault why = url_fault::none;
    std::optional<url> to = from.resolve(*location, why);
    if (!to) throw redirect_failure("redirected to what is no URL (" + std::string(to_string(why)) + ")");
    if (to->scheme() != "http" && to->scheme() != "https")
        throw redirect_failure("redirected to " + to->to_string() + ", which is not HTTP");
    return to;
}

}  // namespace

route client_state::route_for(const request& what, const std::optional<url>& proxy) const {
    route to;
    const url& end = proxy ? *proxy : what.url;
    to.host = end.host();
    to.port = end.port();
    to.is_secure = what.url.is_secure();
    to.tls_name = to.is_secure ? std::string(what.url.host()) : std::string();
    to.origin_port = what.url.port();
    if (proxy && to.is_secure) {
        to.tunnel = host_and_port(what.url);
        to.proxy_credentials = proxy_credentials(*proxy);
    }
    return to;
}

request_head client_state::head_for(const request& what, const std::optional<url>& proxy) const {
    request_head head(what.method, what.url.target());
    head.headers.set("host", what.url.authority());
    for (const auto& [name, value] : what.headers) head.headers.add(name, value);
    set_default(head.headers, "user-agent", options.user_agent);
    set_default(head.headers, "accept", "*/*");
    set_default(head.headers, "accept-encoding", accepted_codings);
    if (what.url.user_info() && !head.headers.contains("authorization"))
        head.headers.set("authorization", proxy_credentials(what.url));
    if (proxy && !what.url.is_secure()) {
        head.target = what.url.without_fragment().without_user_info().to_string();
        const std::string credentials = proxy_credentials(*proxy);
        if (!credentials.empty()) head.headers.set("proxy-authorization", credentials);
    }
    return head;
}

/// One exchange; a second one if a kept connection turns out to be dead, and the request may be repeated.
async<std::unique_ptr<exchange>> client_state::attempt(request& what, const exchange_options& how, time_point deadline,
                                                       time_point beginning) {
    for (bool repeated = false;; repeated = true) {
        auto each = std::make_unique<exchange>(shared_from_this(), how, deadline, beginning, label_of(what));
        if (repeated) each->insist_on_new_connection();
        std::exception_ptr failure;
        try {
            if (what.url.scheme() != "http" && what.url.scheme() != "https")
                throw std::invalid_argument("the scheme is not http or https");
            const std::optional<url>& proxy = proxies.proxy_for(what.url);
            const request_head head = head_for(what, proxy);
            co_await each->run(what, head, route_for(what, proxy));
            co_return each;
        } catch (...) {
            failure = std::current_exception();
        }
        const std::exception_ptr explained = each->explain(failure);
        const bool may_repeat = !repeated && each->met_stale_connection() && what.method.is_idempotent() &&
                                broke_off(explained) && (!what.body.source() || what.body.source()->rewind());
        if (!may_repeat) std::rethrow_exception(explained);
    }
}

async<response> client_state::send(request what, exchange_options how) {
    const time_point beginning = clock::now();
    const time_point deadline = later(beginning, how.total_timeout);
    std::vector<url> history;
    for (;;) {
        std::unique_ptr<exchange> each = co_await attempt(what, how, deadline, beginning);
        if (how.max_redirects > 0) {
            std::optional<url> to;
            std::exception_ptr failure;
            try {
                to = redirect_target(each->head(), what.url);
                if (to && history.size() == how.max_redirects)
                    throw redirect_failure("more than " + std::to_string(how.max_redirects) + " redirects");
                if (to) {
                    url from = what.url;
                    follow(what, each->head().status, std::move(*to));
                    history.push_back(std::move(from));
                    continue;
                }
            } catch (const std::exception&) {
                failure = each->explain(std::current_exception());
            }
            if (failure) std::rethrow_exception(failure);
        }
        response result(std::move(each), what.url);
        result.history = std::move(history);
        co_return result;
    }
}

client::client(client_options options) {
    if (options.user_agent.empty()) options.user_agent = std::string("torus/") + version_text;
    state_ = std::make_shared<client_state>(std::move(options));
}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() {
    if (state_) state_->connections.close();
}

async<response> client::send(request what) { return state_->send(std::move(what), state_->options.exchange); }

async<response> client::send(request what, exchange_options how) { return state_->send(std::move(what), how); }

namespace {

async<response> send_to(std::shared_ptr<client_state> state, method verb, std::string where, exchange_options how) {
    co_return co_await state->send(request(verb, where), how);
}

async<response> post_to(std::shared_ptr<client_state> state, std::string where, body content, std::string type) {
    request what(method::post, where);
    what.headers.set("content-type", type);
    what.body = std::move(content);
    co_return co_await state->send(std::move(what), state->options.exchange);
}

}  // namespace

async<response> client::get(std::string where) {
    return send_to(state_, method::get, std::move(where), state_->options.exchange);
}

async<response> client::get(std::string where, exchange_options how) {
    return send_to(state_, method::get, std::move(where), how);
}

async<response> client::head(std::string where) {
    return send_to(state_, method::head, std::move(where), state_->options.exchange);
}

async<response> client::post(std::string where, body content, std::string content_type) {
    return post_to(state_, std::move(where), std::move(content), std::move(content_type));
}

std::size_t client::connections() const noexcept { return state_->connections.size(); }
std::size_t client::idle_connections() const noexcept { return state_->connections.idle(); }

void client::close() noexcept { state_->connections.close(); }

async<response> get(std::string where) {
    client once;
    co_return co_await once.get(std::move(where));
}

}  // namespace torus::inline v0::http
