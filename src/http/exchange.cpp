// src/http/exchange.cpp: sending a request, and reading the head of its response.
#include "http/exchange.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <torus/core/time.hpp>

#include "http/client_state.hpp"
#include "http/explain.hpp"
#include "http/serializer.hpp"

namespace torus::inline v0::http {

namespace {
// What is left of a body that nobody reads is taken from the buffer, so that the connection can be kept; this much.
constexpr std::size_t short_rest = 64 * 1024;  // bytes: the most that a stream's buffer holds

// Bytes of a body that one time limit is for: what a link of a telephone's speed takes in half of it.
constexpr std::size_t sent_at_once = 256 * 1024;

// An idle connection that is closed to make room is gone after this, in the kernel too.
constexpr duration closing_time = std::chrono::milliseconds(1);

bool is_lack_of_descriptors(const std::error_code& code) noexcept {
    return code == std::errc::too_many_files_open || code == std::errc::too_many_files_open_in_system;
}

duration until(time_point when) noexcept { return when == time_point::max() ? duration::max() : when - clock::now(); }
}  // namespace

exchange::exchange(std::shared_ptr<client_state> owner, const exchange_options& how, time_point deadline,
                   time_point beginning, std::string label)
    : owner_(std::move(owner)), how_(how), deadline_(deadline), beginning_(beginning), label_(std::move(label)) {}

exchange::~exchange() {
    if (has_head_ && !ended_ && !body_error_) drain_short_rest();
}

/// How long a step may take that may take `each`, within the limit of the whole.
duration exchange::limit(duration each) const noexcept {
    if (deadline_ == time_point::max()) return each;
    return std::max(std::min(each, deadline_ - clock::now()), duration::zero());
}

std::exception_ptr exchange::explain(std::exception_ptr cause) const {
    if (!lease_.is_connected()) return http::explain(cause, phase_, label_);
    return http::explain(cause, phase_, label_ + " (" + lease_.connection().conversation.peer().text() + ")");
}

async<> exchange::run(const request& what, const request_head& head, route to) {
    phase_ = phase::waiting_for_connection;
    lease_ = co_await timeout(limit(duration::max()), owner_->connections.acquire(to.key()));
    if (insists_on_new_) lease_.drop_connection();
    if (!lease_.is_connected()) co_await connect(std::move(to));
    reused_ = lease_.connection().exchanges > 0;

    phase_ = phase::sending;
    lease_.connection().parser.expect_response(what.method);
    try {
        co_await send(what, head);
    } catch (const connection_closed&) {
        // The server may have answered before it closed: "413", and no more of that, please.
        send_error_ = std::current_exception();
    }
    phase_ = phase::waiting_for_response;
    co_await read_head();
}

/// Where this process has no descriptor left, idle connections are closed for theirs, one after the other.
async<> exchange::connect(route to) {
    for (;;) {
        try {
            const duration patience = limit(how_.connect_timeout);
            lease_.put(co_await open_route(to, owner_->options, patience, times_, phase_));
            co_return;
        } catch (const std::system_error& e) {
            if (!is_lack_of_descriptors(e.code()) || !owner_->connections.close_an_idle_one()) throw;
        }
        co_await sleep(closing_time);
    }
}

async<> exchange::send(const request& what, const request_head& head) {
    const body_source* source = what.body.source();
    body_framing framing;
    if (source) {
        const std::optional<std::uint64_t> size = source->size();
        framing = size ? body_framing{framing_kind::length, *size} : body_framing{framing_kind::chunked, 0};
    } else if (!what.body.empty() || what.method == method::post || what.method == method::put ||
               what.method == method::patch) {
        framing = {framing_kind::length, what.body.bytes().size()};
    }
    std::string text;
    append_head(text, head, framing);
    co_await send_body(what.body, std::move(text), framing.kind == framing_kind::chunked);
}

async<> exchange::send_body(const http::body& content, std::string head_text, bool chunked) {
    stream& out = lease_.connection().conversation;
    if (!content.source()) {
        bytes_view rest(content.bytes());
        const bytes_view first = rest.first(std::min(rest.size(), sent_at_once));
        co_await timeout(limit(how_.read_timeout), out.write(head_text, first));
        for (rest = rest.from(first.size()); !rest.empty();) {
            const bytes_view next = rest.first(std::min(rest.size(), sent_at_once));
            co_await timeout(limit(how_.read_timeout), out.write(next));
            rest = rest.from(next.size());
        }
        co_return;
    }
    co_await timeout(limit(how_.read_timeout), out.write(head_text));
    for (;;) {
        const std::span<const std::byte> piece = co_await content.source()->next();
        if (piece.empty()) break;
        std::string before;
        if (chunked) append_chunk_start(before, piece.size());
        const bytes_view pieces[] = {bytes_view(before), bytes_view(piece), bytes_view(chunked ? chunk_end : "")};
        co_await timeout(limit(how_.read_timeout), out.write(std::span<const bytes_view>(pieces)));
    }
    if (!chunked) co_return;
    std::string end;
    append_body_end(end);
    co_await timeout(limit(how_.read_timeout), out.write(end));
}

/// Receives more of the response. False at the stream's end.
async<bool> exchange::receive(duration patience) {
    co_return co_await timeout(limit(patience), lease_.connection().conversation.fill());
}

async<> exchange::read_head() {
    client_connection& c = lease_.connection();
    const time_point head_deadline = later(clock::now(), how_.first_byte_timeout);
    for (;;) {
        const parsed step = c.parser.parse(c.conversation.buffered());
        c.conversation.consume(step.consumed);
        answered_ = answered_ || step.consumed > 0;
        if (step.event == parse_event::head) break;
        if (step.event == parse_event::failed) throw parse_failure(c.parser.error());
        if (step.event != parse_event::need_input) continue;
        bool more = false;
        try {
            more = co_await receive(until(head_deadline));
        } catch (const connection_closed&) {
            if (send_error_) std::rethrow_exception(send_error_);
            throw;
        }
        if (!more) throw_without_head();
    }
    // No request of this client asks for it: what follows is not HTTP, and no answer.
    if (c.parser.framing().upgrade) throw protocol_error("the server changes to another protocol unasked");
    has_head_ = true;
    phase_ = phase::receiving;
    times_.first_byte = clock::now() - beginning_;
    head_ = std::move(c.parser.head());
    if (how_.body_coding == exchange_options::coding::decoded && c.parser.framing().body != body_kind::none)
        coding_error_ = decoder_.open(head_.headers.get("content-encoding", ""));
    if (c.parser.framing().body == body_kind::none && c.parser.parse({}).event == parse_event::complete) body_ended();
}

/// The connection has ended before the head: with nothing, with a part of it, or with what is no HTTP at all.
void exchange::throw_without_head() {
    response_parser& parser = lease_.connection().parser;
    if (parser.finish() == parse_event::failed && parser.error() != parse_error::truncated)
        throw parse_failure(parser.error());
    throw connection_closed(ECONNRESET, answered_ ? "the server closed the connection within the head of its answer"
                                                  : "the server closed the connection without an answer");
}

/// Nobody reads the rest. If all of it is buffered, the connection can be kept.
void exchange::drain_short_rest() noexcept {
    try {
        client_connection& c = lease_.connection();
        c.conversation.consume(unconsumed_);
        for (std::size_t drained = 0; drained <= short_rest;) {
            const parsed step = c.parser.parse(c.conversation.buffered());
            c.conversation.consume(step.consumed);
            drained += step.consumed;
            if (step.event == parse_event::complete) return end();
            if (step.event != parse_event::body) return;
        }
    } catch (...) {
        return;  // the lease closes the connection
    }
}

}  // namespace torus::inline v0::http
