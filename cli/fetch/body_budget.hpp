// cli/fetch/body_budget.hpp: how much memory bodies may take that are being received, or wait to be written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <torus/core/waiter.hpp>

namespace torus::inline v0::cli {

/// Bytes of bodies in memory, in all: enough for a thousand pages at a time, and for four of the longest bodies.
inline constexpr std::size_t body_memory = 64 * 1024 * 1024;

/// What is left for ordinary bodies at least, whatever --max-body is: else a large limit would have one wait for the other.
inline constexpr std::size_t least_shared_memory = 16 * 1024 * 1024;

/// Memory for bodies, shared so that it never runs out for good.
///
/// Everybody takes from the common part. The rest, as much as one body may have, is for the one that has waited longest:
/// it can always be finished, so there is no deadlock of half received bodies.
class body_budget {
public:
    class lease;

    /// @param largest_body  no lease grows beyond it
    explicit body_budget(std::size_t largest_body, std::size_t total = body_memory) noexcept;
    body_budget(const body_budget&) = delete;
    body_budget& operator=(const body_budget&) = delete;

    std::size_t held() const noexcept { return held_; }

    /// What held() never exceeds.
    std::size_t total() const noexcept { return shared_ + largest_; }

    /// Whether a new body should wait, since those that are there will need what is left.
    bool is_tight() const noexcept { return held_ >= shared_ || !waiting_.empty(); }

private:
    class growing;

    bool admit(lease& to, std::size_t bytes) noexcept;
    void give_back(lease& from) noexcept;
    void wake() noexcept;

    std::size_t shared_;
    std::size_t largest_;
    std::size_t held_ = 0;
    lease* favoured_ = nullptr;  // may use the rest
    wait_list waiting_;
};

/// One body's part of the memory. It is given back at its end.
class body_budget::lease {
public:
    explicit lease(body_budget& of) noexcept : budget_(&of) {}
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() { release(); }

    /// Makes room for `bytes` more.
    /// @cancel takes effect at once; the lease is what it was
    growing grow(std::size_t bytes) noexcept;

    void release() noexcept;
    std::size_t size() const noexcept { return size_; }

private:
    friend class body_budget;
    body_budget* budget_;
    std::size_t size_ = 0;
};

/// What `grow` returns.
class [[nodiscard("co_await it")]] body_budget::growing final : public waiter {
public:
    growing(lease& to, std::size_t bytes) noexcept : waiter(wait_kind::semaphore), lease_(&to), bytes_(bytes) {}

    bool await_ready() noexcept;
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume() { end_wait(); }

private:
    friend class body_budget;
    body_budget& budget() const noexcept { return *lease_->budget_; }
    bool try_again() noexcept;
    void cancel() noexcept override;

    lease* lease_;
    std::size_t bytes_;
};

inline body_budget::growing body_budget::lease::grow(std::size_t bytes) noexcept { return {*this, bytes}; }

}  // namespace torus::inline v0::cli
