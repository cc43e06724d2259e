// src/sqlite/interruption.hpp: how another thread stops what a connection is doing, and nothing that comes later.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include <torus/core/clock.hpp>
#include <torus/core/thread_calls.hpp>

struct sqlite3;

namespace torus::inline v0::sqlite {

/// The stop button of one connection.
///
/// `sqlite3_interrupt` alone would be lost if it came just before a statement starts, would stay on while a cursor is
/// open and hit the statements after, and doesn't end the wait for a lock. So the request is a flag that this keeps:
/// the progress handler and the busy handler look at it, and `sqlite3_interrupt` only makes SQLite look up sooner.
class interruption {
public:
    /// For a connection on a thread of this world.
    interruption() : source_(threads()), requested_or_not_(source_.make_condition()) {}

    /// Becomes the progress, busy and commit handler of `db`, which waits for locks for at most `busy_timeout`.
    void install(sqlite3* db, duration busy_timeout);

    /// Before the connection is closed.
    void uninstall() noexcept;

    /// Stops what runs, until `clear()`. For every thread.
    void request() noexcept;

    /// Forgets a request.
    void clear() noexcept;

    bool requested() const noexcept { return requested_.load(std::memory_order_acquire) || source_.are_ending(); }

    /// Waits, as a statement waits for a lock. False if it was stopped.
    bool pause(duration span);

    /// Called before a statement starts.
    void begin_statement() noexcept { committed_ = false; }

    /// While one lives, `sqlite3_interrupt` isn't called: a cursor is open.
    class indirect {
    public:
        explicit indirect(interruption& of) noexcept;
        ~indirect();
        indirect(const indirect&) = delete;
        indirect& operator=(const indirect&) = delete;

    private:
        interruption& of_;
    };

    /// While one lives, a statement may still be kept from starting to wait for a lock, but otherwise isn't stopped:
    /// it begins or ends a transaction, which happens or doesn't.
    class indivisible {
    public:
        explicit indivisible(interruption& of) noexcept : of_(of), indirect_(of) { of_.indivisible_ = true; }
        ~indivisible() { of_.indivisible_ = false; }
        indivisible(const indivisible&) = delete;
        indivisible& operator=(const indivisible&) = delete;

    private:
        interruption& of_;
        indirect indirect_;
    };

private:
    static int on_progress(void* self) noexcept;
    static int on_busy(void* self, int tries) noexcept;
    static int on_commit(void* self) noexcept;
    bool wait_for_lock(int tries);

    thread_calls& source_;
    std::mutex mutex_;
    const std::unique_ptr<thread_condition> requested_or_not_;
    sqlite3* db_ = nullptr;  // under mutex_
    int indirect_count_ = 0;  // under mutex_
    std::atomic<bool> requested_ = false;  // written under mutex_

    // Of the connection's thread alone.
    bool indivisible_ = false;
    bool committed_ = false;  // the statement has passed the point of no return
    duration busy_timeout_{};
    time_point give_up_;
};

}  // namespace torus::inline v0::sqlite
