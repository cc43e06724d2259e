// src/http/gzip_encoder.hpp: compresses a body while it is being made.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace torus::inline v0::http {

/// Makes one gzip member.
///
///     gzip_encoder encoder;
///     encoder.append(out, piece);        // `out` grows now and then
///     encoder.finish(out);
class gzip_encoder {
public:
    /// @throws std::bad_alloc
    gzip_encoder();
    ~gzip_encoder();
    gzip_encoder(gzip_encoder&&) noexcept;
    gzip_encoder& operator=(gzip_encoder&&) noexcept;

    /// Compresses; what is finished of it is appended to `out`.
    void append(std::string& out, std::span<const std::byte> bytes);

    /// Appends all that was held back, so that the reader has everything up to here. Costs some compression.
    void flush(std::string& out);

    /// Appends the rest. Nothing may follow.
    void finish(std::string& out);

private:
    struct state;
    void run(std::string& out, std::span<const std::byte> bytes, int mode);

    std::unique_ptr<state> state_;
};

}  // namespace torus::inline v0::http
