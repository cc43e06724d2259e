// tests/http/transcript.hpp: what a parser made of some bytes, as text, however they were cut.
#pragma once

#include "http/parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace torus::http {

// "GET /x 1.1 keep", "POST / 1.1 close \"hello\" {trailer: 1}", "200 1.1 keep \"\"": one line a message, joined by " ; ".
struct transcript {
    std::string text;
    parse_error error = parse_error::none;
    std::size_t consumed = 0;

    friend bool operator==(const transcript&, const transcript&) = default;
    friend std::ostream& operator<<(std::ostream& out, const transcript& t) {
        return out << t.text << " [" << to_string(t.error) << "] after " << t.consumed << " bytes";
    }
};

inline std::string version_text(version v) { return v == version::http_1_0 ? " 1.0" : " 1.1"; }

inline std::string start_of(request_parser& p) {
    return std::string(p.head().method.name()) + " " + p.head().target + version_text(p.head().version);
}

inline std::string start_of(response_parser& p) {
    return std::to_string(p.head().status) + version_text(p.head().version);
}

inline std::string head_of(message_parser& p, const std::string& start) {
    const message_framing& framing = p.framing();
    std::string text = start + (framing.keep_alive ? " keep" : " close");
    if (framing.upgrade) text += " upgrade";
    if (framing.expect_continue) text += " expects";
    return text;
}

inline std::string trailers_of(const message_parser& p) {
    std::string text;
    for (const field f : p.trailers()) text += " {" + std::string(f.name) + ": " + std::string(f.value) + "}";
    return text;
}

// Feeds a parser, and notes what comes out.
template <class Parser>
class recorder {
public:
    explicit recorder(Parser& parser) : parser_(parser) {}

    // False when the rest of the input is none of the parser's business.
    bool feed(std::string_view bytes) {
        std::span<const std::byte> input = std::as_bytes(std::span(bytes.data(), bytes.size()));
        for (;;) {
            const parsed step = parser_.parse(input);
            EXPECT_LE(step.consumed, input.size());
            input = input.subspan(step.consumed);
            seen_.consumed += step.consumed;
            if (!note(step)) return false;
            if (step.event == parse_event::need_input) {
                EXPECT_TRUE(input.empty()) << "wants more input but left some";
                return true;
            }
        }
    }

    transcript end() {
        if (!is_over_) note({parser_.finish()});
        return seen_;
    }

    // For responses: the methods of the requests whose responses are still to come.
    std::vector<method> awaited;

private:
    bool note(const parsed& step) {
        switch (step.event) {
        case parse_event::need_input: return true;
        case parse_event::interim: seen_.text.append("(").append(std::to_string(status())).append(") "); return true;
        case parse_event::head:
            seen_.text += head_of(parser_, start_of(parser_));
            has_body_ = parser_.framing().body != body_kind::none && parser_.framing().body != body_kind::tunnel;
            body_.clear();
            return true;
        case parse_event::body:
            EXPECT_FALSE(step.body.empty()) << "an empty piece of a body";
            body_.append(reinterpret_cast<const char*>(step.body.data()), step.body.size());
            return true;
        case parse_event::complete: return complete();
        case parse_event::failed:
            if (has_body_ && !body_.empty()) seen_.text += " \"" + body_ + "\"…";
            seen_.error = parser_.error();
            is_over_ = true;
            return false;
        }
        return false;
    }

    bool complete() {
        if (has_body_) seen_.text += " \"" + body_ + "\"";
        seen_.text += trailers_of(parser_) + " ; ";
        has_body_ = false;
        is_over_ = parser_.framing().upgrade || parser_.framing().body == body_kind::tunnel || next_is_foreign();
        return !is_over_;
    }

    int status() {
        if constexpr (requires { parser_.head().status; }) return parser_.head().status;
        else return 0;
    }

    bool next_is_foreign() {
        if constexpr (requires { parser_.head().status; }) {
            if (!awaited.empty()) {
                parser_.expect_response(awaited.front());
                awaited.erase(awaited.begin());
            }
            return false;
        } else {
            return parser_.head().method == method::connect;
        }
    }

    Parser& parser_;
    transcript seen_;
    std::string body_;
    bool has_body_ = false;
    bool is_over_ = false;
};

// The same bytes in pieces that end at the given places.
inline transcript request_transcript(std::string_view input, std::size_t first, std::size_t each,
                                     const message_limits& limits = {}) {
    request_parser parser(limits);
    recorder<request_parser> r(parser);
    for (std::size_t at = 0; at < input.size();) {
        const std::size_t size = at == 0 ? first : each;
        if (!r.feed(input.substr(at, size))) break;
        at += std::min(size, input.size() - at);
    }
    return r.end();
}

inline transcript response_transcript(std::string_view input, std::size_t first, std::size_t each,
                                      const std::vector<method>& to, const message_limits& limits = {}) {
    response_parser parser(limits);
    recorder<response_parser> r(parser);
    r.awaited = to;
    if (!r.awaited.empty()) {
        parser.expect_response(r.awaited.front());
        r.awaited.erase(r.awaited.begin());
    }
    for (std::size_t at = 0; at < input.size();) {
        const std::size_t size = at == 0 ? first : each;
        if (!r.feed(input.substr(at, size))) break;
        at += std::min(size, input.size() - at);
    }
    return r.end();
}

// Cutting an input at every place is quadratic; longer ones are cut only byte by byte.
inline constexpr std::size_t cut_everywhere_up_to = 400;

// Calls `make(first, each)` for the whole input, for each cut into two, and for single bytes: all must agree.
template <class Make>
transcript same_however_cut(std::string_view input, Make make) {
    const transcript whole = make(input.size(), input.size());
    EXPECT_EQ(whole, make(1, 1)) << "byte by byte";
    const std::size_t cuts = input.size() <= cut_everywhere_up_to ? input.size() : 0;
    for (std::size_t at = 1; at < cuts; ++at) EXPECT_EQ(whole, make(at, input.size())) << "cut at " << at;
    return whole;
}

}  // namespace torus::http
