// src/core/glimpse.cpp: reading what another thread may be writing, without trusting it.
#include "core/glimpse.hpp"

#include <cstring>
#include <new>

#include <torus/core/running.hpp>
#include <torus/core/task_record.hpp>

#include "core/describe.hpp"

#include <sys/uio.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

constexpr std::size_t longest_name = 256;  // bytes: more would be no name

/// An object of another thread, byte by byte. It is looked at, never destroyed.
template <class T> class copy_of {
public:
    explicit copy_of(const T* original) noexcept : good_(copy_from_afar(bytes_, original, sizeof(T))) {}
    explicit operator bool() const noexcept { return good_; }
    const T& operator*() const noexcept { return *std::launder(reinterpret_cast<const T*>(bytes_)); }
    const T* operator->() const noexcept { return &**this; }

private:
    alignas(T) std::byte bytes_[sizeof(T)];
    bool good_;
};

std::string text_of(const std::string* original) {
    const copy_of<std::string> text(original);
    if (!text || text->size() > longest_name) return {};
    std::string characters(text->size(), '\0');
    // The copy refers to the characters of the original, be they within it or on the heap.
    if (!copy_from_afar(characters.data(), text->data(), text->size())) return {};
    return characters;
}

}  // namespace

bool copy_from_afar(void* into, const void* from, std::size_t size) noexcept {
    const iovec here{into, size};
    const iovec there{const_cast<void*>(from), size};
    return ::process_vm_readv(::getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

/// The task as a report shows it.
std::string task_record::text_from_afar(const task_record* original) {
    const copy_of<task_record> task(original);
    if (!task) return {};
    std::string text;
    if (const std::string* const name = extra_name(task->extra_.get())) text = text_of(name);
    if (text.empty()) text = "Task-" + std::to_string(task->id_);
    if (task->created_.line() != 0) text += ", created at " + describe(task->created_);
    return text;
}

step_of_loop step_of(const running_state* state) noexcept {
    const copy_of<running_state> now(state);
    return now ? step_of_loop{now->task, now->frame.address()} : step_of_loop{};
}

std::optional<glimpse> glimpse_of(const running_state* state) {
    const copy_of<running_state> now(state);
    if (!now) return std::nullopt;
    glimpse seen;
    if (!now->task) return seen;
    const copy_of<promise_base> frame(&promise_base::of(now->frame));
    if (!frame) return std::nullopt;
    seen.place = frame->location();
    const copy_of<running_state> later(state);
    // The frame of a task that runs stays until another one runs, so its place is one.
    if (!later || later->task != now->task || later->frame != now->frame) return std::nullopt;
    seen.task = task_record::text_from_afar(now->task);
    return seen;
}

}  // namespace torus::inline v0
