// torus/http/range.hpp: parts of a file, as the field Range asks for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torus::inline v0::http {

/// Bytes of a representation, both ends included.
struct byte_range {
    std::uint64_t first;
    std::uint64_t last;

    std::uint64_t size() const noexcept { return last - first + 1; }
    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// What to answer a request with a Range.
enum class range_answer : std::uint8_t {
    whole,          // 200: there is no range, or it is malformed, or costs more than everything
    parts,          // 206
    unsatisfiable,  // 416
};

/// The outcome of `select_ranges`.
class range_selection {
public:
    range_answer answer = range_answer::whole;
    std::vector<byte_range> ranges;  // for 206: at least one, all of them inside; in the order of the request

    range_selection() = default;
    range_selection(range_answer what, std::vector<byte_range> which) : answer(what), ranges(std::move(which)) {}
};

/// Reads a Range field against a representation of `size` bytes (RFC 9110, section 14.2).
///
/// Whoever asks for more than `max_ranges` ranges, or for ranges that overlap so much that they are longer than the
/// whole, gets the whole: the answer to a known attack.
range_selection select_ranges(std::string_view range_field, std::uint64_t size);

/// The value for Content-Range with 206: "bytes 0-99/1000".
std::string content_range(byte_range range, std::uint64_t size);

/// The value for Content-Range with 416: "bytes */1000".
std::string unsatisfied_range(std::uint64_t size);

}  // namespace torus::inline v0::http
