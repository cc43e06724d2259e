// torus/core/exit_stack.hpp: clean-ups that are collected on the way, and done in reverse order at the end.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/coroutine_of.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// Runs a closure that registers callbacks as it goes; when it ends, however it does, calls them, the last one first.
///
///     co_await exit_stack([&](exit_stack& stack) -> async<> {
///         for (const auto& name : hosts) {
///             auto& host = hosts_in_use.emplace_back(co_await connect(name));
///             stack.callback([&host]() -> async<> { co_await host.close(); });   // or a plain closure
///         }
///         co_await work(hosts_in_use);
///     });
///
/// Each callback is called, whatever the others do. They run as the clean-up of `finally` does: the first cancellation
/// does not reach them; a later one interrupts the callback that it finds, and no other.
///
/// @throws what the closure threw; errors of callbacks then go to the error handler. Otherwise the first error of a
///         callback, in the order in which they are called; the further ones go to the error handler
/// @throws invalid_state_error  it was awaited before
/// @cancel passes through the closure; while callbacks run, as `finally`
/// @source contextlib.AsyncExitStack
class [[nodiscard("co_await it")]] exit_stack final {
public:
    template <class Closure>
        requires std::invocable<std::decay_t<Closure>&, exit_stack&>
    explicit exit_stack(Closure&& body) : body_(call_body<std::decay_t<Closure>>(std::forward<Closure>(body), *this)) {
        static_assert(safe_temporary<Closure>, "g++ 12 destroys this closure twice: name it first");
    }
    exit_stack(exit_stack&&) = delete;
    ~exit_stack();

    /// Registers a closure, which may return a coroutine. Callbacks may register others, which are called next.
    /// @throws invalid_state_error  the callbacks have been called already
    template <class Callback>
        requires std::invocable<std::decay_t<Callback>&>
    void callback(Callback&& function) {
        push(std::make_unique<entry_of<std::decay_t<Callback>>>(std::forward<Callback>(function)));
    }

    /// Forgets the callbacks that are registered: all has gone well, and nothing is to be undone.
    void dismiss() noexcept;

    async<> operator co_await() && { return run(); }

private:
    struct entry {
        virtual ~entry() = default;
        virtual async<> call() = 0;
        std::unique_ptr<entry> below;
    };
    template <class Callback> struct entry_of final : entry {
        explicit entry_of(Callback f) : function(std::move(f)) {}
        async<> call() override {
            if constexpr (coroutine_closure<Callback>) co_await function();
            else function();
            co_return;
        }
        Callback function;
    };

    template <class Closure> static async<> call_body(Closure body, exit_stack& self) {
        if constexpr (coroutine_closure<Closure, exit_stack&>) co_await body(self);
        else body(self);
        co_return;
    }

    void push(std::unique_ptr<entry> callback);
    async<> run();
    async<> call_all();

    enum class state : std::uint8_t { unentered, open, ended };

    async<> body_;
    std::unique_ptr<entry> top_;
    state state_ = state::unentered;
};

}  // namespace torus::inline v0
