// src/core/describe.cpp: tasks, errors and places in words.
#include "core/describe.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <typeinfo>
#include <utility>

#include <torus/core/error.hpp>
#include <torus/core/held_context.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

namespace {

std::string demangled(const char* name) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
    return status == 0 ? text.get() : name;
}

template <class Error> bool is_a(const std::exception_ptr& error) noexcept {
    if (!error) return false;
#if defined(__GLIBCXX__)
    return *error.__cxa_exception_type() == typeid(Error);
#else
    try {
        std::rethrow_exception(error);
    } catch (const Error&) {
        return true;
    } catch (...) {
        return false;
    }
#endif
}

}  // namespace

std::string describe(const task_record& task) {
    std::string text = task.name();
    if (task.created().line() != 0) text += ", created at " + describe(task.created());
    return text;
}

std::string describe_wait(const task_record& task) {
    constexpr int deepest = 16;  // coroutines: the innermost tell enough
    if (!task.waiting_for()) return "is about to run";
    const promise_base* each = &task.innermost();
    std::string text = "waits at " + describe(each->location());
    for (int depth = 1; depth < deepest && (each = each->caller()); ++depth)
        text += ", called at " + describe(each->location());
    return text;
}

std::string describe(std::source_location place) {
    std::string text = place.file_name();
    text += ':' + std::to_string(place.line());
    if (*place.function_name()) text += std::string(" in ") + place.function_name();
    return text;
}

std::string describe(const std::exception_ptr& error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return demangled(typeid(e).name()) + ": " + e.what();
    } catch (const cancelled_error& e) {
        return std::string("cancelled: ") + e.what();
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        return type ? demangled(type->name()) : "an unknown exception";
    }
}

void report_problem(const char* message, std::exception_ptr error, const task_record* task) noexcept {
    error_context context;
    context.error = std::move(error);
    try {
        context.message = message;
        if (task) context.task = describe(*task);
    } catch (const std::bad_alloc&) {}
    if (!task || !task->context()) return report_error(context);
    try {
        const entered_context of_task(task->context());
        report_error(context);
    } catch (const std::bad_alloc&) {  // there was no room for entering
        report_error(context);
    }
}

bool is_cancellation(const std::exception_ptr& error) noexcept { return is_a<cancelled_error>(error); }

bool is_interrupt(const std::exception_ptr& error) noexcept { return is_a<keyboard_interrupt>(error); }

bool is_own_cancellation(const std::exception_ptr& error) noexcept {
    if (!is_cancellation(error)) return false;
    try {
        std::rethrow_exception(error);
    } catch (const cancelled_error& e) {
        return e.is_own();
    } catch (...) {
        return false;
    }
}

}  // namespace torus::inline v0
