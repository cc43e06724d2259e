// torus/core/as_completed.hpp: results in the order in which they come.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/awaitable.hpp>
#include <torus/core/clock.hpp>
#include <torus/core/distinct_tasks.hpp>
#include <torus/core/task_set.hpp>
#include <torus/core/watched_tasks.hpp>

namespace torus::inline v0 {

template <class Task> class completing_tasks;
template <class T> class completions;

struct as_completed_options {
    duration timeout = duration::max();  // from the call on; then `next()` throws where it would wait
};

struct bounded_options {
    std::size_t limit = static_cast<std::size_t>(-1);  // how many may be running, or done and not taken
    duration timeout = duration::max();  // from the first step on; then `next()` throws where it would wait
};

/// The given tasks in the order in which they end.
///
///     auto finished = as_completed(jobs, {.timeout = 10s});
///     while (auto job = co_await finished.next()) print(co_await *job);
///
/// It neither cancels the tasks nor throws their errors; one that comes twice is given once. After a timeout, or a loop
/// that was left, the iteration can go on.
///
/// @throws std::runtime_error  one of the tasks is the current one, or another loop's
/// @source asyncio.as_completed
template <range_of_tasks Tasks> auto as_completed(Tasks&& tasks, as_completed_options options = {}) {
    using task_type = std::decay_t<decltype(*tasks.begin())>;
    return completing_tasks<task_type>(distinct_tasks(std::forward<Tasks>(tasks)), options);
}

/// The results of coroutines in the order in which they come, and not more at once than a limit.
///
///     co_await as_completed(urls | std::views::transform(fetch), {.limit = 10}, [&](completions<page>& done) -> async<> {
///         while (auto page = co_await done.next()) save(co_await *page);
///     });
///
/// The elements of the range are made, and begun, only as far as the limit allows, when `next()` is called. When the
/// closure ends, however it does, what is running is cancelled and awaited; no further one is begun. So the coroutines
/// may refer to the caller's locals.
///
/// @throws what the closure throws; errors of coroutines are thrown where their task is awaited, and reported if it never is
/// @throws std::invalid_argument  a limit of zero
/// @cancel arrives in the closure; what is running is then cancelled and awaited
/// @cost   two recycled blocks for each coroutine
template <class Range, class Body> auto as_completed(Range&& coroutines, bounded_options options, Body&& body);

// ------------------------------------------------------------------------------------------------------------------

/// What `as_completed(tasks)` returns.
template <class Task> class [[nodiscard]] completing_tasks final : private watched_tasks {
public:
    completing_tasks(const std::vector<any_task>& tasks, as_completed_options options)
        : watched_tasks(tasks, options.timeout) {}

    /// Waits for the next of the tasks to end. Gives an empty optional when all have been given. What has ended is given
    /// even after the deadline.
    /// @throws timeout_error  none has ended before the deadline
    /// @throws invalid_state_error  another task waits here already
    /// @cancel takes effect at once; no task is lost, and the tasks go on
    next_completed<Task> next() noexcept { return {*this, deadline_}; }
};

/// What the closure of a bounded `as_completed` gets.
template <class T> class completions {
public:
    completions(const completions&) = delete;
    completions& operator=(const completions&) = delete;

    /// Begins as many coroutines as the limit allows, and waits for the next to end. Gives an empty optional when all
    /// have been given. What has ended is given even after the deadline.
    /// @throws timeout_error  none has ended before the deadline; otherwise what making an element of the range throws
    /// @throws invalid_state_error  another task waits here already
    /// @cancel takes effect at once; no task is lost, and what is running goes on
    next_completed<task<T>> next() {
        while (running_.size() < limit_ && begin_next(running_)) {}
        return {running_, deadline_};
    }

protected:
    explicit completions(const bounded_options& options)
        : limit_(options.limit), deadline_(later(clock::now(), options.timeout)) {}
    ~completions() = default;

    task_set running_;

private:
    /// Makes the next coroutine, and begins it. False if there is none.
    virtual bool begin_next(task_set& begun) = 0;

    std::size_t limit_;
    time_point deadline_;
};

/// The coroutine that an element of a range is.
template <class Range> using coroutine_of_range = std::decay_t<decltype(*std::declval<Range&>().begin())>;

template <class Range>
class completions_of final : public completions<typename coroutine_of_range<Range>::value_type> {
    using result = typename coroutine_of_range<Range>::value_type;

public:
    completions_of(Range& range, const bounded_options& options) : completions<result>(options), range_(range) {}

    /// Cancels what is running, and waits for its end.
    task_set::joining_all end() noexcept {
        this->running_.cancel(nullptr);
        return this->running_.joined();
    }

private:
    using iterator = decltype(std::declval<Range&>().begin());

    bool begin_next(task_set& begun) override {
        if (!next_) next_.emplace(range_.begin());
        else if (*next_ != range_.end()) ++*next_;
        if (*next_ == range_.end()) return false;
        async<result> made = std::move(**next_);
        begun.start(made.release().promise());
        return true;
    }

    Range& range_;
    std::optional<iterator> next_;
};

[[noreturn]] void refuse_limit_of_zero();

template <class Range, class Body> async<> run_as_completed(Range range, bounded_options options, Body body) {
    completions_of<std::remove_reference_t<Range>> finished(range, options);
    std::exception_ptr error;
    try {
        co_await body(finished);
    } catch (...) {
        error = std::current_exception();
    }
    co_await finished.end();
    if (error) std::rethrow_exception(error);
}

template <class Range, class Body> auto as_completed(Range&& coroutines, bounded_options options, Body&& body) {
    using element = coroutine_of_range<Range>;
    static_assert(is_async<element>, "a bounded as_completed takes a range of coroutines");
    static_assert(coroutine_closure<Body, completions<typename element::value_type>&>,
                  "as_completed runs its coroutines within a closure that takes completions<T>&");
    static_assert(safe_temporary<Body>, "g++ 12 destroys this closure twice: name it first");
    if (options.limit == 0) refuse_limit_of_zero();
    return run_as_completed<Range, std::decay_t<Body>>(std::forward<Range>(coroutines), options,
                                                       std::forward<Body>(body));
}

}  // namespace torus::inline v0
