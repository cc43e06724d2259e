// fuzz/http_request.cpp: requests are the same however they come, and are what we would have sent.
#include "http/serializer.hpp"
#include "reading.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

using namespace torus::http;
using torus::require;

namespace {

// A head that is accepted means the same when it is written by us and read again.
void check_round_trip(const request_head& head, const message_framing& framing) {
    request_head copy(head.method, head.target, head.headers);
    copy.version = head.version;
    copy.headers.remove("content-length");
    copy.headers.remove("transfer-encoding");
    body_framing body;
    if (framing.body == body_kind::length) body = {framing_kind::length, framing.length};
    if (framing.body == body_kind::chunked) body = {framing_kind::chunked};
    std::string text;
    append_head(text, copy, body);

    request_parser again;
    const parsed step = again.parse(std::as_bytes(std::span(text)));
    require(step.event == parse_event::head && step.consumed == text.size());
    require(again.head().method == head.method && again.head().target == head.target);
    require(again.framing().body == framing.body && again.framing().length == framing.length);
    require(again.framing().keep_alive == framing.keep_alive && again.framing().upgrade == framing.upgrade);
}

reading read(std::span<const std::byte> input, std::size_t piece) {
    request_parser parser;
    const auto head = [](request_parser& p, std::string& text) {
        text.append(p.head().method.name()).append(" ").append(p.head().target).append("\n");
        note_fields(text, p.head().headers);
        check_round_trip(p.head(), p.framing());
    };
    return read_in_pieces(parser, input, piece, head, [](request_parser& p) { return !p.framing().upgrade; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span(data, size));
    const reading whole = read(input, size + 1);
    require(whole == read(input, 1) && whole == read(input, 7));
    require(whole.error != parse_error::unrecognised);
    return 0;
}
