// torus/core/loops.hpp: the loops of a run that has several threads.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/core/submitted.hpp>

namespace torus::inline v0 {

/// The event loops of this run, main's first: as many as `run_options::threads` says, each on a thread of its own. They
/// are there until main has ended.
///
///     submitted<int> n = spawn_on(loops().back(), count_words, std::move(text));
///
/// Tasks stay on the loop where they were started. What belongs to a loop (tasks, streams, locks, servers) is used on its
/// own thread only; values travel by `spawn_on`, `sync_queue` and `call_soon_threadsafe`.
///
/// @throws std::runtime_error  no loop runs on this thread
std::vector<std::reference_wrapper<event_loop>> loops();

/// Runs `function(arguments...)` on every loop of this run, main's too, until all are done. Each loop gets copies of the
/// function and of the arguments. So a server takes all processors: each loop has a listener of its own on the same port,
/// and the kernel spreads the clients.
///
///     async<> serve(std::uint16_t port) {
///         server srv = co_await start_server(handle, "127.0.0.1", port, {.reuse_port = true});
///         co_await srv.serve_forever();
///     }
///     int main() { run(on_every_loop(serve, std::uint16_t{8080}), {.threads = 4}); }
///
/// @throws the first error of any; the others are cancelled, and have ended by then
/// @cancel cancels all, waits for their ends, then throws
template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
async<> on_every_loop(Function function, Arguments... arguments);

// ------------------------------------------------------------------------------------------------------------------

template <class Function, class... Arguments>
    requires coroutine_function<Function, Arguments...>
async<> on_every_loop(Function function, Arguments... arguments) {
    auto on = [&](event_loop& loop) -> async<> { co_await spawn_on(loop, function, arguments...); };
    std::vector<async<>> all;
    for (event_loop& each : loops()) all.push_back(on(each));
    co_await gather(std::move(all));
}

}  // namespace torus::inline v0
