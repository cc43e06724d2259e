// fuzz/http_chunked.cpp: chunks are the same however they come, and their data comes back when it is sent on.
#include "http/chunk_decoder.hpp"
#include "http/serializer.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace torus::http;
using torus::require;

namespace {

constexpr std::uint32_t extension_bytes = 64;  // small, so that the limit is met

struct reading {
    std::string data;
    parse_error error = parse_error::none;
    std::size_t consumed = 0;
    bool is_complete = false;

    friend bool operator==(const reading&, const reading&) = default;
};

reading read(std::string_view input, std::size_t piece) {
    chunk_decoder decoder;
    reading all;
    while (!input.empty()) {
        std::string_view rest = input.substr(0, piece);
        input.remove_prefix(rest.size());
        for (bool more = true; more;) {
            const chunk_decoder::result step = decoder.decode(rest, extension_bytes);
            require(step.consumed <= rest.size() && step.data.size() <= step.consumed);
            rest.remove_prefix(step.consumed);
            all.consumed += step.consumed;
            all.data += step.data;
            all.error = step.error;
            all.is_complete = step.what == chunk_decoder::progress::last_chunk;
            require((step.what == chunk_decoder::progress::failed) == (step.error != parse_error::none));
            if (all.is_complete || all.error != parse_error::none) return all;
            more = step.what == chunk_decoder::progress::data;
        }
        require(rest.empty());
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const reading whole = read(input, size + 1);
    require(whole == read(input, 1) && whole == read(input, 5));
    require(whole.data.size() <= size && whole.error != parse_error::unrecognised);

    std::string sent;
    if (!whole.data.empty()) {
        append_chunk_start(sent, whole.data.size());
        sent.append(whole.data).append(chunk_end);
    }
    append_body_end(sent);
    const reading again = read(sent, sent.size());
    require(again.is_complete && again.data == whole.data);
    return 0;
}
