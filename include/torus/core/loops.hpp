// torus/core/loops.hpp: the loops of a run that has several threads.
#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// The event loops of this run, main's first: as many as `run_options::threads` says, each on a thread of its own. They
/// are there until main has ended.
///
///     submitted<int> n = spawn_on(*loops().back(), count_words, std::move(text));
///
/// Tasks stay on the loop where they were started. What belongs to a loop (tasks, streams, locks, servers) is used on its
/// own thread only; values travel by `spawn_on`, `sync_queue` and `call_soon_threadsafe`.
///
/// @throws std::runtime_error  no loop runs on this thread
std::vector<event_loop*> loops();

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
    requires std::is_same_v<std::invoke_result_t<Function&, Arguments...>, async<>>
async<> on_every_loop(Function function, Arguments... arguments);

// ------------------------------------------------------------------------------------------------------------------

/// A function and its arguments, of which each loop gets a copy.
class loop_function {
public:
    virtual ~loop_function() = default;
    virtual std::unique_ptr<loop_function> copy() const = 0;
    virtual async<> call() = 0;  // once
};

async<> run_on_every_loop(std::unique_ptr<const loop_function> original);

template <class Function, class... Arguments> class bound_loop_function final : public loop_function {
public:
    bound_loop_function(Function function, Arguments... arguments)
        : function_(std::move(function)), arguments_(std::move(arguments)...) {}
    std::unique_ptr<loop_function> copy() const override { return std::make_unique<bound_loop_function>(*this); }
    async<> call() override { return std::apply(function_, std::move(arguments_)); }

private:
    Function function_;
    std::tuple<Arguments...> arguments_;
};

template <class Function, class... Arguments>
    requires std::is_same_v<std::invoke_result_t<Function&, Arguments...>, async<>>
async<> on_every_loop(Function function, Arguments... arguments) {
    return run_on_every_loop(
        std::make_unique<bound_loop_function<Function, Arguments...>>(std::move(function), std::move(arguments)...));
}

}  // namespace torus::inline v0
