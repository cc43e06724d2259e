// cli/version.cpp: what --version shows.
#include "cli/version.hpp"

#include <array>
#include <cstdio>

#include <torus/core/backend.hpp>
#include <torus/version.hpp>

#include <CLI/Version.hpp>
#include <ares.h>
#include <brotli/decode.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <zlib.h>
#include <zstd.h>

#include <sys/utsname.h>

namespace torus::inline v0::cli {

namespace {

std::string compiler() {
#if defined(__clang__)
    std::string name = "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + "." +
                       std::to_string(__clang_patchlevel__);
#else
    std::string name = "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__) + "." +
                       std::to_string(__GNUC_PATCHLEVEL__);
#endif
    name += ", libstdc++ " + std::to_string(__GLIBCXX__);
#if defined(NDEBUG)
    return name + ", release";
#else
    return name + ", debug";
#endif
}

std::string backend() {
    std::string text;
    try {
        text = describe_backend_choice();
    } catch (const std::exception& e) {
        text = e.what();  // TORUS_BACKEND is nonsense
    }
    struct utsname system{};
    if (::uname(&system) == 0) text += std::string(" (") + system.sysname + " " + system.release + ")";
    return text;
}

/// "1.0.9" of brotli's packed number.
std::string brotli_version() {
    const std::uint32_t packed = BrotliDecoderVersion();
    return std::to_string(packed >> 24) + "." + std::to_string(packed >> 12 & 0xfff) + "." +
           std::to_string(packed & 0xfff);
}

std::string json_version() {
    return std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + "." + std::to_string(NLOHMANN_JSON_VERSION_MINOR) + "." +
           std::to_string(NLOHMANN_JSON_VERSION_PATCH);
}

}  // namespace

std::string version_report() {
    std::string text = "torus " + std::string(version_text) + "\n";
    text += "  compiler   " + compiler() + "\n";
    text += "  backend    " + backend() + "\n";
    text += "  libraries  OpenSSL " + std::string(OpenSSL_version(OPENSSL_VERSION_STRING)) + ", SQLite " +
            sqlite3_libversion() + ", c-ares " + ares_version(nullptr) + ", zlib " + zlibVersion() + ", brotli " +
            brotli_version() + ", zstd " + ZSTD_versionString() + ",\n             nlohmann-json " + json_version() +
            ", CLI11 " CLI11_VERSION "\n";
    return text;
}

}  // namespace torus::inline v0::cli
