// tests/http/conformance.hpp: tables of messages, the clause that decides about each, and what must come of it.
#pragma once

#include "transcript.hpp"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace torus::http {

struct conformance_case {
    std::string clause;  // of RFC 9112, if no other is named
    std::string name;    // the rest of the sentence "the parser …"
    std::string input;
    std::string expected;  // the transcript
    parse_error error = parse_error::none;
    std::vector<method> to = {method::get};  // for responses

    friend void PrintTo(const conformance_case& c, std::ostream* out) { *out << c.clause << ": " << c.name; }
};

// "6.1" and "rejects a length" become "rfc9112_6_1_rejects_a_length".
inline std::string name_of(const ::testing::TestParamInfo<conformance_case>& info) {
    const conformance_case& c = info.param;
    std::string name = (c.clause.starts_with("RFC") ? "" : "rfc9112 ") + c.clause + " " + c.name;
    for (char& ch : name) ch = is_alpha(ch) || is_digit(ch) ? ch : '_';
    return name;
}

class request_conformance : public ::testing::TestWithParam<conformance_case> {
protected:
    void check() const {
        const conformance_case& c = GetParam();
        const transcript seen = same_however_cut(
            c.input, [&](std::size_t first, std::size_t each) { return request_transcript(c.input, first, each); });
        EXPECT_EQ(seen.text, c.expected);
        EXPECT_EQ(to_string(seen.error), to_string(c.error));
    }
};

class response_conformance : public ::testing::TestWithParam<conformance_case> {
protected:
    void check() const {
        const conformance_case& c = GetParam();
        const transcript seen = same_however_cut(c.input, [&](std::size_t first, std::size_t each) {
            return response_transcript(c.input, first, each, c.to);
        });
        EXPECT_EQ(seen.text, c.expected);
        EXPECT_EQ(to_string(seen.error), to_string(c.error));
    }
};

// A request line and Host, with what is to be tried between or behind them.
inline std::string request_with(std::string_view fields, std::string_view body = {}) {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

inline std::string request_line(std::string_view line) { return std::string(line) + "\r\nHost: h\r\n\r\n"; }

inline std::string chunked(std::string_view body) { return request_with("Transfer-Encoding: chunked\r\n", body); }

inline std::string response_with(std::string_view fields, std::string_view body = {}) {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace torus::http
