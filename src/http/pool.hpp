// src/http/pool.hpp: the connections of a client: those in use are counted, those that are idle are kept.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <torus/core/timer.hpp>
#include <torus/core/waiter.hpp>

#include "http/client_connection.hpp"

namespace torus::inline v0::http {

class pool;

/// The right to have one connection, and that connection once there is one. It goes back when this is destroyed:
/// the connection is closed, unless `keep()` was said.
class lease {
public:
    lease() noexcept = default;
    lease(pool& from, std::string key, std::unique_ptr<client_connection> connection) noexcept
        : pool_(&from), key_(std::move(key)), connection_(std::move(connection)) {}
    lease(lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), key_(std::move(other.key_)),
          connection_(std::move(other.connection_)) {}
    lease& operator=(lease&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(key_, other.key_);
        std::swap(connection_, other.connection_);
        return *this;
    }
    ~lease() { give_back(); }

    bool is_connected() const noexcept { return static_cast<bool>(connection_); }
    client_connection& connection() const noexcept { return *connection_; }
    void put(std::unique_ptr<client_connection> connection) noexcept { connection_ = std::move(connection); }

    /// Closes the connection and keeps the right to another one.
    void drop_connection() noexcept { connection_.reset(); }

    /// Ends the lease: its connection may serve somebody else.
    void keep();
    void give_back() noexcept;

private:
    pool* pool_ = nullptr;
    std::string key_;
    std::unique_ptr<client_connection> connection_;
};

/// Bounds the connections of a client. Who finds the bounds reached waits, first come first served; an idle connection to
/// elsewhere is closed to make room.
class pool {
public:
    pool(std::size_t most, std::size_t most_per_host, duration keep_idle);
    ~pool();
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;

    /// @cancel leaves the line
    async<lease> acquire(std::string key);

    std::size_t size() const noexcept { return leased_ + idle_.size(); }
    std::size_t idle() const noexcept { return idle_.size(); }

    /// Closes the connection that nobody has used for longest. False if none is idle.
    bool close_an_idle_one() noexcept;

    /// Closes what is idle now, and what becomes idle later.
    void close() noexcept;

private:
    friend class lease;
    class waiting;
    class kept;

    std::optional<lease> try_acquire(const std::string& key);
    std::unique_ptr<client_connection> take_idle(const std::string& key);
    void make_idle(std::unique_ptr<client_connection> connection);
    void end_lease(const std::string& key) noexcept;
    void serve_line() noexcept;
    void forget(kept& idle) noexcept;
    std::size_t open_to(const std::string& key) const noexcept;

    std::size_t most_;
    std::size_t most_per_host_;
    duration keep_idle_;
    bool closed_ = false;
    std::size_t leased_ = 0;
    std::unordered_map<std::string, std::size_t> per_host_;  // open connections, leased and idle
    std::list<kept> idle_;  // the one that was used last is the first
    std::unordered_multimap<std::string, std::list<kept>::iterator> idle_by_key_;
    wait_list line_;
};

}  // namespace torus::inline v0::http
