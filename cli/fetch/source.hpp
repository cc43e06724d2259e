// cli/fetch/source.hpp: where the input comes from, piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <torus/core/async.hpp>

#include "cli/fetch/digest.hpp"
#include "cli/fetch/lines.hpp"

namespace torus::inline v0::cli {

/// How much of a file is read at a time: 256 KiB is one read of a disk, and a few thousand lines.
inline constexpr std::size_t input_piece_bytes = 256 * 1024;

/// Bytes that come in pieces.
class byte_source {
public:
    virtual ~byte_source() = default;

    /// The next piece; empty at the end, and from then on.
    virtual async<std::string> read() = 0;
};

/// An open file, read on another thread; or a pipe or a terminal, read when something is there.
class descriptor_source final : public byte_source {
public:
    /// Takes the descriptor.
    descriptor_source(int descriptor, std::string name);
    descriptor_source(const descriptor_source&) = delete;
    descriptor_source& operator=(const descriptor_source&) = delete;
    ~descriptor_source() override;

    /// @throws std::system_error  what read(2) reports, with the name
    /// @cancel takes effect at once, for a file after its read; nothing is lost of a pipe
    async<std::string> read() override;

private:
    int descriptor_;
    std::string name_;
    bool slow_;
};

/// Opens a file for reading.
/// @throws std::system_error  what open(2) reports
std::unique_ptr<byte_source> open_file(const std::string& path);

/// A text.
class text_source final : public byte_source {
public:
    explicit text_source(std::string text) noexcept : text_(std::move(text)) {}
    async<std::string> read() override;

private:
    std::string text_;
};

/// A source whose first piece has been read already.
class begun_source final : public byte_source {
public:
    begun_source(std::string first, std::unique_ptr<byte_source> rest) noexcept
        : first_(std::move(first)), rest_(std::move(rest)) {}
    async<std::string> read() override;

private:
    std::string first_;
    std::unique_ptr<byte_source> rest_;
};

/// Reads the first piece, so that a source that can't be read says so now.
/// @throws what reading it throws
async<std::unique_ptr<byte_source>> begun(std::unique_ptr<byte_source> from);

/// What `measure` finds out.
struct measured_input {
    std::string sha256;
    std::int64_t lines = 0;
};

/// What a piece of input goes to as well while it is measured.
class piece_receiver {
public:
    virtual ~piece_receiver() = default;
    virtual async<> receive(std::string piece) = 0;
};

/// Reads all of it, for its hash and the number of its lines, and hands on what it reads.
async<measured_input> measure(byte_source& from, piece_receiver* to = nullptr);

/// The lines of a source.
class line_source {
public:
    explicit line_source(std::unique_ptr<byte_source> from) : from_(std::move(from)) {}

    /// The next line; nothing at the end.
    async<std::optional<line>> next();

    /// Once the end is reached: the hash of everything that was read.
    std::string sha256() { return digest_.hex(); }

private:
    std::unique_ptr<byte_source> from_;
    line_splitter splitter_;
    std::string piece_;
    digest digest_;
    bool ended_ = false;
};

}  // namespace torus::inline v0::cli
