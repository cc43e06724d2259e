// src/http/disconnect_watch.hpp: noticing that a client has gone while its request is being handled.
#pragma once

#include <memory>

#include <torus/core/task.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0::http {

class server_connection;

/// From its construction to its destruction it watches for the client's end of the connection, and tells the connection.
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
