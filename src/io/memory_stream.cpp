// src/io/memory_stream.cpp: a connection within one process.
#include <torus/io/memory_stream.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <torus/core/error.hpp>

#include "io/notice.hpp"

namespace torus::inline v0 {

namespace {

/// One direction: a ring of bytes.
class lane {
public:
    explicit lane(std::size_t capacity)
        : memory_(std::make_unique_for_overwrite<std::byte[]>(capacity)), capacity_(capacity) {}

    std::optional<std::size_t> try_read(bytes_span into) {
        if (is_reset_) throw connection_closed(ECONNRESET, "torus: the other end of the memory stream was aborted");
        if (size_ == 0) return has_ended_ ? std::optional<std::size_t>(0) : std::nullopt;
        const std::size_t first = std::min({size_, into.size(), capacity_ - begin_});
        std::memcpy(into.data(), memory_.get() + begin_, first);
        begin_ = (begin_ + first) % capacity_;
        size_ -= first;
        changed.ring();
        return first;
    }

    std::size_t try_write(std::span<const bytes_view> pieces) {
        if (is_reset_) throw connection_closed(ECONNRESET, "torus: the other end of the memory stream was aborted");
        if (has_reader_gone_) throw connection_closed(EPIPE, "torus: the other end of the memory stream was closed");
        const std::size_t before = size_;
        for (const bytes_view& each : pieces) append(each);
        if (size_ > before) changed.ring();
        return size_ - before;
    }

    void end() noexcept {
        has_ended_ = true;
        changed.ring();
    }
    void reset() noexcept {
        is_reset_ = true;
        changed.ring();
    }
    void lose_reader() noexcept {
        has_reader_gone_ = true;
        changed.ring();
    }

    notice changed;

private:
    void append(bytes_view bytes) noexcept {
        while (!bytes.empty() && size_ < capacity_) {
            const std::size_t end = (begin_ + size_) % capacity_;
            const std::size_t room = (end < begin_ ? begin_ : capacity_) - end;
            const std::size_t count = std::min(bytes.size(), room);
            std::memcpy(memory_.get() + end, bytes.data(), count);
            size_ += count;
            bytes = bytes.from(count);
        }
    }

    std::unique_ptr<std::byte[]> memory_;
    std::size_t capacity_;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
    bool has_ended_ = false;
    bool is_reset_ = false;
    bool has_reader_gone_ = false;
};

class memory_transport final : public transport {
public:
    memory_transport(std::shared_ptr<lane> in, std::shared_ptr<lane> out) noexcept
        : in_(std::move(in)), out_(std::move(out)) {}
    ~memory_transport() override { close(); }

    async<std::size_t> read(bytes_span into) override {
        const std::shared_ptr<lane> lane = in_;
        for (;;) {
            require_open();
            const std::optional<std::size_t> count = lane->try_read(into);
            if (count) co_return *count;
            co_await lane->changed.wait(wait_kind::operation);
        }
    }
    std::optional<std::size_t> try_read(bytes_span into) override {
        require_open();
        return in_->try_read(into);
    }
    async<std::size_t> write(std::span<const bytes_view> pieces) override {
        const std::shared_ptr<lane> lane = out_;
        for (;;) {
            require_open();
            const std::size_t count = lane->try_write(pieces);
            if (count > 0) co_return count;
            co_await lane->changed.wait(wait_kind::operation);
        }
    }
    std::size_t try_write(std::span<const bytes_view> pieces) override {
        require_open();
        return out_->try_write(pieces);
    }
    async<> shut_down() override {
        out_->end();
        co_return;
    }
    void close() noexcept override {
        if (std::exchange(is_closed_, true)) return;
        out_->end();
        in_->lose_reader();
    }
    void abort() noexcept override {
        if (std::exchange(is_closed_, true)) return;
        out_->reset();
        in_->reset();
    }

private:
    void require_open() const {
        if (is_closed_) throw connection_closed(ECANCELED, "torus: this end of the memory stream was closed");
    }

    std::shared_ptr<lane> in_;
    std::shared_ptr<lane> out_;
    bool is_closed_ = false;
};

}  // namespace

std::pair<stream, stream> memory_stream_pair(std::size_t capacity, const stream_options& options) {
    if (capacity == 0) throw std::invalid_argument("torus: a memory stream needs room for at least one byte");
    const auto there = std::make_shared<lane>(capacity);
    const auto back = std::make_shared<lane>(capacity);
    return {stream(std::make_unique<memory_transport>(back, there), options),
            stream(std::make_unique<memory_transport>(there, back), options)};
}

}  // namespace torus::inline v0
