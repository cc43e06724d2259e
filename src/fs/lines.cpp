// src/fs/lines.cpp: a file under a stream.
#include <torus/fs/lines.hpp>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include <torus/io/stream.hpp>
#include <torus/io/transport.hpp>

namespace torus::inline v0::fs {

namespace {

class file_transport final : public transport {
public:
    explicit file_transport(file over) noexcept : file_(std::move(over)) {}

    async<std::size_t> read(bytes_span into) override { co_return co_await opened().read_into(into); }

    std::optional<std::size_t> try_read(bytes_span into) override {
        file_reading now = opened().read_into(into);
        if (!now.attempt()) return std::nullopt;
        return now.await_resume();
    }

    async<std::size_t> write(std::span<const bytes_view> pieces) override {
        const bytes_view first = pieces.front();
        co_await opened().write(first);
        co_return first.size();
    }

    /// Nobody waits for the end of a file.
    async<> shut_down() override { co_return; }

    void close() noexcept override { file_.reset(); }

private:
    file& opened() {
        if (!file_) throw error(EBADF, "read", "");
        return *file_;
    }

    std::optional<file> file_;  // until it is closed
};

}  // namespace

stream_reader lines(file from, const stream_options& limits) {
    return stream(std::make_unique<file_transport>(std::move(from)), limits).split().first;
}

}  // namespace torus::inline v0::fs
