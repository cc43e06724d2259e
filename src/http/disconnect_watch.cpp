// src/http/disconnect_watch.cpp: noticing that a client has gone while its request is being handled.
#include "http/disconnect_watch.hpp"

#include <torus/core/loop.hpp>
#include <torus/core/operation.hpp>

#include "http/server_connection.hpp"

#include <poll.h>

namespace torus::inline v0::http {

namespace {

// Handlers that are done within this time are not worth a poll of the socket; others are cancelled this much later.
constexpr duration watch_after = std::chrono::milliseconds(20);

/// Waits for the peer's end of the stream, or its reset.
class hanging_up final : public operation {
public:
    explicit hanging_up(int which) noexcept : operation(verb::poll, which, nullptr, 0, POLLRDHUP) {}
    bool await_resume() { return outcome() > 0; }
};

async<> watch(int descriptor, std::shared_ptr<server_connection*> target) {
    const bool gone = co_await hanging_up(descriptor);
    if (gone && *target) (*target)->client_gone();
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
