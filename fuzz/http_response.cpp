// fuzz/http_response.cpp: responses are the same however they come. The first byte says what they answer.
#include "reading.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

using namespace torus::http;
using torus::require;

namespace {

reading read(std::span<const std::byte> input, std::size_t piece, const method& to) {
    response_parser parser;
    parser.expect_response(to);
    int left = 4;  // responses in a row
    const auto head = [](response_parser& p, std::string& text) {
        require(p.head().status >= 100 && p.head().status <= 999 && is_field_value(p.head().reason));
        text.append(std::to_string(p.head().status)).append(p.head().reason).append("\n");
        note_fields(text, p.head().headers);
    };
    const auto between = [&](response_parser& p) {
        if (p.framing().body == body_kind::tunnel || --left == 0) return false;
        p.expect_response(to);
        return true;
    };
    return read_in_pieces(parser, input, piece, head, between);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const method to = data[0] == 'H' ? method::head : data[0] == 'C' ? method::connect : method::get;
    const auto input = std::as_bytes(std::span(data, size)).subspan(1);
    const reading whole = read(input, size, to);
    require(whole == read(input, 1, to) && whole == read(input, 7, to));
    require(whole.error != parse_error::unrecognised);
    return 0;
}
