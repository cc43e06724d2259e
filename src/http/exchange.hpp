// src/http/exchange.hpp: one request and its response, over one connection.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <torus/http/client.hpp>

#include "http/content_decoder.hpp"
#include "http/pool.hpp"

namespace torus::inline v0::http {

class client_state;

/// Sends a request and reads the response. It holds its connection until the body's end, and keeps the client alive.
class exchange {
public:
    exchange(std::shared_ptr<client_state> owner, const exchange_options& how, time_point deadline,
             time_point beginning, std::string label);
    ~exchange();
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    /// Gets a connection, sends, and reads the response's head.
    async<> run(const request& what, const request_head& head, route to);

    /// The next piece of the decoded body, or nothing at its end.
    /// @throws request_error
    async<std::optional<std::string_view>> next();

    /// A kept connection will not do: the last one was dead.
    void insist_on_new_connection() noexcept { insists_on_new_ = true; }

    response_head& head() noexcept { return head_; }
    const http::headers& trailers() const noexcept { return trailers_; }
    const http::timings& times() const noexcept { return times_; }

    /// Whether a kept connection broke before a byte of the response came: then nobody knows whether the request was seen.
    bool met_stale_connection() const noexcept { return reused_ && !answered_; }

    /// The exception that is being handled as a request_error: what it means here, and how far the exchange had come.
    std::exception_ptr explain(std::exception_ptr cause) const;

private:
    duration limit(duration each) const noexcept;
    async<> connect(route to);
    async<> send_body(const http::body& content, std::string head_text, bool chunked);
    async<> send(const request& what, const request_head& head);
    async<> read_head();
    [[noreturn]] void throw_without_head();
    async<bool> receive(duration patience);
    async<std::optional<std::string_view>> next_raw();
    async<std::optional<std::string_view>> next_decoded();
    std::string_view within_limit(std::string_view piece);
    void body_ended();
    void end();
    void drain_short_rest() noexcept;

    std::shared_ptr<client_state> owner_;
    exchange_options how_;
    time_point deadline_;
    time_point beginning_;
    std::string label_;  // method and URL, for errors
    lease lease_;
    phase phase_ = phase::preparing;
    http::timings times_;
    response_head head_;
    http::headers trailers_;
    std::exception_ptr send_error_;
    std::exception_ptr body_error_;  // sticky
    std::uint64_t received_ = 0;  // bytes of the decoded body
    bool insists_on_new_ = false;
    bool reused_ = false;
    bool answered_ = false;
    bool has_head_ = false;
    bool ended_ = false;
    std::size_t unconsumed_ = 0;  // bytes of the stream's buffer that the last piece lies in
    content_decoder decoder_;
    decode_error coding_error_ = decode_error::none;  // why the body can't be decoded, told to who reads it
    std::unique_ptr<std::byte[]> decoded_;
    std::span<const std::byte> coded_;  // what has not been decoded yet
    bool decoder_full_ = false;  // there may be more, without more input
    std::string kept_piece_;  // the last piece of a body that is cut off
};

}  // namespace torus::inline v0::http
