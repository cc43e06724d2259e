// tests/http/content_decoder_test.cpp: compressed bodies, whole, in pieces, damaged, and huge.
#include "http/content_decoder.hpp"

#include "coded.hpp"
#include "http/gzip_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace torus::http {
namespace {

using namespace std::string_literals;
using testing::brotli_coded;
using testing::zstd_coded;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

// Bodies of all sorts: nothing, a little, much that repeats, much that does not.
std::string noise(std::size_t size) {
    std::string text(size, '\0');
    std::uint32_t state = 1;
    for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return text;
}

const std::vector<std::string> plain_bodies = {"", "x", "hello hello hello hello", std::string(200'000, 'a'),
                                               noise(50'000)};

std::string zlib_coded(std::string_view plain, int window_bits) {
    z_stream s{};
    deflateInit2(&s, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    std::string coded(deflateBound(&s, plain.size()) + 64, '\0');
    s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    s.avail_in = static_cast<uInt>(plain.size());
    s.next_out = reinterpret_cast<Bytef*>(coded.data());
    s.avail_out = static_cast<uInt>(coded.size());
    EXPECT_EQ(deflate(&s, Z_FINISH), Z_STREAM_END);
    coded.resize(s.total_out);
    deflateEnd(&s);
    return coded;
}

std::string gzip_coded(std::string_view plain) { return zlib_coded(plain, 31); }

std::string coded_as(std::string_view coding, std::string_view plain) {
    if (coding == "gzip") return gzip_coded(plain);
    if (coding == "deflate") return zlib_coded(plain, 15);
    if (coding == "raw deflate") return zlib_coded(plain, -15);
    return coding == "br" ? brotli_coded(plain) : zstd_coded(plain);
}

const std::vector<std::string> codings = {"gzip", "deflate", "raw deflate", "br", "zstd"};

std::string field_for(std::string_view coding) { return std::string(coding == "raw deflate" ? "deflate" : coding); }

struct outcome {
    std::string plain;
    decode_error error = decode_error::none;
};

// Decodes as a client would: pieces of the body in, a bounded room for what comes out.
outcome decode(std::string_view field, std::string_view coded, std::size_t piece, std::size_t room) {
    content_decoder decoder;
    outcome all;
    all.error = decoder.open(field);
    std::vector<std::byte> into(room);
    while (!coded.empty() && all.error == decode_error::none) {
        auto input = bytes_of(coded.substr(0, piece));
        coded.remove_prefix(input.size());
        for (decoded step{0, room}; step.produced == room || !input.empty();) {
            step = decoder.decode(input, into);
            input = input.subspan(step.consumed);
            all.plain.append(reinterpret_cast<const char*>(into.data()), step.produced);
            all.error = step.error;
            if (all.error != decode_error::none) return all;
        }
    }
    if (all.error == decode_error::none) all.error = decoder.finish();
    return all;
}

TEST(a_coded_body, is_decoded_however_it_comes) {
    for (const std::string& coding : codings)
        for (const std::string& plain : plain_bodies) {
            const std::string coded = coded_as(coding, plain);
            for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, coded.size()})
                for (std::size_t room : {std::size_t{1}, std::size_t{1000}, std::size_t{300'000}}) {
                    if (room == 1 && plain.size() > 100'000) continue;
                    const outcome seen = decode(field_for(coding), coded, piece, room);
                    EXPECT_EQ(seen.error, decode_error::none)
                        << coding << " " << plain.size() << " " << piece << " " << room;
                    EXPECT_TRUE(seen.plain == plain) << coding << " " << plain.size() << " " << piece << " " << room;
                }
        }
}

TEST(a_coded_body, is_incomplete_wherever_it_is_cut) {
    for (const std::string& coding : codings) {
        const std::string coded = coded_as(coding, "hello hello hello hello");
        for (std::size_t size = 1; size < coded.size(); ++size)
            EXPECT_EQ(decode(field_for(coding), coded.substr(0, size), 5, 1000).error, decode_error::truncated)
                << coding << " " << size;
    }
}

TEST(a_coded_body, may_be_empty) {
    for (const std::string& coding : codings) EXPECT_EQ(decode(field_for(coding), "", 1, 1).error, decode_error::none);
}

TEST(a_coded_body, is_followed_by_nothing) {
    for (const std::string& coding : codings)
        for (std::size_t piece : {1, 1000}) {
            const outcome seen = decode(field_for(coding), coded_as(coding, "hello") + "garbage", piece, 1000);
            EXPECT_EQ(seen.error, decode_error::trailing_garbage) << coding << " " << piece;
        }
}

TEST(a_coded_body, is_refused_if_it_is_damaged) {
    for (const std::string& coding : codings)
        for (std::size_t piece : {1, 1000}) {
            // An invalid block type for deflate, a reserved bit for the others.
            const std::string wrong =
                coding.ends_with("deflate") ? "\xff\xff\xff\xff"s : "\xff\xff\xff\xff\xff\xff\xff\xff"s;
            EXPECT_EQ(decode(field_for(coding), wrong, piece, 1000).error, decode_error::corrupt)
                << coding << " " << piece;
        }
    std::string checksum = gzip_coded("hello");
    checksum[checksum.size() - 8] = static_cast<char>(checksum[checksum.size() - 8] ^ 1);
    EXPECT_EQ(decode("gzip", checksum, 1000, 1000).error, decode_error::corrupt);
}

TEST(a_coded_body, never_crashes_the_decoder_when_bits_flip) {
    for (const std::string& coding : codings) {
        const std::string coded = coded_as(coding, "hello hello hello hello, hello?");
        for (std::size_t bit = 0; bit < 8 * coded.size(); ++bit) {
            std::string damaged = coded;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
            EXPECT_LT(decode(field_for(coding), damaged, 9, 64).plain.size(), 100'000u);
        }
    }
}

TEST(gzip, may_have_several_members) {
    const std::string coded = gzip_coded("hello ") + gzip_coded("") + gzip_coded("world");
    for (std::size_t piece : {1, 3, 1000}) EXPECT_EQ(decode("gzip", coded, piece, 4).plain, "hello world");
    EXPECT_EQ(decode("x-gzip", coded.substr(0, coded.size() - 1), 1000, 1000).error, decode_error::truncated);
    EXPECT_EQ(decode("gzip", gzip_coded("a") + "\x1f", 1000, 1000).error, decode_error::truncated);
    EXPECT_EQ(decode("gzip", gzip_coded("a") + "\x1f\x8cxxxxxxxxxx", 1000, 1000).error, decode_error::corrupt);
    EXPECT_EQ(decode("gzip", gzip_coded("a") + "\0"s, 1000, 1000).error, decode_error::trailing_garbage);
}

TEST(zstd, may_have_several_frames) {
    const std::string coded = zstd_coded("hello ") + zstd_coded("world");
    for (std::size_t piece : {1, 3, 1000}) EXPECT_EQ(decode("zstd", coded, piece, 4).plain, "hello world");
}

TEST(zstd, is_what_RFC_8878_says_and_not_what_came_before_it) {
    for (std::size_t piece : {1, 1000})
        for (char version : {'\x1e', '\x22', '\x23', '\x24', '\x25', '\x26', '\x27'}) {
            const std::string legacy = version + "\xb5\x2f\xfd\x04\x00\x00\x00\x00"s;
            EXPECT_EQ(decode("zstd", legacy, piece, 1000).error, decode_error::corrupt);
            EXPECT_EQ(decode("zstd", zstd_coded("a") + legacy, piece, 1000).error, decode_error::trailing_garbage);
        }
    const std::string skipped = "\x53\x2a\x4d\x18\x03\x00\x00\x00xyz"s;
    for (std::size_t piece : {1, 1000}) EXPECT_EQ(decode("zstd", skipped + zstd_coded("a"), piece, 1000).plain, "a");
    EXPECT_EQ(decode("zstd", zstd_coded("a") + "\x28\xb5", 1000, 1000).error, decode_error::truncated);
}

TEST(zstd, may_not_have_a_window_of_more_than_8_MiB) {
    const auto coded = [](int window_log) {
        ZSTD_CCtx* context = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
        std::string out(1000, '\0');
        // Without its size in the header the frame has to announce the window.
        ZSTD_inBuffer in{"hello", 5, 0};
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
        ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
        ZSTD_freeCCtx(context);
        return out.substr(0, to.pos);
    };
    EXPECT_EQ(decode("zstd", coded(23), 1000, 1000).plain, "hello");
    EXPECT_EQ(decode("zstd", coded(24), 1000, 1000).error, decode_error::corrupt);
}

TEST(codings, may_be_two_on_top_of_each_other) {
    for (const std::string& plain : plain_bodies) {
        const std::string coded = brotli_coded(gzip_coded(plain));
        for (std::size_t piece : {std::size_t{1}, std::size_t{1000}, coded.size()})
            for (std::size_t room : {999, 300'000}) {
                const outcome seen = decode("gzip, BR", coded, piece, room);
                EXPECT_EQ(seen.error, decode_error::none) << piece << " " << room;
                EXPECT_TRUE(seen.plain == plain) << piece << " " << room;
            }
    }
    const std::string twice = gzip_coded(gzip_coded("hello"));
    EXPECT_EQ(decode("gzip, identity ,gzip", twice, 1000, 1000).plain, "hello");
    EXPECT_EQ(decode("gzip, gzip", twice.substr(0, twice.size() - 9), 1000, 1000).error, decode_error::truncated);
    EXPECT_EQ(decode("gzip, gzip", gzip_coded(gzip_coded("hello").substr(0, 9)), 1000, 1000).error,
              decode_error::truncated);
    EXPECT_EQ(decode("gzip, gzip", gzip_coded(gzip_coded("hello") + "x"), 1000, 1000).error,
              decode_error::trailing_garbage);
}

TEST(codings, are_known_and_few) {
    content_decoder decoder;
    EXPECT_EQ(decoder.open("gzip, gzip, gzip"), decode_error::too_many_codings);
    EXPECT_EQ(decoder.open("compress"), decode_error::unsupported_coding);
    EXPECT_EQ(decoder.open("gzip, nonsense"), decode_error::unsupported_coding);
    EXPECT_EQ(decoder.open(""), decode_error::none);
    EXPECT_FALSE(decoder.is_needed());
    EXPECT_EQ(decoder.open("identity"), decode_error::none);
    EXPECT_FALSE(decoder.is_needed());
    EXPECT_EQ(decoder.open("zstd"), decode_error::none);
    EXPECT_TRUE(decoder.is_needed());
    EXPECT_EQ(decode("identity", "hello", 2, 1).plain, "hello");
}

TEST(a_bomb, is_unpacked_no_further_than_there_is_room) {
    const std::string coded = gzip_coded(gzip_coded(std::string(100'000'000, '\0')));
    EXPECT_LT(coded.size(), 1000u);
    content_decoder decoder;
    ASSERT_EQ(decoder.open("gzip, gzip"), decode_error::none);
    std::vector<std::byte> room(64 * 1024);
    auto input = bytes_of(coded);
    for (int i = 0; i < 3; ++i) {
        const decoded step = decoder.decode(input, room);
        EXPECT_EQ(step.produced, room.size());
        EXPECT_EQ(step.error, decode_error::none);
        input = input.subspan(step.consumed);
    }
}

TEST(a_gzip_encoder, makes_what_the_decoder_takes) {
    for (const std::string& plain : plain_bodies) {
        gzip_encoder encoder;
        std::string coded;
        for (std::size_t at = 0; at < plain.size(); at += 1000)
            encoder.append(coded, bytes_of(plain).subspan(at, std::min<std::size_t>(1000, plain.size() - at)));
        encoder.finish(coded);
        EXPECT_TRUE(decode("gzip", coded, 1000, 1000).plain == plain);
    }
}

TEST(a_gzip_encoder, lets_the_reader_have_everything_so_far) {
    gzip_encoder encoder;
    std::string coded;
    encoder.append(coded, bytes_of("hello"));
    encoder.flush(coded);
    const outcome seen = decode("gzip", coded, 1000, 1000);
    EXPECT_EQ(seen.plain, "hello");
    EXPECT_EQ(seen.error, decode_error::truncated);
    gzip_encoder moved = std::move(encoder);
    moved.append(coded, bytes_of(" again"));
    moved.finish(coded);
    EXPECT_EQ(decode("gzip", coded, 1000, 1000).plain, "hello again");
}

}  // namespace
}  // namespace torus::http
