// src/http/pool.cpp: who gets a connection, and what becomes of one that nobody uses.
#include "http/pool.hpp"

#include <new>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0::http {

/// An idle connection, with the timer that closes it.
class pool::kept final : private timer {
public:
    kept(pool& owner, std::unique_ptr<client_connection> idle, time_point until)
        : timer(wait_kind::other, until), connection(std::move(idle)), owner_(owner) {}
    ~kept() {
        if (armed_) event_loop::current().remove_timer(*this);
    }

    void arm() noexcept {
        if (deadline() == time_point::max()) return;
        event_loop::current().add_timer(*this);
        armed_ = true;
    }

    std::unique_ptr<client_connection> connection;
    std::list<kept>::iterator self;
    std::unordered_multimap<std::string, std::list<kept>::iterator>::iterator by_key;

private:
    void expired() noexcept override {
        armed_ = false;
        pool& owner = owner_;
        owner.forget(*this);  // that was the end of this
        owner.serve_line();
    }
    void cancel() noexcept override {}

    pool& owner_;
    bool armed_ = false;
};

/// A request in the line. When its turn comes it is handed its lease.
class pool::waiting final : public waiter {
public:
    waiting(pool& from, const std::string& to) noexcept : waiter(wait_kind::other), key(to), pool_(from) {}

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
        if (!begin_wait(h)) return false;
        pool_.line_.push_back(*this);
        return true;
    }
    lease await_resume() {
        end_wait();
        return std::move(granted_);
    }

    void grant(lease l) noexcept {
        granted_ = std::move(l);
        make_ready();
    }

    const std::string& key;
    waiting* next() const noexcept { return static_cast<waiting*>(following()); }

private:
    void cancel() noexcept override {
        pool_.line_.erase(*this);
        make_cancelled();
        pool_.serve_line();  // those behind may not have to wait for the same host
    }

    pool& pool_;
    lease granted_;
};

pool::pool(std::size_t most, std::size_t most_per_host, duration keep_idle)
    : most_(most), most_per_host_(most_per_host), keep_idle_(keep_idle) {}

pool::~pool() { close(); }

void lease::keep() {
    if (connection_ && pool_) pool_->make_idle(std::move(connection_));
    give_back();
}

/// What is unsent is the rest of a request that has been answered or given up: of use to nobody, and no report of it.
void lease::give_back() noexcept {
    if (connection_ && connection_->conversation.unsent() > 0) connection_->conversation.abort();
    connection_.reset();
    if (pool* from = std::exchange(pool_, nullptr)) from->end_lease(key_);
}

std::size_t pool::open_to(const std::string& key) const noexcept {
    const auto found = per_host_.find(key);
    return found == per_host_.end() ? 0 : found->second;
}

async<lease> pool::acquire(std::string key) {
    // What those in the line can't have, for the bounds of all or of their hosts, this may: nobody is overtaken who could go.
    std::optional<lease> at_once = try_acquire(key);
    if (at_once) co_return std::move(*at_once);
    lease granted = co_await waiting(*this, key);
    co_return granted;
}

/// An idle connection, or the right to a new one, if the bounds allow it.
std::optional<lease> pool::try_acquire(const std::string& key) {
    if (std::unique_ptr<client_connection> idle = take_idle(key)) {
        ++leased_;
        return lease(*this, key, std::move(idle));
    }
    if (open_to(key) >= most_per_host_) return std::nullopt;
    if (size() >= most_) {
        if (!close_an_idle_one()) return std::nullopt;
    }
    ++per_host_[key];
    ++leased_;
    return lease(*this, key, nullptr);
}

std::unique_ptr<client_connection> pool::take_idle(const std::string& key) {
    for (;;) {
        const auto found = idle_by_key_.find(key);
        if (found == idle_by_key_.end()) return nullptr;
        kept& idle = *found->second;
        if (idle.connection->is_stale()) {
            forget(idle);
            continue;
        }
        std::unique_ptr<client_connection> connection = std::move(idle.connection);
        idle_by_key_.erase(found);
        idle_.erase(idle.self);
        return connection;
    }
}

void pool::make_idle(std::unique_ptr<client_connection> connection) {
    if (closed_ || keep_idle_ <= duration::zero()) return;
    connection->parser.release();
    idle_.emplace_front(*this, std::move(connection), later(clock::now(), keep_idle_));
    kept& idle = idle_.front();
    idle.self = idle_.begin();
    try {
        idle.by_key = idle_by_key_.emplace(idle.connection->key, idle.self);
    } catch (const std::bad_alloc&) {
        idle_.pop_front();
        throw;
    }
    ++per_host_.find(idle.connection->key)->second;  // the lease's own count goes when it ends
    idle.arm();
}

/// Closes an idle connection.
void pool::forget(kept& idle) noexcept {
    const auto host = per_host_.find(idle.connection->key);
    if (--host->second == 0) per_host_.erase(host);
    idle_by_key_.erase(idle.by_key);
    idle_.erase(idle.self);
}

void pool::end_lease(const std::string& key) noexcept {
    --leased_;
    const auto host = per_host_.find(key);
    if (--host->second == 0) per_host_.erase(host);
    serve_line();
}

/// Gives everybody in the line what there is for them, in order; one whose host is busy lets others pass.
void pool::serve_line() noexcept {
    try {
        for (auto* each = static_cast<waiting*>(line_.front()); each;) {
            waiting* const next = each->next();
            std::optional<lease> l = try_acquire(each->key);
            if (l) {
                line_.erase(*each);
                each->grant(std::move(*l));
            } else if (open_to(each->key) < most_per_host_) {
                return;  // it is the total that is used up
            }
            each = next;
        }
    } catch (const std::bad_alloc&) {
        return;  // they stay in the line; whoever gives a connection back serves them
    }
}

bool pool::close_an_idle_one() noexcept {
    if (idle_.empty()) return false;
    forget(idle_.back());
    return true;
}

void pool::close() noexcept {
    closed_ = true;
    while (!idle_.empty()) forget(idle_.back());
}

}  // namespace torus::inline v0::http
