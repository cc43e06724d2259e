// src/net/server_state.hpp: a server behind its handles: listeners, clients, and how they end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include <torus/core/task.hpp>
#include <torus/net/serve.hpp>

#include "io/notice.hpp"
#include "io/socket_transport.hpp"
#include "net/listener.hpp"

namespace torus::inline v0 {

/// What the handle of a server, its accepting tasks and its clients' tasks share. It belongs to the loop's thread.
class server_state final : private task_owner, private socket_list {
public:
    class reference;

    server_state(std::unique_ptr<client_handler> handler, const serve_options& options) noexcept
        : handler_(std::move(handler)), options_(options) {}
    server_state(const server_state&) = delete;
    server_state& operator=(const server_state&) = delete;

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) delete this;
    }

    /// Accepts from these from now on.
    static server start(std::unique_ptr<server_state> state, std::vector<listener> listeners);

    void close() noexcept;
    void end_reading() noexcept { socket_list::end_reading(); }
    void abort_clients() noexcept { socket_list::abort_all(); }

    bool is_serving() const noexcept { return is_serving_; }
    bool is_over() const noexcept { return !is_serving_ && acceptors_ == 0 && handlers_ == 0 && socket_list::empty(); }
    std::size_t handlers() const noexcept { return handlers_; }
    const std::vector<listener>& listeners() const noexcept { return listeners_; }

    static async<> serve_forever(reference self);
    static async<> wait_closed(reference self);
    static async<bool> shut_down(reference self, duration grace);

private:
    ~server_state() = default;
    friend struct std::default_delete<server_state>;

    class acceptor;
    static async<> accept_clients(acceptor self, std::size_t index);
    static async<> end_clients(reference self);
    static async<> wait_for_handlers(reference self);
    async<bool> accept_one(const descriptor& from, duration& pause);
    bool is_full() const noexcept { return handlers_ >= options_.max_connections; }
    void serve(descriptor socket, const address& peer) noexcept;
    void start_task(stream client);
    void forget(task_record& child) noexcept;
    void cancel_handlers() noexcept;
    void fail(std::exception_ptr error) noexcept;

    void child_done(task_record& child) noexcept override;
    bool child_dropped() noexcept override { return true; }
    void child_destroyed(task_record& child) noexcept override;
    bool awaits_children() const noexcept override { return false; }
    void emptied() noexcept override { changed_.ring(); }

    std::unique_ptr<client_handler> handler_;
    serve_options options_;
    std::vector<listener> listeners_;
    std::vector<any_task> accepting_;
    task_record* clients_ = nullptr;  // the handlers' tasks, linked by their sibling pointers
    std::size_t handlers_ = 0;
    std::size_t acceptors_ = 0;  // tasks that accept; while there are any, the kernel may still hold a listener
    std::exception_ptr error_;  // why it could not go on accepting
    notice room_;               // a handler has ended
    notice changed_;            // closed; or no handler, or no connection, is left
    std::uint32_t references_ = 0;
    bool is_serving_ = true;
};

class server_state::reference {
public:
    explicit reference(server_state& state) noexcept : state_(&state) { state.retain(); }
    reference(const reference& other) noexcept : reference(*other.state_) {}
    reference& operator=(const reference&) = delete;
    ~reference() { state_->release(); }

    server_state* operator->() const noexcept { return state_; }
    server_state& operator*() const noexcept { return *state_; }

private:
    server_state* state_;
};

}  // namespace torus::inline v0
