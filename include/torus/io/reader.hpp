// torus/io/reader.hpp: the reading side of a stream.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/bytes.hpp>
#include <torus/io/error.hpp>
#include <torus/io/limits.hpp>
#include <torus/io/reading.hpp>

namespace torus::inline v0 {

class transport;

/// The reading side of a stream; every `stream` is one.
///
/// One task reads at a time: a second one gets a std::runtime_error. An error of the connection is thrown by the read
/// that meets it and by every later one; reading after this side has closed throws `connection_closed`.
///
/// @cancel of every function here: no byte is lost; what was not returned is returned by the next read
class stream_reader {
public:
    /// The reading side alone, over something of yours that is only read from.
    explicit stream_reader(std::unique_ptr<transport> below, const stream_options& options = {});
    stream_reader(stream_reader&&) noexcept = default;
    stream_reader& operator=(stream_reader&& other) noexcept;
    ~stream_reader();

    /// Everything up to the end.
    /// @cancel as above
    /// @source asyncio.StreamReader.read
    async<std::string> read();

    /// Up to `at_most` bytes as soon as there are any; nothing only at the end, or if `at_most` is 0.
    /// @cancel as above
    async<std::string> read(std::size_t at_most);

    /// Receives what has arrived, at least one byte, as soon as there is one.
    ///
    ///     while (auto n = co_await conn.read_into(buffer)) use(buffer.first(n));
    ///
    /// @param  into  where the bytes go; must stay alive until the read ends
    /// @return bytes received, 1 to into.size(); 0 at the end of the stream, or if `into` is empty
    /// @throws connection_closed, std::system_error  what recv(2) reports
    /// @cancel as above
    /// @cost   no allocation; one recv(2), or one submission entry
    /// @source recv(2)
    stream_reading read_into(bytes_span into);

    /// Up to and with the next "\n"; at the end what is left; then nothing.
    /// @throws limit_overrun_error  no "\n" within the read limit. The line is dropped, with what of it is still to come
    /// @cancel as above
    async<std::string> readline();

    /// The same as an optional, which is empty at the end.
    ///
    ///     while (auto line = co_await conn.next()) co_await conn.write(*line);
    ///
    /// @throws limit_overrun_error  as readline()
    /// @cancel as above
    async<std::optional<std::string>> next();

    /// Exactly `count` bytes, however many that are.
    /// @throws incomplete_read_error  the stream has ended before
    /// @cancel as above
    async<std::string> readexactly(std::size_t count);

    /// Fills `into`, straight from the kernel where nothing is buffered.
    /// @param  into  must stay alive until the read ends
    /// @throws incomplete_read_error  the stream has ended before
    /// @cancel as above
    async<> readexactly_into(bytes_span into);

    /// Up to and with the separator, or the one of several that ends first.
    ///
    ///     auto head = co_await conn.readuntil("\r\n\r\n", "\n\n");
    ///
    /// @throws limit_overrun_error    none of them within the read limit; nothing is taken out of the stream
    /// @throws incomplete_read_error  the stream has ended before
    /// @throws std::invalid_argument  an empty separator
    /// @cancel as above
    template <std::convertible_to<std::string_view>... More>
    async<std::string> readuntil(std::string_view separator, const More&... more);

    /// @{ For parsers: what has been received and not been read, without copies.
    ///
    ///     while (parser.needs_more(conn.buffered()))
    ///         if (!co_await conn.fill()) throw protocol_error("truncated");
    ///     conn.consume(parser.length());
    ///
    /// The bytes stay where they are until the next function of this reader is called.
    bytes_view buffered() const noexcept;

    /// Receives more, so that `buffered()` gets longer. False at the end.
    /// @throws limit_overrun_error  as much as the read limit is buffered already
    /// @cancel as above
    async<bool> fill();

    /// Takes the first `count` bytes, which are buffered, out of the stream.
    void consume(std::size_t count) noexcept;
    /// @}

    /// Whether the end has come and everything before it has been read.
    bool at_eof() const noexcept;

    /// Ends the connection at once; see stream_writer::abort().
    void abort() noexcept;

    address peer() const;
    address local() const;

protected:
    explicit stream_reader(stream_reference state) noexcept : state_(std::move(state)) {}

    stream_reference state_;

private:
    friend class stream;
    static async<std::string> read_until(const stream_reference& from, std::span<const std::string_view> separators);
    template <std::size_t Count>
    static async<std::string> read_until_one(stream_reference from, std::array<std::string_view, Count> separators) {
        co_return co_await read_until(from, separators);
    }
};

// ------------------------------------------------------------------------------------------------------------------

template <std::convertible_to<std::string_view>... More>
async<std::string> stream_reader::readuntil(std::string_view separator, const More&... more) {
    return read_until_one(state_, std::array{separator, std::string_view(more)...});
}

}  // namespace torus::inline v0
