// torus/core/coroutine_of.hpp: a coroutine that runs whatever it is given: an awaitable, or a closure.
#pragma once

#include <type_traits>
#include <utility>

#include <torus/core/awaitable.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

template <class Function> async<std::invoke_result_t<Function&>> call_plainly(Function function) {
    co_return function();
}

/// The given awaitable, or a call of the given closure, as a coroutine that owns it. The closure may return a coroutine,
/// or do all it does when it is called.
template <class What> auto coroutine_of(What&& what) {
    if constexpr (awaitable<What>) {
        return as_coroutine(std::forward<What>(what));
    } else {
        static_assert(std::is_invocable_v<std::decay_t<What>&>, "an awaitable, or a closure without parameters");
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        if constexpr (coroutine_closure<What>) return call_owned<std::decay_t<What>>(std::forward<What>(what));
        else return call_plainly<std::decay_t<What>>(std::forward<What>(what));
    }
}

}  // namespace torus::inline v0
