// torus/sync/rw_lock.hpp: a lock that many readers share, or one writer has to itself.
#pragma once

#include <cstddef>
#include <utility>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// A lock between tasks that any number of readers hold together, or one writer alone.
///
///     rw_lock routes_lock;
///     { auto held = co_await routes_lock.read_lock(); co_await forward(routes.find(to)); }
///     { auto held = co_await routes_lock.write_lock(); co_await reload(routes); }
///
/// It is fair: who waits gets it in order of arrival, and a reader that comes while a writer waits queues behind it, so
/// that no stream of readers keeps a writer out. So a task that holds it must not ask for it again. It is handed over
/// directly, and belongs to one loop's thread.
///
/// @source tokio::sync::RwLock
class rw_lock {
public:
    class read_guard;
    class write_guard;
    class read_locking;
    class write_locking;

    rw_lock() noexcept = default;
    rw_lock(const rw_lock&) = delete;
    rw_lock& operator=(const rw_lock&) = delete;

    /// How many readers hold it.
    std::size_t readers() const noexcept { return readers_; }

    /// Whether a writer holds it.
    bool written() const noexcept { return written_; }

    /// Waits until no writer holds it and none waits that came before; the guard releases it at the end of its scope.
    /// @throws std::runtime_error  a task of another loop holds it
    /// @cancel takes effect at once, and those behind are not affected; whoever has been handed the lock already
    ///         receives it, and the cancellation stays pending
    /// @cost   no allocation; a free lock is taken without suspending
    read_locking read_lock() noexcept;

    /// Waits until nobody holds it, nor waits that came before.
    /// @throws std::runtime_error  a task of another loop holds it
    /// @cancel as read_lock(); readers that waited only for this writer go on
    write_locking write_lock() noexcept;

    /// @{ Takes it if that needs no waiting. The guard is empty (and false) if it does.
    /// @throws std::runtime_error  a task of another loop holds it
    read_guard try_read_lock();
    write_guard try_write_lock();
    /// @}

private:
    class waiting;

    bool take_to_read();
    bool take_to_write();
    void bind();
    void end_reading() noexcept {
        --readers_;
        serve();
    }
    void end_writing() noexcept {
        written_ = false;
        serve();
    }
    void downgrade() noexcept {
        readers_ = 1;
        end_writing();
    }
    void serve() noexcept;

    std::size_t readers_ = 0;
    bool written_ = false;
    loop_binding binding_;
    waiting_line line_;
};

/// Holds an `rw_lock` together with other readers for as long as it lives.
class [[nodiscard("the lock is released when this is destroyed")]] rw_lock::read_guard {
public:
    read_guard() noexcept = default;
    read_guard(read_guard&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    read_guard& operator=(read_guard other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~read_guard() { unlock(); }

    explicit operator bool() const noexcept { return held_; }

    /// Releases the lock early. Harmless when repeated.
    void unlock() noexcept {
        if (rw_lock* const l = std::exchange(held_, nullptr)) l->end_reading();
    }

private:
    friend class rw_lock;
    explicit read_guard(rw_lock& held) noexcept : held_(&held) {}

    rw_lock* held_ = nullptr;
};

/// Holds an `rw_lock` alone for as long as it lives.
class [[nodiscard("the lock is released when this is destroyed")]] rw_lock::write_guard {
public:
    write_guard() noexcept = default;
    write_guard(write_guard&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    write_guard& operator=(write_guard other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~write_guard() { unlock(); }

    explicit operator bool() const noexcept { return held_; }

    /// Releases the lock early. Harmless when repeated.
    void unlock() noexcept {
        if (rw_lock* const l = std::exchange(held_, nullptr)) l->end_writing();
    }

    /// Goes on as a reader, without anybody writing in between; readers that are first in line join. This is empty then.
    read_guard downgrade() noexcept {
        rw_lock* const l = std::exchange(held_, nullptr);
        if (!l) return {};
        l->downgrade();
        return read_guard(*l);
    }

private:
    friend class rw_lock;
    explicit write_guard(rw_lock& held) noexcept : held_(&held) {}

    rw_lock* held_ = nullptr;
};

/// The part of both waits that is the same.
class rw_lock::waiting : public line_waiter {
public:
    waiting(waiting&& idle) noexcept = default;
    bool await_suspend(std::coroutine_handle<> h) { return line_up(lock_->line_, h); }

protected:
    waiting(wait_kind kind, rw_lock& wanted) noexcept : line_waiter(kind), lock_(&wanted) {}
    ~waiting() = default;

    rw_lock* lock_;

private:
    void cancel() noexcept final;
};

/// What `rw_lock::read_lock` returns.
class [[nodiscard("co_await it")]] rw_lock::read_locking final : public waiting {
public:
    explicit read_locking(rw_lock& wanted) noexcept : waiting(wait_kind::read_lock, wanted) {}
    bool await_ready() { return lock_->take_to_read(); }
    read_guard await_resume() {
        end_wait();
        return read_guard(*lock_);
    }
};

/// What `rw_lock::write_lock` returns.
class [[nodiscard("co_await it")]] rw_lock::write_locking final : public waiting {
public:
    explicit write_locking(rw_lock& wanted) noexcept : waiting(wait_kind::write_lock, wanted) {}
    bool await_ready() { return lock_->take_to_write(); }
    write_guard await_resume() {
        end_wait();
        return write_guard(*lock_);
    }
};

inline rw_lock::read_locking rw_lock::read_lock() noexcept { return read_locking(*this); }
inline rw_lock::write_locking rw_lock::write_lock() noexcept { return write_locking(*this); }
inline rw_lock::read_guard rw_lock::try_read_lock() { return take_to_read() ? read_guard(*this) : read_guard(); }
inline rw_lock::write_guard rw_lock::try_write_lock() { return take_to_write() ? write_guard(*this) : write_guard(); }

}  // namespace torus::inline v0
