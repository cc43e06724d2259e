// src/core/describe.hpp: tasks, errors and places in words, for reports.
#pragma once

#include <exception>
#include <source_location>
#include <string>

namespace torus::inline v0 {

class task_record;

/// "Task-3, created at main.cpp:12".
std::string describe(const task_record& task);

/// Where it waits: "waits at db.cpp:88 in async<> writer(), called at main.cpp:41 in async<> amain()".
std::string describe_wait(const task_record& task);

/// "main.cpp:12 in async<> amain()".
std::string describe(std::source_location place);

/// "std::runtime_error: no such host".
std::string describe(const std::exception_ptr& error);

/// Gives a problem to the error handler of this thread's loop, or to standard error. Where memory for the words is
/// lacking, the error at least gets there.
void report_problem(const char* message, std::exception_ptr error, const task_record* task) noexcept;

/// Whether the exception is a cancelled_error; without throwing it, where the library can tell.
bool is_cancellation(const std::exception_ptr& error) noexcept;

/// Whether it is the cancellation of the task itself that it was thrown in.
bool is_own_cancellation(const std::exception_ptr& error) noexcept;

/// Whether it is a keyboard_interrupt, which concerns the whole program.
bool is_interrupt(const std::exception_ptr& error) noexcept;

}  // namespace torus::inline v0
