// torus/core/call_graph.hpp: where tasks are, and who waits for them.
#pragma once

#include <coroutine>
#include <cstdio>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <torus/core/any_task.hpp>

namespace torus::inline v0 {

/// A coroutine of a task.
struct stack_frame {
    /// Where it awaits, with its function's name; where the function is declared, if it has not awaited anything yet.
    std::source_location where;
};

/// A task, where it is, and who waits for it: tasks that await, gather, race or shield it, and the one whose group it is in.
struct call_graph {
    any_task task;
    std::vector<stack_frame> call_stack;  // the innermost coroutine first
    std::vector<call_graph> awaited_by;  // no further than `call_graph_levels`; those of each task once in a graph

    bool empty() const noexcept { return !task; }
};

/// How far up a call graph goes: more would not be read, and every level takes native stack.
inline constexpr int call_graph_levels = 64;

/// What `capture_call_graph()` returns.
class [[nodiscard("co_await it")]] capturing_call_graph {
public:
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);
    call_graph await_resume() noexcept { return std::move(graph_); }

private:
    call_graph graph_;
};

/// The graph of the running task, from here on. Nothing else runs meanwhile.
///
///     auto graph = co_await capture_call_graph();
///
/// @cancel no suspension, and so no cancellation either
/// @source asyncio.capture_call_graph
inline capturing_call_graph capture_call_graph() noexcept { return {}; }

/// The graph of another task of this thread's loop. Of one that runs, or goes on in this very pass of the loop, only the
/// first coroutine is known.
call_graph capture_call_graph(const any_task& task);

/// The graph in words, a line for each coroutine.
std::string format_call_graph(const call_graph& graph);

/// What `print_call_graph()` returns.
class [[nodiscard("co_await it")]] printing_call_graph {
public:
    explicit printing_call_graph(std::FILE* to) noexcept : to_(to) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume() const noexcept {}

private:
    std::FILE* to_;
};

/// Writes the graph of the running task, from here on.
/// @cancel no suspension, and so no cancellation either
/// @source asyncio.print_call_graph
inline printing_call_graph print_call_graph(std::FILE* to = stdout) noexcept { return printing_call_graph(to); }

/// Writes the graph of another task.
void print_call_graph(const any_task& task, std::FILE* to = stdout);

}  // namespace torus::inline v0
