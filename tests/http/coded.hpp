// tests/http/coded.hpp: bodies compressed by the libraries that everybody uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zstd.h>

namespace torus::inline v0::http::testing {

inline std::string brotli_coded(std::string_view plain) {
    std::string coded(BrotliEncoderMaxCompressedSize(plain.size()) + 64, '\0');
    std::size_t size = coded.size();
    EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, plain.size(),
                                      reinterpret_cast<const std::uint8_t*>(plain.data()), &size,
                                      reinterpret_cast<std::uint8_t*>(coded.data())));
    coded.resize(size);
    return coded;
}

inline std::string zstd_coded(std::string_view plain) {
    std::string coded(ZSTD_compressBound(plain.size()), '\0');
    const std::size_t size = ZSTD_compress(coded.data(), coded.size(), plain.data(), plain.size(), 3);
    EXPECT_FALSE(ZSTD_isError(size));
    coded.resize(size);
    return coded;
}

}  // namespace torus::inline v0::http::testing
