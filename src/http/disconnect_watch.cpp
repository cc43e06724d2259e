// src/http/disconnect_watch.cpp: noticing that a connection was reset while its request is being handled.
#include "http/disconnect_watch.hpp"

#include <torus/core/loop.hpp>
#include <torus/core/operation.hpp>
#include <torus/core/time.hpp>

#include "http/server_connection.hpp"

#include <poll.h>

namespace torus::inline v0::http {

namespace {

// Handlers that are done within this time are not worth a poll of the socket; others are cancelled this much later.
constexpr duration watch_after = std::chrono::milliseconds(20);

// io_uring reports the end of the peer's stream, asked or not, and again at once: then the socket is looked at this often.
constexpr duration look_again_after = std::chrono::seconds(1);

/// Waits for an error or a hang-up, which poll(2) reports unasked. The peer's end of the stream is neither: it may have
/// no more to send, and wait for its answer.
class hanging_up final : public operation {
public:
    explicit hanging_up(int which) noexcept : operation(verb::poll, which, nullptr, 0, 0) {}
    /// The events, or a negative errno.
    std::int32_t await_resume() { return outcome(); }
};

async<> watch(int descriptor, std::shared_ptr<server_connection*> target) {
    for (;;) {
        const std::int32_t found = co_await hanging_up(descriptor);
        if (found < 0) co_return;
        if ((found & (POLLERR | POLLHUP)) != 0) break;
        co_await sleep(look_again_after);
    }
    if (*target) (*target)->client_gone();
}

}  // namespace

disconnect_watch::disconnect_watch(server_connection& watched)
    : timer(wait_kind::other, later(clock::now(), watch_after)), watched_(watched) {
    event_loop::current().add_timer(*this);
}

disconnect_watch::~disconnect_watch() {
    if (armed_) event_loop::current().remove_timer(*this);
    if (!target_) return;
    *target_ = nullptr;
    watcher_.cancel();
}

void disconnect_watch::expired() noexcept {
    armed_ = false;
    const int descriptor = watched_.descriptor();
    if (descriptor < 0) return;
    try {
        target_ = std::make_shared<server_connection*>(&watched_);
        watcher_ = create_task(watch(descriptor, target_), {.name = "disconnect watch"});
    } catch (const std::bad_alloc&) {
        target_ = nullptr;  // the handler runs to its end, and its reply finds nobody
    }
}

}  // namespace torus::inline v0::http
