// torus/core/error.hpp: what can go wrong, as few types, chosen by what the caller does about it.
#pragma once

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace torus::inline v0 {

/// Thrown where a task waits when the task, or what it waits for, was cancelled. Let it pass.
///
/// It is not a `std::exception`: `catch (const std::exception&)` must not swallow a cancellation. Whoever catches it
/// cleans up and rethrows it.
class cancelled_error {
public:
    /// @param own  whether the task itself was cancelled, rather than something that it waited for
    explicit cancelled_error(std::shared_ptr<const std::string> reason = {}, bool own = true) noexcept
        : reason_(std::move(reason)), own_(own) {}

    /// What was given to `cancel(reason)`; empty if nothing was.
    std::string_view reason() const noexcept { return reason_ ? std::string_view(*reason_) : std::string_view(); }
    const char* what() const noexcept { return reason_ && !reason_->empty() ? reason_->c_str() : "cancelled"; }

    /// True if this task was cancelled; false if it awaited something that somebody else cancelled.
    bool is_own() const noexcept { return own_; }

private:
    std::shared_ptr<const std::string> reason_;
    bool own_;
};

/// The time was up: thrown by `timeout`, and by an operation with a time limit of its own.
class timeout_error : public std::runtime_error {
public:
    explicit timeout_error(const std::string& what = "timed out") : std::runtime_error(what) {}
};

/// An operation does not fit the state of its object: the result of a pending task, a loop that is not running.
class invalid_state_error : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Two tasks would wait for each other for ever.
class deadlock_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The connection is gone: the peer closed or reset it, or this side closed it while it was in use.
class connection_closed : public std::system_error {
public:
    connection_closed(int code, const std::string& what) : std::system_error(code, std::system_category(), what) {}
};

/// The peer broke the rules of its protocol; what() says which and how.
class protocol_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Thrown by `run` when SIGINT, or a signal of `run_options::stop_on`, cancelled the main task and it ended cancelled.
class keyboard_interrupt {
public:
    explicit keyboard_interrupt(int signal) noexcept : signal_(signal) {}
    int signal() const noexcept { return signal_; }
    const char* what() const noexcept { return "interrupted by a signal"; }

private:
    int signal_;
};

/// Something that went wrong where nobody waits for it.
struct error_context {
    std::string message;      // what happened, in a sentence
    std::exception_ptr error;  // null if there is none
    std::string task;         // the task's name and where it was created; empty outside of tasks
};

/// Receives what goes wrong where nobody waits for it, instead of standard error.
class error_handler {
public:
    virtual ~error_handler() = default;
    virtual void handle(const error_context& context) = 0;
};

/// Reports an error to this thread's running loop, or to standard error where none runs.
void report_error(const error_context& context) noexcept;

}  // namespace torus::inline v0
