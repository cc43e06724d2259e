// torus/sync/semaphore.hpp: a number of permits, for limiting how many do something at once.
#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include <torus/sync/waiting_line.hpp>

namespace torus::inline v0 {

/// A number of permits. A task that takes one waits while there is none.
///
///     semaphore connections{100};
///     auto permit = co_await connections.acquire();
///     auto page = co_await fetch(url);                  // at most a hundred at once
///
/// Who waits gets a permit in order of arrival: it is handed over directly, so that nobody can slip in between. It
/// belongs to one loop's thread.
///
/// @source asyncio.Semaphore
class semaphore {
public:
    class permit;
    class acquiring;

    /// @throws std::invalid_argument  a negative number
    explicit semaphore(std::ptrdiff_t permits = 1) : semaphore(permits, std::numeric_limits<std::ptrdiff_t>::max()) {}
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    /// The permits that are free.
    std::ptrdiff_t value() const noexcept { return value_; }

    /// Whether `acquire()` would wait.
    bool locked() const noexcept { return value_ == 0; }

    /// Waits for a permit, which goes back at the end of the scope.
    /// @throws std::runtime_error  tasks of another loop use the semaphore
    /// @cancel takes effect at once, and no permit is lost; whoever has been handed one already receives it, and the
    ///         cancellation stays pending
    /// @cost   no allocation; a free permit is taken without suspending
    acquiring acquire() noexcept;

    /// Takes a permit if one is free. It is empty (and false) if none is.
    /// @throws std::runtime_error  tasks of another loop use the semaphore
    permit try_acquire();

    /// Adds permits, or gives back what was taken and forgotten. Those who wait are served first.
    /// @throws std::invalid_argument  a negative number
    /// @throws invalid_state_error    there would be more than a `bounded_semaphore` began with; nothing has changed
    /// @throws std::runtime_error     tasks of another loop wait
    void release(std::ptrdiff_t permits = 1);

protected:
    semaphore(std::ptrdiff_t permits, std::ptrdiff_t limit);

private:
    bool take() {
        if (value_ == 0 || !binding_.is_here()) [[unlikely]]
            return take_unless_in_use();
        --value_;
        return true;
    }
    bool take_unless_in_use();
    void give_back() noexcept {
        if (!line_.empty()) line_.serve_first();
        else if (value_ < limit_) ++value_;
    }

    std::ptrdiff_t value_;
    std::ptrdiff_t initial_;
    std::ptrdiff_t limit_;
    loop_binding binding_;
    waiting_line line_;
};

/// A semaphore that never has more permits than it began with: releasing too often is an error.
class bounded_semaphore : public semaphore {
public:
    /// @throws std::invalid_argument  a negative number
    explicit bounded_semaphore(std::ptrdiff_t permits = 1) : semaphore(permits, permits) {}
};

/// Holds a permit for as long as it lives.
class [[nodiscard("the permit goes back when this is destroyed")]] semaphore::permit {
public:
    permit() noexcept = default;
    permit(permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    permit& operator=(permit other) noexcept {
        std::swap(from_, other.from_);
        return *this;
    }
    ~permit() { release(); }

    explicit operator bool() const noexcept { return from_; }

    /// Gives the permit back early. Harmless when repeated.
    void release() noexcept {
        if (semaphore* s = std::exchange(from_, nullptr)) s->give_back();
    }

    /// Keeps the permit taken: somebody else calls `semaphore::release`.
    void forget() noexcept { from_ = nullptr; }

private:
    friend class semaphore;
    friend class acquiring;
    explicit permit(semaphore& from) noexcept : from_(&from) {}

    semaphore* from_ = nullptr;
};

/// What `semaphore::acquire` returns.
class [[nodiscard("co_await it")]] semaphore::acquiring final : public line_waiter {
public:
    explicit acquiring(semaphore& from) noexcept : line_waiter(wait_kind::semaphore), semaphore_(&from) {}
    bool await_ready() { return semaphore_->take(); }
    bool await_suspend(std::coroutine_handle<> h) { return line_up(semaphore_->line_, h); }
    permit await_resume() {
        end_wait();
        return permit(*semaphore_);
    }

private:
    semaphore* semaphore_;
};

inline semaphore::acquiring semaphore::acquire() noexcept { return acquiring(*this); }
inline semaphore::permit semaphore::try_acquire() { return take() ? permit(*this) : permit(); }

}  // namespace torus::inline v0
