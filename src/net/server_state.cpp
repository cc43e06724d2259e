// src/net/server_state.cpp: accepting clients, giving each a task, and bringing all of it to an end.
#include "net/server_state.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include <torus/core/loop.hpp>
#include <torus/core/shield.hpp>
#include <torus/core/time.hpp>

#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

// Where there are no descriptors or no memory left, accepting is tried again after a pause that grows: at once, if a
// connection is just closing, and without any load worth mentioning, if that lasts.
constexpr duration first_pause = std::chrono::milliseconds(5);
constexpr duration longest_pause = std::chrono::seconds(1);

// A handler that has swallowed a cancellation is cancelled again, this often.
constexpr duration cancel_interval = std::chrono::seconds(1);

class accepting final : public operation {
public:
    accepting(int socket, sockaddr_storage& peer, socklen_t& size) noexcept : operation(verb::accept, socket, &peer) {
        second = &size;
    }
    /// A descriptor, or a negative errno.
    std::int32_t await_resume() { return outcome(); }
};

/// What accept(2) reports that concerns one client, or the network, but not the listening socket.
bool is_transient(int error) noexcept {
    switch (error) {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
    case EPERM:  // a firewall
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT: return true;
    default: return false;
    }
}

bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

/// Stands for a task that accepts: until it has ended, also if it was cancelled before its first step.
class server_state::acceptor {
public:
    explicit acceptor(server_state& state) noexcept : state_(state) { ++state.acceptors_; }
    acceptor(const acceptor& other) noexcept : acceptor(*other.state_) {}
    acceptor& operator=(const acceptor&) = delete;
    ~acceptor() {
        if (--state_->acceptors_ == 0) state_->changed_.ring();
    }
    server_state* operator->() const noexcept { return &*state_; }

private:
    reference state_;
};

server server_state::start(std::unique_ptr<server_state> state, std::vector<listener> listeners) {
    server handle(*state.release());
    server_state& self = *handle.state_;
    self.listeners_ = std::move(listeners);
    for (std::size_t i = 0; i < self.listeners_.size(); ++i)
        self.accepting_.push_back(create_task(accept_clients(acceptor(self), i), {.name = "accept"}));
    return handle;
}

void server_state::close() noexcept {
    if (!std::exchange(is_serving_, false)) return;
    for (any_task& each : std::exchange(accepting_, {})) each.cancel();
    for (listener& each : listeners_) each.close();
    changed_.ring();
}

void server_state::fail(std::exception_ptr error) noexcept {
    error_ = error;
    report_error({"a server can't accept any more, and stops serving", std::move(error), {}});
    close();
}

// ------------------------------------------------------------------------------------------------------------------
// Clients come

async<> server_state::accept_clients(acceptor self, std::size_t index) {
    const descriptor& socket = self->listeners_[index].socket();
    duration pause = first_pause;
    bool goes_on = true;
    while (goes_on) goes_on = co_await self->accept_one(socket, pause);
}

/// Accepts one client. False if there is nothing more to accept from.
async<bool> server_state::accept_one(const descriptor& from, duration& pause) {
    while (is_full()) co_await room_.wait();
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const std::int32_t result = co_await accepting(from.number(), peer, size);
    if (result >= 0) {
        pause = first_pause;
        descriptor socket(result);
        while (is_full()) co_await room_.wait();  // another acceptor may have been quicker
        serve(std::move(socket), address::from(reinterpret_cast<const sockaddr*>(&peer), size));
        co_return true;
    }
    const int error = -result;
    if (!is_serving_) co_return false;
    if (is_transient(error)) co_return true;
    std::system_error what(error, std::system_category(), "accept");
    if (!is_shortage(error)) {
        fail(std::make_exception_ptr(what));
        co_return false;
    }
    if (pause == first_pause)
        report_error({"a server can't accept clients now; it tries again", std::make_exception_ptr(what), {}});
    co_await sleep(pause);
    pause = std::min(2 * pause, longest_pause);
    co_return true;
}

void server_state::serve(descriptor socket, const address& peer) noexcept {
    if (!is_serving_) return;  // it came too late
    try {
        auto transport = std::make_unique<socket_transport_node>(std::move(socket), peer);
        socket_list::add(*transport);
        start_task(stream(std::move(transport), options_.limits));
    } catch (...) {
        report_error({"a client could not be served", std::current_exception(), {}});
    }
}

void server_state::start_task(stream client) {
    async<> coroutine = handler_->handle(std::move(client));
    task_record& task = task_record::start(coroutine.release().promise(), {}, this, std::source_location::current());
    task.retain();
    retain();
    task.next_sibling = clients_;
    if (clients_) clients_->previous_sibling = &task;
    clients_ = &task;
    ++handlers_;
}

// ------------------------------------------------------------------------------------------------------------------
// Clients go

void server_state::forget(task_record& child) noexcept {
    if (child.previous_sibling) child.previous_sibling->next_sibling = child.next_sibling;
    else clients_ = child.next_sibling;
    if (child.next_sibling) child.next_sibling->previous_sibling = child.previous_sibling;
    --handlers_;
    child.release();
}

void server_state::child_done(task_record& child) noexcept {
    if (child.state() == task_state::failed)
        report_error({"the handler of a client has failed; its connection is closed", child.error(), child.name()});
    forget(child);
    if (handlers_ == 0) changed_.ring();
    room_.ring();
    release();
}

/// Whoever waits for that is dropped, too.
void server_state::child_destroyed(task_record& child) noexcept {
    forget(child);
    release();
}

void server_state::cancel_handlers() noexcept {
    for (task_record* each = clients_; each; each = each->next_sibling) each->cancel({});
}

async<> server_state::wait_closed(reference self) {
    while (!self->is_over()) co_await self->changed_.wait();
}

async<> server_state::wait_for_handlers(reference self) {
    while (self->handlers_ > 0) co_await self->changed_.wait();
}

/// Stops, cancels the handlers and waits for them; what their connections have not sent yet gets its time.
async<> server_state::end_clients(reference self) {
    self->close();
    while (self->handlers_ > 0) {
        self->cancel_handlers();
        co_await move_on_after(cancel_interval, wait_for_handlers(self));
    }
    co_await move_on_after(self->options_.limits.close_limit, wait_closed(self));
    self->abort_clients();
}

async<> server_state::serve_forever(reference self) {
    std::exception_ptr cancellation;
    try {
        while (self->is_serving_) co_await self->changed_.wait();
        co_await wait_for_handlers(self);
    } catch (const cancelled_error&) {
        cancellation = std::current_exception();
    }
    if (cancellation) {
        co_await shield(end_clients(self));
        std::rethrow_exception(cancellation);
    }
    if (self->error_) std::rethrow_exception(self->error_);
}

async<bool> server_state::shut_down(reference self, duration grace) {
    std::exception_ptr cancellation;
    bool ended = false;
    self->close();
    try {
        ended = co_await move_on_after(grace, wait_closed(self));
    } catch (const cancelled_error&) {
        cancellation = std::current_exception();
    }
    if (!ended) co_await shield(end_clients(self));
    if (cancellation) std::rethrow_exception(cancellation);
    co_return ended;
}

}  // namespace torus::inline v0
