// src/tls/session.cpp: carrying ciphertext to where it is needed.
#include "tls/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <torus/core/running.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>

namespace torus::inline v0::tls {

namespace {

// How long a side that refuses the other tries to tell it why: some round trips. Nobody is kept waiting longer than
// that by a peer that does not listen.
constexpr duration farewell_time = std::chrono::seconds(1);

// With so little memory a connection waits for its next record: 33 KB for each of thousands that say nothing would be
// too much. Most requests and answers to them fit; for what does not, the rest is received into the engine's room.
constexpr std::size_t waiting_room = 1024;  // bytes

std::string in_seconds(duration span) {
    const auto exact = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
    return exact % 1000 == 0 ? std::to_string(exact / 1000) + " s" : std::to_string(exact) + " ms";
}

}  // namespace

void session::fail() const { throw error(engine_.failure()); }

void session::close() noexcept {
    is_closed_ = true;
    below_->close();
}

void session::abort() noexcept {
    is_closed_ = true;
    below_->abort();
}

/// What goes on after a wait may find that the transport has been closed meanwhile.
void session::require_open() const {
    if (is_closed_) throw connection_closed(ECANCELED, "torus: this end of the TLS connection was closed");
}

// ------------------------------------------------------------------------------------------------------------------
// Ciphertext on its way out

void session::require_sendable() const {
    if (send_error_) std::rethrow_exception(send_error_);
}

/// Sends what goes without waiting, for whoever has the lock. True if nothing is left.
bool session::send_now() {
    require_open();
    while (!engine_.to_send().empty()) {
        const std::array<bytes_view, 1> oldest{bytes_view(engine_.to_send())};
        const std::size_t sent = below_->try_write(oldest);
        if (sent == 0) return false;
        engine_.sent(sent);
    }
    return true;
}

/// Sends all that waits in the engine, also what comes to it meanwhile.
async<> session::flush() {
    if (engine_.to_send().empty()) co_return;
    const auto held = co_await sending_.lock();
    require_sendable();
    try {
        bool done = send_now();
        while (!done) {
            const std::array<bytes_view, 1> oldest{bytes_view(engine_.to_send())};
            const std::size_t sent = co_await below_->write(oldest);
            engine_.sent(sent);
            done = send_now();
        }
    } catch (const cancelled_error&) {
        throw;  // what is unsent stays in the engine
    } catch (...) {
        send_error_ = std::current_exception();
        throw;
    }
}

/// The note that the session flushes in the background.
class session::background {
public:
    explicit background(session& of) noexcept : of_(of) { of_.flushing_ = true; }
    background(const background&) = delete;
    background& operator=(const background&) = delete;
    ~background() { of_.flushing_ = false; }

private:
    session& of_;
};

/// Sends what the engine says by itself, without waiting.
void session::flush_unasked() noexcept {
    if (engine_.to_send().empty() || send_error_ || flushing_ || sending_.locked()) return;
    try {
        // Eagerly, so that a cancellation at the end of the program finds it running, and it takes its note down.
        if (!send_now()) spawn(keep_flushing(shared_from_this()), {.name = "tls flush", .eager = true});
    } catch (...) {
        send_error_ = std::current_exception();
    }
}

/// If the program ends meanwhile, whoever closes the stream sends the rest.
async<> session::keep_flushing(std::shared_ptr<session> self) {
    const background noted(*self);
    try {
        co_await self->flush();
    } catch (const std::exception&) {
        co_return;  // noted in send_error_
    }
}

// ------------------------------------------------------------------------------------------------------------------
// Ciphertext on its way in

/// Receives some, unless another task has done so while this one waited for its turn.
async<> session::receive() {
    const bool is_second = receiving_.locked();
    const auto held = co_await receiving_.lock();
    if (is_second) co_return;
    require_open();
    if (!engine_.is_amid_record()) {
        std::array<std::byte, waiting_room> little;
        const std::size_t bytes = co_await below_->read(little);
        received(std::span(little).first(bytes));
        co_return;
    }
    const std::span<std::byte> room = engine_.room();
    std::size_t bytes = 0;
    try {
        bytes = co_await below_->read(room);
    } catch (...) {
        engine_.received(0);
        throw;
    }
    engine_.received(bytes);
    if (bytes == 0) engine_.received_end();
}

/// Between two records the engine's room is empty: all of it fits.
void session::received(std::span<const std::byte> bytes) {
    engine_.feed(bytes);
    if (bytes.empty()) engine_.received_end();
}

// ------------------------------------------------------------------------------------------------------------------
// The handshake

async<> session::handshake(duration limit) {
    const std::optional<step> ended = co_await move_on_after(limit, negotiate());
    if (!ended) throw timeout_error("torus: the TLS handshake took longer than " + in_seconds(limit));
    if (*ended == step::done) co_return;
    co_await tell_why();
    fail();
}

/// A peer that refuses us, and closes, is still listened to when we can't send any more: its alert says why.
async<step> session::negotiate() {
    for (;;) {
        const step now = engine_.handshake();
        if (now == step::failed) co_return now;
        if (now == step::done) break;
        if (!send_error_) {
            try {
                co_await flush();
            } catch (const connection_closed&) {
                continue;  // noted in send_error_; the engine has no answer yet, and so asks for input
            }
        }
        co_await receive();
    }
    flush_unasked();  // the last message, tickets: nobody has to wait for a peer that does not read them yet
    require_sendable();
    co_return step::done;
}

/// Lets the peer know, if it listens.
async<> session::tell_why() {
    if (engine_.to_send().empty() || send_error_) co_return;
    try {
        static_cast<void>(co_await move_on_after(farewell_time, tell_and_listen()));
    } catch (const std::exception&) {
        co_return;  // the first error is the one that counts
    }
}

/// A server's client may have begun to talk. To close with that unread resets the connection, and the kernel of the
/// other side then throws away what has arrived there, the alert too: so the server hears it out.
async<> session::tell_and_listen() {
    co_await flush();
    if (!engine_.is_server()) co_return;
    co_await below_->shut_down();
    std::array<std::byte, waiting_room> ignored;
    std::size_t bytes = ignored.size();
    while (bytes > 0) bytes = co_await below_->read(ignored);
}

// ------------------------------------------------------------------------------------------------------------------
// Plaintext

async<std::size_t> session::read(bytes_span into) {
    if (running.completions_left == 0) co_await yield_now();  // others have their turn, however much is there
    for (;;) {
        const moved now = engine_.read({into.data(), into.size()});
        flush_unasked();
        if (now.step == step::done) co_return now.bytes;
        if (now.step == step::closed) co_return 0;
        if (now.step == step::failed) fail();
        co_await receive();
    }
}

std::optional<std::size_t> session::try_read(bytes_span into) {
    if (receiving_.locked()) return std::nullopt;
    for (;;) {
        const moved now = engine_.read({into.data(), into.size()});
        flush_unasked();
        if (now.step == step::done) return now.bytes;
        if (now.step == step::closed) return 0;
        if (now.step == step::failed) fail();
        std::array<std::byte, waiting_room> little;
        const std::optional<std::size_t> bytes = below_->try_read(little);
        if (!bytes) return std::nullopt;
        received(std::span(little).first(*bytes));
    }
}

/// As much as the engine takes, if nothing is owed.
step session::encrypt(std::span<const bytes_view> pieces) {
    if (owed_ > 0) return step::done;
    for (bytes_view piece : pieces) {
        while (!piece.empty()) {
            const moved now = engine_.write({piece.data(), piece.size()});
            if (now.step != step::done) return now.step;
            owed_ += now.bytes;
            piece = piece.from(now.bytes);
        }
    }
    return step::done;
}

void session::require_writable(step last) {
    if (last == step::closed)
        throw connection_closed(EPIPE, "torus: a write to a TLS connection that this side has ended");
    if (last != step::failed) return;
    flush_unasked();
    fail();
}

/// Everything that is owed has been sent: the part of it that is offered counts as written from now on.
std::size_t session::settle(std::span<const bytes_view> pieces) noexcept {
    std::size_t offered = 0;
    for (const bytes_view& each : pieces) offered += each.size();
    const std::size_t written = std::min(offered, owed_);
    owed_ -= written;
    return written;
}

async<std::size_t> session::write(std::span<const bytes_view> pieces) {
    for (;;) {
        require_sendable();
        const step last = encrypt(pieces);
        if (owed_ == 0) require_writable(last);
        co_await flush();
        if (owed_ > 0) co_return settle(pieces);
        if (last == step::want_input) co_await receive();
    }
}

std::size_t session::try_write(std::span<const bytes_view> pieces) {
    require_sendable();
    if (sending_.locked()) return 0;
    const step last = encrypt(pieces);
    if (owed_ == 0) require_writable(last);
    try {
        return send_now() ? settle(pieces) : 0;
    } catch (...) {
        send_error_ = std::current_exception();
        throw;
    }
}

async<> session::shut_down() {
    step now = step::want_input;
    for (;;) {
        require_sendable();
        now = engine_.close();
        co_await flush();
        if (now != step::want_input) break;
        co_await receive();
    }
    if (now == step::failed) fail();
    co_await below_->shut_down();
}

}  // namespace torus::inline v0::tls
