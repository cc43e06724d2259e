// torus/testing/steps.hpp: which task takes its step when, and that one takes none.
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/sync/event.hpp>

namespace torus::inline v0::testing {

/// What `wait_all_blocked` awaits: a moment in which nothing is ready, or what looks like one.
class [[nodiscard("co_await it")]] quiet_moment final : public timer {
public:
    quiet_moment() noexcept : timer(wait_kind::other, time_point::min()) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);
    bool await_resume() {  // whether nothing was ready then
        end_wait();
        return quiet_;
    }

private:
    void expired() noexcept override;
    void cancel() noexcept override;
    bool quiet_ = false;
};

/// Waits until all other tasks of this loop wait for something, at the present moment: no time passes on a simulated clock.
/// What threads and kernels are about to bring does not count.
///
///     task<> reader = create_task(read(lock));
///     co_await wait_all_blocked();  // it waits for the lock now
///
/// @cancel takes effect at once
/// @source trio.testing.wait_all_tasks_blocked
async<> wait_all_blocked();

/// An order of steps that several tasks take: whoever awaits `turn(n)` goes on when all before n have had theirs.
///
///     sequencer order;
///     auto first = [&]() -> async<> {
///         { auto turn = co_await order.turn(0); … }
///         { auto turn = co_await order.turn(2); … }  // after what another task does in turn 1
///     };
///
/// @source trio.testing.Sequencer
class sequencer {
public:
    /// A turn, which ends with this object: then the next one begins.
    class [[nodiscard("the turn ends with it")]] place {
    public:
        place(sequencer& in, std::size_t number) noexcept : in_(&in), number_(number) {}
        place(place&& other) noexcept : in_(std::exchange(other.in_, nullptr)), number_(other.number_) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (in_) in_->begin(number_ + 1);
        }

    private:
        sequencer* in_;
        std::size_t number_;
    };

    /// @throws std::logic_error  two tasks want the same turn; another one was cancelled while it waited, so that those
    ///                           behind it would wait for ever
    /// @cancel takes effect at once, and ends the order
    async<place> turn(std::size_t number);

private:
    void begin(std::size_t number);
    void give_up() noexcept;

    std::map<std::size_t, event> turns_;  // that somebody waits for, or that have begun
    std::size_t current_ = 0;
    bool given_up_ = false;
};

/// Runs a coroutine to its end, which it must reach without suspending once, and gives its result.
///
///     EXPECT_EQ(expect_no_suspend(cache.get("known")), "page");
///
/// @throws what the coroutine throws
/// @throws std::logic_error  it has suspended; it is cancelled then
/// @source trio.testing.assert_no_checkpoints
template <class T> T expect_no_suspend(async<T> what) {
    task<T> running_at_once = create_task(std::move(what), {.eager = true});
    if (running_at_once.done()) return std::move(running_at_once).result();
    running_at_once.cancel("it was not to suspend");
    throw std::logic_error("it has suspended");
}

}  // namespace torus::inline v0::testing
