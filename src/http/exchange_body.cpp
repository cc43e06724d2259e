// src/http/exchange_body.cpp: reading and decoding the body of a response.
#include <algorithm>
#include <cerrno>

#include "http/exchange.hpp"
#include "http/explain.hpp"

namespace torus::inline v0::http {

namespace {
constexpr std::size_t decoded_piece = 16 * 1024;  // bytes: a TLS record, a pipe's page or four
}

async<std::optional<std::string_view>> exchange::next() {
    if (body_error_) std::rethrow_exception(body_error_);
    if (ended_) co_return std::nullopt;
    try {
        require(coding_error_);
        std::optional<std::string_view> piece;
        if (decoder_.is_needed()) piece = co_await next_decoded();
        else piece = co_await next_raw();
        if (!piece) co_return std::nullopt;
        co_return within_limit(*piece);
    } catch (const cancelled_error&) {
        lease_.give_back();  // in the middle of an exchange: of no use to anybody else
        body_error_ = std::make_exception_ptr(invalid_state_error("torus: reading this response was cancelled"));
        throw;
    } catch (...) {
        body_error_ = explain(std::current_exception());
        lease_.give_back();
    }
    std::rethrow_exception(body_error_);
}

/// What is too much is cut off here, and told at the next call.
std::string_view exchange::within_limit(std::string_view piece) {
    received_ += piece.size();
    if (received_ <= how_.max_body) return piece;
    body_error_ = explain(std::make_exception_ptr(body_overrun(how_.max_body)));
    const auto allowed = piece.size() - static_cast<std::size_t>(received_ - how_.max_body);
    kept_piece_.assign(piece.substr(0, allowed));
    lease_.give_back();  // the piece lies in the connection's buffer
    if (allowed == 0) std::rethrow_exception(body_error_);
    return kept_piece_;
}

async<std::optional<std::string_view>> exchange::next_raw() {
    client_connection& c = lease_.connection();
    c.conversation.consume(std::exchange(unconsumed_, 0));
    for (;;) {
        const parsed step = c.parser.parse(c.conversation.buffered());
        if (step.event == parse_event::body) {
            unconsumed_ = step.consumed;  // the piece lies in the buffer until the next call
            co_return std::string_view(reinterpret_cast<const char*>(step.body.data()), step.body.size());
        }
        c.conversation.consume(step.consumed);
        if (step.event == parse_event::failed) throw parse_failure(c.parser.error());
        if (step.event == parse_event::complete) break;
        if (step.event != parse_event::need_input) continue;
        const bool more = co_await receive(how_.read_timeout);
        if (more) continue;
        if (c.parser.finish() == parse_event::complete) break;
        throw connection_closed(ECONNRESET, "the connection ended before the body did");
    }
    body_ended();
    co_return std::nullopt;
}

async<std::optional<std::string_view>> exchange::next_decoded() {
    if (!decoded_) decoded_ = std::make_unique<std::byte[]>(decoded_piece);
    for (;;) {
        if (coded_.empty() && !decoder_full_) {
            const std::optional<std::string_view> raw = co_await next_raw();
            if (!raw) {
                require(decoder_.finish());
                co_return std::nullopt;
            }
            coded_ = std::as_bytes(std::span(*raw));
        }
        const decoded step = decoder_.decode(coded_, {decoded_.get(), decoded_piece});
        coded_ = coded_.subspan(step.consumed);
        decoder_full_ = step.produced == decoded_piece;
        require(step.error);
        if (step.produced > 0) co_return std::string_view(reinterpret_cast<const char*>(decoded_.get()), step.produced);
    }
}

void exchange::body_ended() {
    times_.total = clock::now() - beginning_;
    trailers_ = lease_.connection().parser.trailers();
    end();
}

/// The exchange is over; its connection may serve the next one, if both sides want that.
void exchange::end() {
    ended_ = true;
    client_connection& c = lease_.connection();
    ++c.exchanges;
    const bool keep = c.parser.framing().keep_alive && !send_error_ && c.conversation.buffered().empty();
    if (keep) lease_.keep();
    else lease_.give_back();
}

}  // namespace torus::inline v0::http
