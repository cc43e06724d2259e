// src/http/server_reply.cpp: writing the replies of a server.
#include <array>
#include <coroutine>

#include <torus/core/loop.hpp>
#include <torus/core/time.hpp>

#include "http/server_connection.hpp"

namespace torus::inline v0::http {

namespace {
// Bytes of a body that one time limit is for: what a link of a telephone's speed takes in half of it.
constexpr std::size_t reply_piece = 256 * 1024;

// Most heads fit, and are not moved as they grow.
constexpr std::size_t usual_head = 512;  // bytes

// A body up to this size is copied behind its head: cheaper than to have the kernel put two pieces together.
constexpr std::size_t copied_body = 1024;  // bytes

/// A write that the kernel did not take at once.
class rest_of_write {
public:
    explicit rest_of_write(stream_writing& begun) noexcept : begun_(begun) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) { return begun_.await_suspend(h); }
    void await_resume() { begun_.await_resume(); }

private:
    stream_writing& begun_;
};
}  // namespace

body_framing server_connection::framing_for(const reply& r) const {
    if (has_no_body(r.status)) return {};
    const body_source* source = r.body.source();
    if (!source) return {framing_kind::length, r.body.bytes().size()};
    const std::optional<std::uint64_t> size = source->size();
    if (size) return {framing_kind::length, *size};
    return {version_ == version::http_1_0 ? framing_kind::until_close : framing_kind::chunked, 0};
}

response_head server_connection::head_for(reply& r) const {
    response_head head(r.status, std::move(r.headers));
    if (!owner_.options.server_name.empty() && !head.headers.contains("server"))
        head.headers.add("server", owner_.options.server_name);
    if (!keep_) head.headers.set("connection", "close");
    else if (version_ == version::http_1_0) head.headers.set("connection", "keep-alive");
    return head;
}

async<> server_connection::answer(reply& r) {
    const body_framing framing = framing_for(r);
    if (framing.kind == framing_kind::until_close) keep_ = false;
    const bool sends_body = framing.kind != framing_kind::none && method_ != method::head;
    const bool copies_body = sends_body && !r.body.source() && r.body.bytes().size() <= copied_body;
    std::string head;
    std::exception_ptr refused;
    try {
        head.reserve(usual_head + (copies_body ? r.body.bytes().size() : 0));
        append_head(head, head_for(r), framing, owner_.date());
    } catch (const std::invalid_argument&) {
        refused = std::current_exception();
    }
    if (refused) {
        report_error({"a handler's reply cannot be sent", refused, {}});
        co_await refuse(status::internal_server_error, "internal server error");
        co_return;
    }
    if (copies_body) head.append(r.body.bytes());
    if (copies_body || !sends_body) {
        if (joins_others(head)) co_return conversation_.write_nowait(head);
        stream_writing writing = conversation_.write(bytes_view(head));
        if (writing.await_ready()) co_return writing.await_resume();
        co_await finish(writing);
    } else if (!r.body.source()) {
        co_await write_body(head, r.body.bytes());
    } else {
        const std::array<bytes_view, 1> pieces{bytes_view(head)};
        co_await write(pieces);
        co_await write_source(*r.body.source(), framing.kind == framing_kind::chunked);
    }
}

async<> server_connection::write(std::span<const bytes_view> pieces) {
    stream_writing writing = conversation_.write(pieces);
    if (writing.await_ready()) co_return writing.await_resume();
    co_await finish(writing);
}

async<> server_connection::finish(stream_writing& begun) {
    co_await timeout(owner_.options.write_timeout, rest_of_write(begun));
}

/// The replies to requests that came together go together, as long as there are not too many of them.
bool server_connection::joins_others(std::string_view message) const noexcept {
    return !conversation_.buffered().empty() &&
           conversation_.unsent() + message.size() <= conversation_.options().write_low_water;
}

/// Each piece has the time limit for itself, so that a slow client may take its time for a long body.
async<> server_connection::write_body(std::string_view head, std::string_view content) {
    const std::array<bytes_view, 2> first{bytes_view(head), bytes_view(content.substr(0, reply_piece))};
    co_await write(first);
    for (std::size_t at = reply_piece; at < content.size(); at += reply_piece) {
        const std::array<bytes_view, 1> more{bytes_view(content.substr(at, reply_piece))};
        co_await write(more);
    }
}

async<> server_connection::write_source(body_source& source, bool chunked) {
    for (;;) {
        const std::span<const std::byte> piece = co_await next_of(source);
        if (gone_) co_return;
        if (piece.empty()) break;
        std::string before;
        if (chunked) append_chunk_start(before, piece.size());
        const std::array<bytes_view, 3> framed{bytes_view(before), bytes_view(piece), bytes_view(chunk_end)};
        const auto pieces =
            chunked ? std::span<const bytes_view>(framed) : std::span<const bytes_view>(framed).subspan(1, 1);
        co_await write(pieces);
    }
    if (!chunked) co_return;
    std::string end;
    append_body_end(end);
    const std::array<bytes_view, 1> last{bytes_view(end)};
    co_await write(last);
}

/// A source that fails breaks the connection off: that is how the client sees that something is missing.
async<std::span<const std::byte>> server_connection::next_of(body_source& source) {
    std::exception_ptr failure;
    try {
        co_return co_await source.next();
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    keep_ = false;
    gone_ = true;  // nothing more can be said to this client
    report_error({"the body of a reply broke off", failure, {}});
    co_return std::span<const std::byte>();
}

/// An answer of the server's own, to what is no proper request; the connection ends with it.
async<> server_connection::refuse(int code, std::string_view why) {
    keep_ = false;
    reply r(code, std::string(why) + "\n");
    std::string head;
    append_head(head, head_for(r), {framing_kind::length, r.body.bytes().size()}, owner_.date());
    const std::array<bytes_view, 2> pieces{bytes_view(head), bytes_view(r.body.bytes())};
    co_await write(pieces);
    co_await linger();
}

}  // namespace torus::inline v0::http
