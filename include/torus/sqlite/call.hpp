// torus/sqlite/call.hpp: one request to a connection's thread, and its answer.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <torus/core/waiter.hpp>
#include <torus/sql/parameters.hpp>
#include <torus/sql/row.hpp>
#include <torus/sqlite/options.hpp>

namespace torus::inline v0::sqlite {

class database;
class session;

/// A connection's thread and queue, and the transaction within which something is asked of it.
struct session_scope {
    session_scope() noexcept = default;
    session_scope(std::shared_ptr<sqlite::session> asked, std::uint64_t within) noexcept
        : session(std::move(asked)), transaction(within) {}

    std::shared_ptr<sqlite::session> session;
    std::uint64_t transaction = 0;  // 0 outside of all
};

/// Waits for its turn on the connection's thread, runs there, and comes back. It lives in the frame that awaits it, and
/// so does what it works on: the frame waits until the thread has done with it.
class call : public waiter {
public:
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);

protected:
    /// What a call means for the connection's transactions.
    enum class role : std::uint8_t { within, begins, ends };

    explicit call(session_scope where, role part = role::within) noexcept
        : waiter(wait_kind::thread), where_(std::move(where)), role_(part) {}
    call(call&& idle) noexcept
        : waiter(static_cast<waiter&&>(idle)), where_(std::move(idle.where_)), role_(idle.role_) {}
    ~call() = default;

    /// On the connection's thread.
    virtual void perform(database& db) = 0;

    /// Enters the queue whatever cancellation is pending, and holds those that come.
    void suspend_uncancelled(std::coroutine_handle<> h);

    /// First thing in `await_resume()`: throws what the call threw, or the cancellation.
    void finish() {
        end_wait();
        if (error_) [[unlikely]]
            std::rethrow_exception(error_);
    }

    /// First thing in each destructor. A frame is taken apart while it waits only where a task has refused to end for
    /// so long that its loop drops it; the thread must let go of it even then.
    void leave() noexcept {
        if (is_waiting()) [[unlikely]]
            abandon();
    }

    const session_scope& where() const noexcept { return where_; }

private:
    friend class session;
    enum class place : std::uint8_t { outside, parked, queued, running, answered };

    void cancel() noexcept override;
    void execute(database& db) noexcept;
    void answered() noexcept;
    void fail(std::exception_ptr error) noexcept;
    void abandon() noexcept;

    session_scope where_;
    std::exception_ptr error_;
    role role_;
    place place_ = place::outside;  // under the session's mutex
    bool held_ = false;  // cancellations wait for its end
    bool stopped_ = false;  // by a cancellation
    bool interrupted_ = false;  // what it did was stopped
};

/// What `connection::execute` returns.
class [[nodiscard("co_await it")]] executing final : public call {
public:
    executing(session_scope where, std::string_view sql, sql::arguments arguments) noexcept
        : call(std::move(where)), sql_(sql), arguments_(std::move(arguments)) {}
    executing(executing&&) noexcept = default;
    ~executing() { leave(); }
    sql::result await_resume() {
        finish();
        return result_;
    }

private:
    void perform(database& db) override;
    std::string_view sql_;
    sql::arguments arguments_;
    sql::result result_;
};

/// What `connection::execute_many` returns.
class [[nodiscard("co_await it")]] executing_many final : public call {
public:
    executing_many(session_scope where, std::string_view sql, sql::parameter_rows rows) noexcept
        : call(std::move(where)), sql_(sql), rows_(std::move(rows)) {}
    executing_many(executing_many&&) noexcept = default;
    ~executing_many() { leave(); }
    sql::result await_resume() {
        finish();
        return result_;
    }

private:
    void perform(database& db) override;
    std::string_view sql_;
    sql::parameter_rows rows_;
    sql::result result_;
};

/// What `connection::execute_script` returns.
class [[nodiscard("co_await it")]] executing_script final : public call {
public:
    executing_script(session_scope where, std::string_view sql) noexcept : call(std::move(where)), sql_(sql) {}
    executing_script(executing_script&&) noexcept = default;
    ~executing_script() { leave(); }
    void await_resume() { finish(); }

private:
    void perform(database& db) override;
    std::string_view sql_;
};

/// What `connection::query` returns.
class [[nodiscard("co_await it")]] querying final : public call {
public:
    querying(session_scope where, std::string_view sql, sql::arguments arguments) noexcept
        : call(std::move(where)), sql_(sql), arguments_(std::move(arguments)) {}
    querying(querying&&) noexcept = default;
    ~querying() { leave(); }
    sql::rows await_resume() {
        finish();
        return std::move(*rows_);
    }

private:
    void perform(database& db) override;
    std::string_view sql_;
    sql::arguments arguments_;
    std::optional<sql::rows> rows_;
};

/// What `connection::query_one` returns.
class [[nodiscard("co_await it")]] querying_one final : public call {
public:
    querying_one(session_scope where, std::string_view sql, sql::arguments arguments) noexcept
        : call(std::move(where)), sql_(sql), arguments_(std::move(arguments)) {}
    querying_one(querying_one&&) noexcept = default;
    ~querying_one() { leave(); }
    std::optional<sql::row> await_resume() {
        finish();
        return std::move(row_);
    }

private:
    void perform(database& db) override;
    std::string_view sql_;
    sql::arguments arguments_;
    std::optional<sql::row> row_;
};

}  // namespace torus::inline v0::sqlite
