// src/http/framing.hpp: where a message's body ends, and what becomes of the connection then (RFC 9112, 6.3 and 9.3).
#pragma once

#include "http/parse_error.hpp"
#include "torus/http/message.hpp"

#include <cstdint>

namespace torus::inline v0::http {

enum class body_kind : std::uint8_t {
    none,         // there is none, whatever Content-Length says
    length,       // as many bytes as Content-Length says
    chunked,
    until_close,  // all that comes until the peer closes; responses only
    tunnel,       // what follows is no HTTP any more: after 101, and after 2xx to CONNECT
};

/// What the fields say about how to go on reading.
struct message_framing {
    std::uint64_t length = 0;  // for body_kind::length
    body_kind body = body_kind::none;
    bool keep_alive = false;       // another message may follow on this connection
    bool upgrade = false;          // the fields Connection and Upgrade propose (101: announce) another protocol
    bool expect_continue = false;  // the client waits for a 100 before it sends the body
};

/// What a response answers, as far as it decides about the body.
enum class request_kind : std::uint8_t { usual, head, connect };

/// Both return an error if the fields contradict each other or don't say where the body ends.
parse_error frame_request(const request_head& head, message_framing& framing);
parse_error frame_response(const response_head& head, request_kind to, message_framing& framing);

}  // namespace torus::inline v0::http
