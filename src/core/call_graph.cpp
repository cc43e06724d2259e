// src/core/call_graph.cpp: walking the frames of a task, and the tasks that wait for it.
#include <torus/core/call_graph.hpp>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <torus/core/loop.hpp>
#include <torus/core/promise.hpp>

#include "core/awaiters.hpp"

namespace torus::inline v0 {

std::vector<task_record*> awaiters_of(const task_record& task) {
    std::vector<task_record*> all;
    for (waiter* each = task.joiners().front(); each; each = wait_list::after(*each))
        if (task_record* who = each->on_behalf_of()) all.push_back(who);
    if (task.owner())
        if (task_record* who = task.owner()->awaiting_task()) all.push_back(who);
    return all;
}

promise_base& task_record::innermost() const noexcept {
    if (leaf_) return promise_base::of(leaf_->handle_);
    for (const runnable* each = loop_->ready_.first_; each; each = each->next_)
        if (each->task_ == this) return promise_base::of(each->handle_);
    return root();
}

namespace {

/// From the innermost coroutine to the first.
std::vector<stack_frame> frames_from(promise_base* innermost) {
    std::vector<stack_frame> frames;
    for (promise_base* each = innermost; each; each = each->caller()) frames.push_back({each->location()});
    return frames;
}

std::vector<stack_frame> frames_of(const task_record& task) {
    if (task.done()) return {};
    return frames_from(&task.innermost());
}

/// A graph on its way up. Tasks may wait for each other in a circle, and there may be paths without number.
class climb {
public:
    call_graph from(task_record& task, std::vector<stack_frame> frames) {
        call_graph graph{any_task(task), std::move(frames), {}};
        if (level_ >= call_graph_levels || !told_.insert(&task).second) return graph;
        ++level_;
        for (task_record* each : awaiters_of(task)) graph.awaited_by.push_back(from(*each, frames_of(*each)));
        --level_;
        return graph;
    }

private:
    std::unordered_set<const task_record*> told_;  // whose awaiters have been noted
    int level_ = 0;
};

call_graph graph_from(std::coroutine_handle<> h) {
    return running.task ? climb().from(*running.task, frames_from(&promise_base::of(h))) : call_graph{};
}

std::string line_of(const stack_frame& frame) {
    return std::string("File '") + frame.where.file_name() + "', line " + std::to_string(frame.where.line()) + ", in " +
           frame.where.function_name() + '\n';
}

void write_graph(std::string& text, const call_graph& graph, const std::string& indent) {
    text += indent + "* " + graph.task.name() + '\n';
    if (!graph.call_stack.empty()) text += indent + "  + Call stack:\n";
    for (const stack_frame& frame : graph.call_stack) text += indent + "  |   " + line_of(frame);
    if (!graph.awaited_by.empty()) text += indent + "  + Awaited by:\n";
    for (const call_graph& each : graph.awaited_by) write_graph(text, each, indent + "    ");
}

void print(const std::string& text, std::FILE* to) noexcept { std::fwrite(text.data(), 1, text.size(), to); }

}  // namespace

std::vector<stack_frame> any_task::stack() const {
    std::vector<stack_frame> frames = frames_of(*record_);
    std::reverse(frames.begin(), frames.end());
    return frames;
}

void any_task::print_stack() const {
    const std::vector<stack_frame> frames = stack();
    std::string text = (frames.empty() ? "No stack for " : "Stack for ") + name();
    text += frames.empty() ? "\n" : " (innermost coroutine last):\n";
    for (const stack_frame& frame : frames) text += "  " + line_of(frame);
    print(text, stderr);
}

bool capturing_call_graph::await_suspend(std::coroutine_handle<> h) {
    graph_ = graph_from(h);
    return false;
}

call_graph capture_call_graph(const any_task& task) { return climb().from(task.record(), frames_of(task.record())); }

std::string format_call_graph(const call_graph& graph) {
    std::string text;
    if (!graph.empty()) write_graph(text, graph, {});
    return text;
}

bool printing_call_graph::await_suspend(std::coroutine_handle<> h) {
    print(format_call_graph(graph_from(h)), to_);
    return false;
}

void print_call_graph(const any_task& task, std::FILE* to) { print(format_call_graph(capture_call_graph(task)), to); }

}  // namespace torus::inline v0
