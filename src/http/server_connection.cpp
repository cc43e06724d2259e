// src/http/server_connection.cpp: reading requests and having them handled.
#include "http/server_connection.hpp"

#include <cerrno>
#include <system_error>

#include <torus/core/loop.hpp>
#include <torus/core/time.hpp>
#include <torus/tls/error.hpp>

#include "http/disconnect_watch.hpp"

namespace torus::inline v0::http {

namespace {
// A body that the handler didn't want is read to its end if it is no longer than this; else the connection closes.
constexpr std::uint64_t skipped_body = 256 * 1024;  // bytes: cheaper than a new connection

// After an error the client is given this long to stop sending and to read why, before the connection closes.
constexpr duration linger_time = std::chrono::seconds(1);
}  // namespace

server_connection::server_connection(server_state& owner, stream conversation)
    : owner_(owner), conversation_(std::move(conversation)), parser_(owner.options.limits), task_(current_task()) {
    owner_.add(*this);
}

server_connection::~server_connection() { owner_.remove(*this); }

void server_connection::retire() noexcept {
    if (std::exchange(retired_, true) || !idle_) return;
    task_.cancel("the server shuts down");
}

void server_connection::client_gone() noexcept {
    if (std::exchange(gone_, true)) return;
    task_.cancel("the client has disconnected");
}

std::string server_connection::peer() const { return conversation_.peer().text(); }

void server_connection::reset() noexcept {
    gone_ = true;
    keep_ = false;
    conversation_.abort();
}

async<> server_connection::run() {
    try {
        co_await serve();
    } catch (const cancelled_error&) {
        if (!gone_ && !retired_) throw;
        if (!idle_) gone_ = true;  // the drain's time is up, and an answer that broke off can't be made good
        task_.uncancel();  // it was the connection's own doing
    } catch (const std::system_error&) {
        gone_ = true;  // clients come and go
    } catch (const tls::error&) {
        gone_ = true;
    } catch (const timeout_error&) {
        gone_ = true;
    }
    if (gone_) conversation_.abort();  // what is unsent is of use to nobody: no report of it
}

async<> server_connection::serve() {
    while (keep_ && !retired_) {
        const bool there_is_one = co_await read_head();
        if (!there_is_one) break;
        co_await handle();
    }
    if (!gone_) co_await conversation_.close();
}

/// Waits for the next request. False if there will be none.
async<bool> server_connection::read_head() {
    idle_ = conversation_.buffered().empty();
    if (idle_) {
        parser_.release();
        const duration patience = owner_.options.idle_timeout;
        const std::optional<bool> more = co_await move_on_after(patience, conversation_.fill());
        if (!more || !*more) co_return false;
        idle_ = false;
    }
    const bool complete = co_await receive_head();
    co_return complete;
}

async<bool> server_connection::receive_head() {
    for (std::optional<time_point> deadline;;) {  // most heads come in one piece, and need none
        const parsed step = parser_.parse(conversation_.buffered());
        conversation_.consume(step.consumed);
        if (step.event == parse_event::head) co_return true;
        if (step.event == parse_event::failed) {
            co_await refuse(status_of(parser_.error()), to_string(parser_.error()));
            co_return false;
        }
        if (step.event != parse_event::need_input) continue;
        if (!deadline) deadline = later(clock::now(), owner_.options.header_timeout);
        bool more = false;
        bool late = false;
        try {
            more = co_await timeout_at(*deadline, conversation_.fill());
        } catch (const timeout_error&) {
            late = true;
        }
        if (late) co_await refuse(status::request_timeout, "the request took too long");
        if (!more) co_return false;
    }
}

async<> server_connection::handle() {
    const message_framing& framing = parser_.framing();
    keep_ = framing.keep_alive;
    continue_owed_ = framing.expect_continue;
    body_ = body_state::coming;
    body_received_ = 0;
    method_ = parser_.head().method;
    version_ = parser_.head().version;
    if (framing.body == body_kind::none && parser_.parse({}).event == parse_event::complete)
        body_ = body_state::complete;

    incoming request(*this, std::move(parser_.head()));
    reply r = co_await call_handler(request);
    if (gone_) co_return;
    keep_ = keep_ && !r.close && !retired_;
    keep_ = keep_ && !rest_is_hopeless();
    co_await answer(r);
    if (body_ == body_state::complete) co_return;
    if (keep_) co_await skip_body();
    if (body_ == body_state::complete) co_return;
    keep_ = false;
    co_await linger();
}

/// The handler's reply, or the one that its exception means.
async<reply> server_connection::call_handler(incoming& request) {
    std::exception_ptr failure;
    try {
        const disconnect_watch watch(*this);
        co_return co_await owner_.handler->handle(request);
    } catch (const cancelled_error&) {
        throw;
    } catch (const body_too_large& e) {
        keep_ = false;
        co_return reply(status::content_too_large, std::string(e.what()) + "\n");
    } catch (...) {
        failure = std::current_exception();
    }
    if (body_ == body_state::late) co_return reply(status::request_timeout, "the request's body took too long\n");
    if (body_ == body_state::broken) co_return reply(status::bad_request, "the request's body could not be read\n");
    report_error(
        {"a handler failed: " + std::string(method_.name()) + " " + std::string(request.target()), failure, {}});
    co_return reply(status::internal_server_error, "internal server error\n");
}

async<std::optional<std::string_view>> server_connection::next_body() {
    if (body_ == body_state::complete) co_return std::nullopt;
    const std::uint64_t announced = parser_.framing().body == body_kind::length ? parser_.framing().length : 0;
    if (announced > owner_.options.max_body) refuse_size();
    if (std::exchange(continue_owed_, false)) co_await conversation_.write("HTTP/1.1 100 Continue\r\n\r\n");
    conversation_.consume(std::exchange(unconsumed_, 0));
    for (;;) {
        const parsed step = parser_.parse(conversation_.buffered());
        if (step.event == parse_event::body) {
            unconsumed_ = step.consumed;  // it lies in the buffer until the next call
            body_received_ += step.body.size();
            if (body_received_ > owner_.options.max_body) refuse_size();
            co_return std::string_view(reinterpret_cast<const char*>(step.body.data()), step.body.size());
        }
        conversation_.consume(step.consumed);
        if (step.event == parse_event::complete) break;
        body_ = body_state::broken;  // unless what follows succeeds
        if (step.event == parse_event::failed) throw protocol_error(std::string(to_string(parser_.error())));
        if (step.event == parse_event::need_input) {
            bool more = false;
            try {
                more = co_await timeout(owner_.options.body_timeout, conversation_.fill());
            } catch (const timeout_error&) {
                body_ = body_state::late;
                throw;
            } catch (const cancelled_error&) {
                body_ = body_state::abandoned;
                throw;
            }
            if (!more) throw connection_closed(ECONNRESET, "the client closed the connection within a body");
        }
        body_ = body_state::coming;
    }
    body_ = body_state::complete;
    co_return std::nullopt;
}

void server_connection::refuse_size() const {
    throw body_too_large("the body is larger than " + std::to_string(owner_.options.max_body) + " bytes");
}

/// Whether what the handler left of the body can't be skipped: the connection ends with the reply.
bool server_connection::rest_is_hopeless() const noexcept {
    if (body_ == body_state::complete) return false;
    return continue_owed_ || body_ != body_state::coming || parser_.framing().length > skipped_body;
}

/// Reads what the handler left of the body, if that is not much; the next request begins there.
async<> server_connection::skip_body() {
    try {
        for (std::uint64_t skipped = 0; skipped <= skipped_body;) {
            const std::optional<std::string_view> piece = co_await next_body();
            if (!piece) break;
            skipped += piece->size();
        }
    } catch (const std::exception&) {
        // What is wrong with it does not matter any more: it has not come to its end.
    }
}

/// A client that is still sending when the connection closes would lose the reply to a reset: let it finish for a while.
async<> server_connection::linger() {
    co_await conversation_.write_eof();
    const auto rest = [this]() -> async<> {
        bool more = true;
        while (more) {
            conversation_.consume(conversation_.buffered().size());
            more = co_await conversation_.fill();
        }
    };
    static_cast<void>(co_await move_on_after(linger_time, rest));
}

}  // namespace torus::inline v0::http
