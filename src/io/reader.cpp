// src/io/reader.cpp: the reading verbs, over what is buffered and what is still to come.
#include <torus/io/reader.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "io/filling.hpp"
#include "io/separator.hpp"
#include "io/stream_state.hpp"

namespace torus::inline v0 {

namespace {

// A result is not made larger than this before its bytes have come: its size may be a claim of the peer.
constexpr std::size_t largest_reservation = 1024 * 1024;  // bytes

std::string taken(receive_buffer& from, std::size_t count) {
    std::string bytes(from.unread().first(count).text());
    from.consume(count);
    return bytes;
}

/// Bytes that have left the buffer before their read is complete. They return into it if that never comes about.
class unreturned {
public:
    explicit unreturned(input& in) noexcept : in_(in) {}
    unreturned(const unreturned&) = delete;
    unreturned& operator=(const unreturned&) = delete;
    ~unreturned() {
        try {
            in_.buffer.put_back(bytes_);
        } catch (...) {  // no memory for them: then no later read may do as if they had never been
            in_.fail(std::current_exception());
        }
    }
    void are(bytes_view bytes) noexcept { bytes_ = bytes; }
    void are_returned() noexcept { bytes_ = {}; }

private:
    input& in_;
    bytes_view bytes_;
};

async<std::string> read_to_end(stream_reference from) {
    const input::turn turn(*from);
    receive_buffer& buffer = from->in.buffer;
    std::string all;
    unreturned rest(from->in);
    for (bool more = true; more;) {
        all.append(buffer.unread().text());
        buffer.consume(buffer.size());
        rest.are(all);
        more = co_await filling(*from);
    }
    rest.are_returned();
    co_return all;
}

async<std::string> read_some(stream_reference from, std::size_t at_most) {
    const input::turn turn(*from);
    receive_buffer& buffer = from->in.buffer;
    if (at_most == 0) co_return std::string();
    for (bool more = true; more && buffer.empty();) more = co_await filling(*from);
    co_return taken(buffer, std::min(at_most, buffer.size()));
}

/// Fills `into` from what is buffered, and then from the transport without a detour.
async<std::size_t> read_into_all(stream_reference from, bytes_span into) {
    std::size_t count = 0;
    {
        const input::turn turn(*from);
        count = from->in.buffer.take(into);
    }
    unreturned rest(from->in);
    while (count < into.size()) {
        rest.are(bytes_view(into.data(), count));
        const std::size_t received = co_await stream_reading(from, into.from(count));
        if (received == 0) break;
        count += received;
    }
    rest.are_returned();
    co_return count;
}

async<> read_exactly_into(stream_reference from, bytes_span into) {
    const std::size_t count = co_await read_into_all(from, into);
    if (count == into.size()) co_return;
    throw incomplete_read_error(std::string(bytes_view(into.data(), count).text()), into.size());
}

async<std::string> read_exactly(stream_reference from, std::size_t wanted) {
    std::string all;
    unreturned rest(from->in);
    while (all.size() < wanted) {
        const std::size_t had = all.size();
        rest.are_returned();  // while the string moves
        all.resize(std::min(wanted, std::max(2 * had, largest_reservation)));
        rest.are(bytes_view(all.data(), had));
        const std::size_t count = co_await read_into_all(from, bytes_span(all.data() + had, all.size() - had));
        if (had + count == all.size()) continue;
        rest.are_returned();
        all.resize(had + count);
        throw incomplete_read_error(std::move(all), wanted);
    }
    rest.are_returned();
    co_return all;
}

async<std::string> read_until_any(stream_reference from, std::span<const std::string_view> separators) {
    const input::turn turn(*from);
    receive_buffer& buffer = from->in.buffer;
    const std::size_t limit = from->options().read_limit;
    separator_search search(separators);
    for (bool more = true;;) {
        const separator_search::found end = search.in(buffer.unread().text());
        if (end.size > 0 && end.content <= limit) co_return taken(buffer, end.size);
        if (end.size > 0) throw limit_overrun_error("torus: a separator was found beyond the read limit", end.content);
        if (end.content > limit) throw limit_overrun_error("torus: no separator within the read limit", end.content);
        if (!more) throw incomplete_read_error(taken(buffer, buffer.size()), std::nullopt);
        more = co_await filling(*from);
    }
}

/// Drops the line that is too long: what of it is here now, and the rest when it comes.
[[noreturn]] void drop_line(input& in, std::size_t size) {
    const std::size_t dropped = size > 0 ? size : in.buffer.size();
    in.buffer.consume(dropped);
    in.skips_line = size == 0;
    throw limit_overrun_error("torus: a line is longer than the read limit", dropped);
}

async<std::string> read_line(stream_reference from) {
    constexpr std::string_view newline = "\n";
    const input::turn turn(*from);
    input& in = from->in;
    const std::size_t limit = from->options().read_limit;
    separator_search search(std::span(&newline, 1));
    for (bool more = true;;) {
        const separator_search::found end = search.in(in.buffer.unread().text());
        if (in.skips_line) {
            in.skips_line = end.size == 0;
            in.buffer.consume(end.size > 0 ? end.size : in.buffer.size());
            search = separator_search(std::span(&newline, 1));
            if (end.size > 0) continue;
        } else {
            if (end.content > limit) drop_line(in, end.size);
            if (end.size > 0) co_return taken(in.buffer, end.size);
        }
        if (!more) co_return taken(in.buffer, in.buffer.size());
        more = co_await filling(*from);
    }
}

async<std::optional<std::string>> read_next_line(stream_reference from) {
    std::string line = co_await read_line(std::move(from));
    if (line.empty()) co_return std::nullopt;
    co_return line;
}

async<bool> fill_buffer(stream_reference from) {
    const input::turn turn(*from);
    receive_buffer& buffer = from->in.buffer;
    const std::size_t before = buffer.size();
    if (before >= from->options().read_limit)
        throw limit_overrun_error("torus: as much as the read limit is buffered and not consumed", before);
    bool more = true;
    while (more && buffer.size() == before) more = co_await filling(*from);
    co_return more;
}

}  // namespace

stream_reader::stream_reader(std::unique_ptr<transport> below, const stream_options& options)
    : state_(*new stream_state(std::move(below), options, stream_state::reader)) {}

stream_reader& stream_reader::operator=(stream_reader&& other) noexcept {
    const stream_reader former(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

stream_reader::~stream_reader() {
    if (state_) state_->leave(stream_state::reader);
}

async<std::string> stream_reader::read() { return read_to_end(state_); }

async<std::string> stream_reader::read(std::size_t at_most) { return read_some(state_, at_most); }

stream_reading stream_reader::read_into(bytes_span into) { return {state_, into}; }

async<std::string> stream_reader::readline() { return read_line(state_); }

async<std::optional<std::string>> stream_reader::next() { return read_next_line(state_); }

async<std::string> stream_reader::readexactly(std::size_t count) { return read_exactly(state_, count); }

async<> stream_reader::readexactly_into(bytes_span into) { return read_exactly_into(state_, into); }

async<std::string> stream_reader::read_until(const stream_reference& from,
                                             std::span<const std::string_view> separators) {
    return read_until_any(from, separators);
}

bytes_view stream_reader::buffered() const noexcept { return state_->in.buffer.unread(); }

async<bool> stream_reader::fill() { return fill_buffer(state_); }

void stream_reader::consume(std::size_t count) noexcept { state_->in.buffer.consume(count); }

bool stream_reader::at_eof() const noexcept { return state_->in.has_ended() && state_->in.buffer.empty(); }

void stream_reader::abort() noexcept { state_->abort(); }

address stream_reader::peer() const { return state_->has_below() ? state_->below().peer() : address(); }

address stream_reader::local() const { return state_->has_below() ? state_->below().local() : address(); }

}  // namespace torus::inline v0
