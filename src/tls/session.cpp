// src/tls/session.cpp: carrying ciphertext to where it is needed.
#include "tls/session.hpp"

#include <array>
#include <stdexcept>

#include <torus/core/task.hpp>
#include <torus/core/time.hpp>

namespace torus::inline v0::tls {

namespace {
// How long a failing side tries to tell the other one why.
constexpr duration alert_time = std::chrono::seconds(1);
}  // namespace

void session::fail() { throw error(engine_.failure()); }

/// Sends all that waits in the engine, also what comes to it meanwhile.
async<> session::flush() {
    if (engine_.to_send().empty()) co_return;
    const auto held = co_await sending_.lock();
    while (!engine_.to_send().empty()) {
        const std::array<bytes_view, 1> piece{bytes_view(engine_.to_send())};
        engine_.sent(co_await below_->write(piece));
    }
}

/// Receives some ciphertext, unless another task has done so while this one waited for its turn.
async<> session::receive() {
    const bool others = receiving_.locked();
    const auto held = co_await receiving_.lock();
    if (others) co_return;
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

void session::flush_in_background() {
    if (flushing_ || engine_.to_send().empty()) return;
    flushing_ = true;
    spawn(keep_flushing(shared_from_this()), {.name = "tls flush"});
}

/// Errors are met by whoever uses the connection next.
async<> session::keep_flushing(std::shared_ptr<session> self) {
    try {
        co_await self->flush();
    } catch (const std::exception&) {
        self->below_->close();
    }
    self->flushing_ = false;
}

/// The peer is told why, if it listens.
async<> session::send_alert() {
    try {
        static_cast<void>(co_await move_on_after(alert_time, flush()));
    } catch (const std::exception&) {
        co_return;  // the first error is the one that counts
    }
}

async<> session::handshake() {
    for (;;) {
        const step now = engine_.handshake();
        if (now == step::failed) {
            co_await send_alert();
            fail();
        }
        co_await flush();
        if (now == step::done) co_return;
        if (now == step::want_input) co_await receive();
    }
}

async<std::size_t> session::read(bytes_span into) {
    for (;;) {
        const moved now = engine_.read(into);
        flush_in_background();  // an answer about keys; what was read must not wait for it
        switch (now.step) {
            case step::done: co_return now.bytes;
            case step::closed: co_return 0;
            case step::want_input: co_await receive(); break;
            case step::want_output: co_await flush(); break;
            case step::failed: fail();
        }
    }
}

std::optional<std::size_t> session::try_read(bytes_span into) {
    if (receiving_.locked()) return std::nullopt;
    for (;;) {
        const moved now = engine_.read(into);
        flush_in_background();
        if (now.step == step::done) return now.bytes;
        if (now.step == step::closed) return 0;
        if (now.step == step::failed) fail();
        if (now.step != step::want_input) return std::nullopt;
        const std::optional<std::size_t> bytes = below_->try_read(bytes_span(engine_.room()));
        engine_.received(bytes.value_or(0));
        if (!bytes) return std::nullopt;
        if (*bytes == 0) engine_.received_end();
    }
}

/// As much as the engine takes.
std::size_t session::encrypt(std::span<const bytes_view> pieces, step& last) {
    std::size_t taken = 0;
    last = step::done;
    for (bytes_view piece : pieces) {
        while (!piece.empty()) {
            const moved now = engine_.write(piece);
            last = now.step;
            if (now.step != step::done) return taken;
            taken += now.bytes;
            piece = piece.from(now.bytes);
        }
    }
    return taken;
}

async<std::size_t> session::write(std::span<const bytes_view> pieces) {
    for (;;) {
        step last = step::done;
        const std::size_t taken = encrypt(pieces, last);
        if (taken == 0 && last == step::failed) {
            co_await send_alert();
            fail();
        }
        if (taken == 0 && last == step::closed) throw connection_closed(EPIPE, "this side of the TLS connection is closed");
        bool cancelled = false;
        try {
            co_await flush();
        } catch (const cancelled_error&) {
            if (taken == 0) throw;
            cancelled = true;
        }
        if (cancelled) {  // what was taken is written: the cancellation waits for the next suspension
            flush_in_background();
            current_task().record().restore_cancel();
        }
        if (taken > 0) co_return taken;
        if (last == step::want_input) co_await receive();
    }
}

async<> session::shut_down() {
    for (;;) {
        const step now = engine_.close();
        if (now == step::failed) fail();
        co_await flush();
        if (now == step::done) break;
        if (now == step::want_input) co_await receive();
    }
    co_await below_->shut_down();
}

}  // namespace torus::inline v0::tls
