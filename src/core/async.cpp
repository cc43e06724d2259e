// src/core/async.cpp: what becomes of coroutines that nobody awaits.
#include <torus/core/async.hpp>

#include <new>
#include <utility>

#include <torus/core/error.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

namespace {

/// Whether a coroutine is being discarded on purpose: then those that it was to await are, too.
constinit thread_local bool discarding = false;

}  // namespace

void destroy_quietly(std::coroutine_handle<> frame) noexcept {
    const bool outer = std::exchange(discarding, true);
    frame.destroy();
    discarding = outer;
}

void report_never_awaited(std::source_location place, const char* what) noexcept {
    if (discarding) return;
    try {
        report_problem((what + (" was never awaited: " + describe(place))).c_str(), nullptr, nullptr);
    } catch (const std::bad_alloc&) {
        report_problem("something was never awaited", nullptr, nullptr);
    }
}

void throw_awaited_twice() {
    throw invalid_state_error("torus: a coroutine object can be awaited, or given away, only once");
}

}  // namespace torus::inline v0
