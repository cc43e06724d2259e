// fuzz/reading.hpp: feeds a parser in pieces and notes all that comes out.
#pragma once

#include "http/parser.hpp"
#include "require.hpp"
#include "torus/http/token.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace torus::http {

/// All that a parser made of some bytes: the same however they are cut.
struct reading {
    std::string text;
    parse_error error = parse_error::none;
    std::size_t consumed = 0;

    friend bool operator==(const reading&, const reading&) = default;
};

inline void note_fields(std::string& text, const headers& fields) {
    for (const field f : fields) {
        require(is_token(f.name) && is_field_value(f.value));
        text.append(f.name).append(": ").append(f.value).append("\n");
    }
}

/// Reads messages until the parser stops or the input ends; `between(parser)` is called after each message and says
/// whether another one may follow, `head(parser, text)` notes what is known about the head.
template <class Parser, class Head, class Between>
reading read_in_pieces(Parser& parser, std::span<const std::byte> input, std::size_t piece, Head head,
                       Between between) {
    reading all;
    const auto step_over = [&](std::span<const std::byte>& rest) {
        const parsed step = parser.parse(rest);
        require(step.consumed <= rest.size() && (step.body.empty() || step.event == parse_event::body));
        rest = rest.subspan(step.consumed);
        all.consumed += step.consumed;
        if (step.event == parse_event::head || step.event == parse_event::interim) head(parser, all.text);
        if (step.event == parse_event::body)
            all.text.append(reinterpret_cast<const char*>(step.body.data()), step.body.size());
        if (step.event == parse_event::complete) note_fields(all.text.append("\nend\n"), parser.trailers());
        if (step.event == parse_event::need_input) require(rest.empty());
        return step.event;
    };
    while (!input.empty()) {
        auto rest = input.first(std::min(piece, input.size()));
        input = input.subspan(rest.size());
        for (auto event = parse_event::head; event != parse_event::need_input;) {
            event = step_over(rest);
            all.error = parser.error();
            if (event == parse_event::failed || (event == parse_event::complete && !between(parser))) return all;
        }
    }
    if (parser.finish() == parse_event::complete) all.text += "\nclosed\n";
    all.error = parser.error();
    return all;
}

}  // namespace torus::http
