// torus/core/done_callback.hpp: functions that are called when a task is done.
#pragma once

#include <concepts>
#include <source_location>
#include <utility>

#include <torus/core/callback_handle.hpp>
#include <torus/core/task.hpp>

namespace torus::inline v0 {

/// A function of a task that is done: it may take the task, and keeps its result alive.
template <class Task, class Function>
callback_handle call_when_done(const Task& task, Function function, std::source_location where) {
    task_record& record = task.record();
    auto call = [task, function = std::move(function)]() mutable {
        if constexpr (std::invocable<Function&, const Task&>) function(std::as_const(task));
        else function();
    };
    scheduled_call& scheduled = calling::hold(record.loop(), std::move(call), where);
    if (record.done()) scheduled.call_soon();
    else scheduled.call_after(record.joiners());
    return callback_handle(scheduled);
}

template <class Function> callback_handle any_task::add_done_callback(Function function,
                                                                      std::source_location where) const {
    return call_when_done(*this, std::move(function), where);
}

template <class T>
template <class Function>
callback_handle task<T>::add_done_callback(Function function, std::source_location where) const {
    return call_when_done(*this, std::move(function), where);
}

}  // namespace torus::inline v0
