// src/http/disconnect_watch.hpp: noticing that a connection was reset while its request is being handled.
#pragma once

#include <memory>

#include <torus/core/task.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0::http {

class server_connection;

/// From its construction to its destruction it watches for the connection's reset, and tells the server's side of it.
///
/// A client that has ended its sending, and no more than that, gets its answer: RFC 9112, section 9.6, leaves it to the
/// server, and who pipes a request into a socket and closes that half means to read. A client that closes its whole
/// connection looks the same until something is sent to it.
///
/// Most handlers are quicker than a poll of the socket is worth: it begins after a moment.
class disconnect_watch final : private timer {
public:
    explicit disconnect_watch(server_connection& watched);
    disconnect_watch(disconnect_watch&&) = delete;
    ~disconnect_watch();

private:
    void expired() noexcept override;
    void cancel() noexcept override {}

    server_connection& watched_;
    std::shared_ptr<server_connection*> target_;  // null within once nobody is to be told any more
    any_task watcher_;
    bool armed_ = true;
};

}  // namespace torus::inline v0::http
