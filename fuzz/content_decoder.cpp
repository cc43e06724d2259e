// fuzz/content_decoder.cpp: damaged and hostile compressed bodies. The first byte chooses the codings.
#include "http/content_decoder.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

using namespace torus::http;
using torus::require;

namespace {

constexpr std::array<std::string_view, 6> codings = {"gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, br"};
constexpr std::size_t most_unpacked = 256 * 1024;

struct reading {
    std::string plain;
    decode_error error = decode_error::none;
};

reading read(std::string_view coding, std::span<const std::byte> input, std::size_t piece) {
    content_decoder decoder;
    require(decoder.open(coding) == decode_error::none);
    reading all;
    std::array<std::byte, 1000> room;
    while (!input.empty() && all.plain.size() < most_unpacked) {
        auto rest = input.first(std::min(piece, input.size()));
        input = input.subspan(rest.size());
        for (decoded step{0, room.size()}; step.produced == room.size() && all.plain.size() < most_unpacked;) {
            step = decoder.decode(rest, room);
            require(step.consumed <= rest.size() && step.produced <= room.size());
            rest = rest.subspan(step.consumed);
            all.plain.append(reinterpret_cast<const char*>(room.data()), step.produced);
            if (step.error != decode_error::none) return all.error = step.error, all;
            require(rest.empty() || step.produced == room.size());
        }
    }
    all.error = decoder.finish();
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view coding = codings[data[0] % codings.size()];
    const auto input = std::as_bytes(std::span(data, size)).subspan(1);
    const reading whole = read(coding, input, size);
    const reading bytes = read(coding, input, 1);
    // What is right is right however it comes; what is wrong may be noticed a little earlier or later.
    if (whole.plain.size() >= most_unpacked || bytes.plain.size() >= most_unpacked) return 0;
    require((whole.error == decode_error::none) == (bytes.error == decode_error::none));
    if (whole.error == decode_error::none) require(whole.plain == bytes.plain);
    return 0;
}
