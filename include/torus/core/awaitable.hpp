// torus/core/awaitable.hpp: what can be awaited, what it gives, and how to own one.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/config.hpp>

namespace torus::inline v0 {

template <class A>
concept has_member_co_await = requires(A&& a) { std::forward<A>(a).operator co_await(); };

/// The object with `await_ready`, `await_suspend`, `await_resume` that awaiting an `A` uses.
template <class A> decltype(auto) awaiter_of(A&& awaitable) {
    if constexpr (has_member_co_await<A>) return std::forward<A>(awaitable).operator co_await();
    else return std::forward<A>(awaitable);
}

/// Anything that `co_await` takes: a coroutine, a task, a sleep, a lock, a read.
template <class A>
concept awaitable = !is_lasting_object_awaited_once<A> && requires(A&& a) {
    { awaiter_of(std::forward<A>(a)).await_ready() } -> std::convertible_to<bool>;
    awaiter_of(std::forward<A>(a)).await_resume();
};

/// What awaiting an `A` gives.
template <class A> using await_result_t = decltype(awaiter_of(std::declval<A>()).await_resume());

/// Any awaitable as a coroutine that owns it, or refers to it if it is an lvalue.
template <class A>
    requires awaitable<A>
async<await_result_t<A>> as_coroutine_owning(std::conditional_t<std::is_lvalue_reference_v<A>, A, std::decay_t<A>> a) {
    if constexpr (std::is_lvalue_reference_v<A>) co_return co_await a;
    else co_return co_await std::move(a);
}

template <class T> async<T> as_coroutine(async<T> coroutine) noexcept { return coroutine; }
template <class A>
    requires awaitable<A>
async<await_result_t<A>> as_coroutine(A&& a) {
    return as_coroutine_owning<A>(std::forward<A>(a));
}

/// Whether a closure may be passed as a temporary within a `co_await` expression. g++ 12 destroys captures there twice,
/// so there it must capture nothing that has a destructor, or be a named variable.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class Closure>
inline constexpr bool safe_temporary = std::is_lvalue_reference_v<Closure> || std::is_trivially_destructible_v<Closure>;
#else
template <class Closure> inline constexpr bool safe_temporary = true;
#endif

/// A closure that gives a coroutine when called with these arguments.
template <class Closure, class... Arguments>
concept coroutine_closure = requires(std::decay_t<Closure>& c, Arguments... arguments) {
    { c(arguments...).release() } -> std::same_as<typename decltype(c(arguments...))::handle_type>;
};

}  // namespace torus::inline v0
