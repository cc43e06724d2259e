// torus/core/held_context.hpp: passing a context on, from whoever starts something to what it starts.
#pragma once

#include <utility>

#include <torus/core/config.hpp>

namespace torus::inline v0 {

class context_cell;  // the values that a task, or whatever else runs, sees; null stands for none at all

/// A counted reference to a context, from any thread.
class held_context {
public:
    held_context() noexcept = default;
    explicit held_context(context_cell* shared) noexcept : cell_(shared) {
        if (cell_) retain();
    }
    held_context(held_context&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
    held_context& operator=(held_context&& other) noexcept {
        std::swap(cell_, other.cell_);
        return *this;
    }
    ~held_context() {
        if (cell_) release();
    }

    /// A copy of the context of what runs now, in constant time; null where no variable is set.
    static held_context copied() { return in_use_ ? copied_from_current() : held_context(); }

    /// Whether this thread has met a context, or what else tasks pass on: if not, there is nothing to pass on.
    static bool is_in_use() noexcept { return in_use_; }
    static void note_use() noexcept { in_use_ = true; }

    context_cell* cell() const noexcept { return cell_; }

    /// Where it is noted: what is set while this is the current context is noted there.
    context_cell*& place() noexcept { return cell_; }

private:
    friend class context_cell;

    static held_context copied_from_current();
    void retain() noexcept;
    void release() noexcept;

    TORUS_FAST_TLS static constinit thread_local bool in_use_;

    context_cell* cell_ = nullptr;
};

/// As long as it exists, what runs now runs in that context; null stands for one without any value.
class entered_context {
public:
    explicit entered_context(context_cell* entered);
    entered_context(const entered_context&) = delete;
    entered_context& operator=(const entered_context&) = delete;
    ~entered_context();

private:
    context_cell*& place_;  // where the current context is noted
    context_cell* outer_;
};

}  // namespace torus::inline v0
