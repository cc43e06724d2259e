// src/sqlite/session.hpp: a connection's thread, the queue before it, and whose turn it is.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include <torus/core/loop.hpp>
#include <torus/core/thread_calls.hpp>
#include <torus/sqlite/call.hpp>

#include "sqlite/database.hpp"

namespace torus::inline v0::sqlite {

/// One open transaction. They nest, and only the innermost is served.
struct open_transaction {
    std::uint64_t id = 0;
    task_record* owner = nullptr;  // whose closure runs within it; only compared
    std::unique_ptr<open_transaction> outer;
};

/// What stands between the tasks of one loop and one database: calls run in order on a thread of their own.
///
/// While a transaction is open, calls from outside of it are parked until it has ended, in order, so that what other
/// tasks do neither becomes part of it nor sees it half done.
class session final : private remote_call, public thread_program, public std::enable_shared_from_this<session> {
public:
    /// How long the end of a connection waits for its thread, which may be writing to a slow disk. Beyond it the thread
    /// is left behind, with a report.
    static constexpr duration end_grace = std::chrono::seconds(5);

    /// Starts a thread for the loop that runs here.
    /// @throws std::system_error  there can be no more
    static std::shared_ptr<session> start();

    /// For start().
    explicit session(std::shared_ptr<inbox> letters);
    ~session() override = default;

    /// @{ For calls, on the loop's thread.
    void admit(const call& c) const;  // throws if it could never have its turn
    void enter(call& c) noexcept;  // its turn will come
    bool withdraw(call& c) noexcept;  // false if it has begun; then it is interrupted
    void settle(const call& c) noexcept;  // it was answered: what that means for transactions
    void release(call& c) noexcept;  // it is about to be destroyed
    /// @}

    bool is_open(std::uint64_t transaction) const noexcept;

    /// Destroys a cursor, on the thread if there is still one.
    void dispose(std::unique_ptr<cursor> unwanted) noexcept;

    /// Refuses what waits, interrupts what runs, closes the database, ends the thread.
    void end() noexcept;

private:
    void arrived(event_loop& loop) noexcept override;
    void returned() noexcept override;

    std::uint64_t innermost() const noexcept { return innermost_ ? innermost_->id : 0; }
    void end_transaction(std::uint64_t id) noexcept;
    wait_list take_all() noexcept;
    void work() noexcept override;
    void answer(call& c, std::unique_lock<std::mutex>& held) noexcept;
    void destroy_unwanted(std::unique_lock<std::mutex>& held) noexcept;

    const std::shared_ptr<inbox> letters_;
    thread_calls& source_;
    std::unique_ptr<started_thread> thread_;
    database db_;  // of the thread, but for interrupt()

    // Of the loop's thread.
    wait_list parked_;
    std::unique_ptr<open_transaction> innermost_;
    std::uint64_t last_transaction_ = 0;
    bool over_ = false;

    std::mutex mutex_;  // guards the rest
    const std::unique_ptr<thread_condition> work_;
    const std::unique_ptr<thread_condition> progress_;  // a call was answered, or the thread has ended
    wait_list queue_;
    wait_list answered_;
    call* current_ = nullptr;
    std::unique_ptr<cursor> unwanted_;
    std::shared_ptr<session> posted_self_;  // while this is in the loop's letter box
    bool idle_ = false;
    bool ending_ = false;
    bool ended_ = false;
};

}  // namespace torus::inline v0::sqlite
