// src/http/parser.hpp: HTTP/1.1 as it comes, a few bytes or a few messages at a time.
#pragma once

#include "http/chunk_decoder.hpp"
#include "http/framing.hpp"
#include "http/line_scanner.hpp"
#include "http/parse_error.hpp"
#include "torus/http/limits.hpp"
#include "torus/http/message.hpp"
#include "torus/io/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace torus::inline v0::http {

enum class parse_event : std::uint8_t {
    need_input,  // all input is consumed; more, please
    interim,     // responses: head() is a 1xx one, another one will follow
    head,        // head() and framing() are there
    body,        // a piece of the body
    complete,    // the message has ended here, trailers() are there; what follows is the next one
    failed,      // error() says why; it stays that way
};

/// What a step of parsing led to.
struct parsed {
    parse_event event;
    std::size_t consumed = 0;              // bytes of the input that are done with
    std::span<const std::byte> body = {};  // for parse_event::body: lies in the input
};

/// What reading requests and responses have in common. One parser reads all messages of a connection.
///
///     for (;;) {
///         const parsed step = parser.parse(input);
///         input = input.subspan(step.consumed);
///         switch (step.event) { … }
///     }
///
/// Each step leads to one event and consumes what belongs to it, never a byte of the next message. The head is copied,
/// into the block of its `headers`; the body is not. Between messages the parser holds nothing but memory for the next
/// head, and `release()` gives that back.
class message_parser {
public:
    /// Takes the next bytes; they may be none, to get an event that needs none.
    ///
    /// @throws std::bad_alloc
    parsed parse(bytes_view input);

    /// The stream has ended. A body that lasts as long as the stream is complete then, and between messages nothing
    /// is missing (parse_event::need_input); anything else has failed.
    parse_event finish() noexcept;

    parse_error error() const noexcept { return error_; }
    const message_framing& framing() const noexcept { return framing_; }

    /// Whether no byte of a message has come since the last one ended; an interim response is the beginning of one.
    bool is_between_messages() const noexcept {
        return phase_ == phase::idle || (phase_ == phase::start && interims_ == 0);
    }

    /// The fields behind a chunked body. They never mix with those of the head, for who checks a head once must be
    /// able to rely on it.
    const headers& trailers() const noexcept;

protected:
    enum class phase : std::uint8_t {
        idle,
        start,
        head,
        length,
        chunks,
        trailers,
        until_close,
        ended,
        switched,
        failed
    };

    explicit message_parser(const message_limits& limits, phase first) noexcept : limits_(limits), phase_(first) {}
    message_parser(message_parser&&) noexcept = default;
    message_parser& operator=(message_parser&&) noexcept = default;
    ~message_parser() = default;

    void await_message() noexcept { phase_ = phase::start; }
    void release_trailers() noexcept { trailers_.reset(); }

private:
    // What differs: which head is collected, what is made of it, and what comes after the message.
    virtual headers& fields() noexcept = 0;
    virtual parse_error read_head(const message_limits& limits, message_framing& framing) = 0;
    virtual bool is_interim() const noexcept = 0;
    virtual bool forgives_empty_lines() const noexcept = 0;
    virtual std::string_view first_bytes() const noexcept = 0;  // with which every message begins
    virtual phase after_message() const noexcept = 0;

    parsed fail(parse_error error, std::size_t consumed) noexcept;
    bool begins_like_one() noexcept;
    parsed parse_head(std::string_view input);
    parsed end_head(std::size_t consumed);
    parsed parse_length(std::string_view input) noexcept;
    parsed parse_chunks(std::string_view input);
    parsed parse_trailers(std::string_view input, std::size_t before);
    void start_body() noexcept;

    message_limits limits_;
    message_framing framing_;  // its length counts down while the body comes
    line_scanner lines_;
    chunk_decoder chunks_;
    std::unique_ptr<headers> trailers_;
    phase phase_;
    parse_error error_ = parse_error::none;
    std::uint8_t empty_lines_ = 0;
    std::uint8_t interims_ = 0;
};

/// Reads the requests of a connection, one after the other.
class request_parser final : public message_parser {
public:
    explicit request_parser(const message_limits& limits = {}) noexcept : message_parser(limits, phase::start) {}

    /// The head of the message that is being read. May be moved away; its memory isn't reused then.
    request_head& head() noexcept { return head_; }

    /// Frees what the last message took. Between messages only.
    void release() noexcept;

private:
    headers& fields() noexcept override { return head_.headers; }
    parse_error read_head(const message_limits& limits, message_framing& framing) override;
    bool is_interim() const noexcept override { return false; }
    bool forgives_empty_lines() const noexcept override { return true; }
    std::string_view first_bytes() const noexcept override { return {}; }
    phase after_message() const noexcept override { return phase::start; }

    request_head head_;
};

/// Reads responses, each after it has been told what it answers; a byte that answers nothing is an error.
class response_parser final : public message_parser {
public:
    explicit response_parser(const message_limits& limits = {}) noexcept : message_parser(limits, phase::idle) {}

    /// A request of this method has been sent; its response is next. Only when the one before is complete.
    void expect_response(const method& to) noexcept;

    response_head& head() noexcept { return head_; }
    void release() noexcept;

private:
    headers& fields() noexcept override { return head_.headers; }
    parse_error read_head(const message_limits& limits, message_framing& framing) override;
    bool is_interim() const noexcept override;
    bool forgives_empty_lines() const noexcept override { return false; }
    std::string_view first_bytes() const noexcept override { return "HTTP/"; }
    phase after_message() const noexcept override { return phase::idle; }

    response_head head_;
    request_kind to_ = request_kind::usual;
};

}  // namespace torus::inline v0::http
