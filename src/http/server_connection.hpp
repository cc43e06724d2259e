// src/http/server_connection.hpp: one client of a server, request after request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <torus/core/task.hpp>
#include <torus/http/server.hpp>
#include <torus/io/stream.hpp>

#include "http/parser.hpp"
#include "http/serializer.hpp"
#include "http/server_state.hpp"

namespace torus::inline v0::http {

/// Reads requests, has them handled, and writes the replies, in order. It runs in a task of its own.
class server_connection {
public:
    server_connection(server_state& owner, stream conversation);
    ~server_connection();
    server_connection(const server_connection&) = delete;
    server_connection& operator=(const server_connection&) = delete;

    /// Serves until one side has had enough.
    async<> run();

    /// The server wants to end: at once if no request is under way, after the reply otherwise.
    void retire() noexcept;

    /// The client has gone: what is done for it ends.
    void client_gone() noexcept;

    /// @{ For the request that is being handled.
    async<std::optional<std::string_view>> next_body();
    void reset() noexcept;
    std::string peer() const;
    bool is_secure() const noexcept;
    int descriptor() const noexcept { return conversation_.below().descriptor(); }
    /// @}

    /// The server's other connections.
    server_connection* next = nullptr;
    server_connection* previous = nullptr;

private:
    async<> serve();
    async<bool> read_head();
    async<bool> receive_head();
    async<> handle();
    async<reply> call_handler(incoming& request);
    async<> answer(reply& r);
    async<> write(std::span<const bytes_view> pieces);
    async<> finish(stream_writing& begun);
    bool joins_others(std::string_view message) const noexcept;
    async<> write_body(std::string_view head, std::string_view content);
    async<> write_source(body_source& source, bool chunked);
    async<std::span<const std::byte>> next_of(body_source& source);
    async<> refuse(int status, std::string_view why);
    [[noreturn]] void refuse_size() const;
    bool rest_is_hopeless() const noexcept;
    async<> skip_body();
    async<> linger();
    body_framing framing_for(const reply& r) const;
    response_head head_for(reply& r) const;

    /// How far the request's body has been read.
    enum class body_state : std::uint8_t {
        coming,
        complete,
        abandoned,  // a read of it was cancelled, and none has succeeded since
        broken,     // not what HTTP says, or the connection has ended amid it
        late,       // no more of it came in time
    };

    server_state& owner_;
    stream conversation_;
    request_parser parser_;
    any_task task_;
    method method_;
    version version_ = version::http_1_1;
    std::uint64_t body_received_ = 0;
    std::size_t unconsumed_ = 0;   // bytes of the buffer that the last piece of the body lies in
    bool idle_ = true;             // between two requests
    bool keep_ = true;             // another request may follow
    body_state body_ = body_state::complete;
    bool continue_owed_ = false;   // the client waits for "100 Continue"
    bool retired_ = false;
    bool gone_ = false;
};

}  // namespace torus::inline v0::http
