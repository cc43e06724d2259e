// tests/core/scopes.hpp: cancel scopes as something that can be passed on.
#pragma once

#include <chrono>
#include <utility>

#include <torus/core/cancel_scope.hpp>
#include <torus/core/time.hpp>

namespace torus {

inline async<> entering(cancel_scope& scope) { co_await std::move(scope); }

template <class Body> async<bool> scope_of(cancel_scope_options options, Body body) {
    cancel_scope scope(options, std::move(body));
    co_return co_await std::move(scope);
}

/// Awaits a while, and swallows what that throws; true if it threw.
inline async<bool> was_interrupted() {
    try {
        co_await sleep(std::chrono::seconds(1));
    } catch (const cancelled_error&) {
        co_return true;
    }
    co_return false;
}

}  // namespace torus
