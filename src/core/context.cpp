// src/core/context.cpp: the values of context variables, who shares them, and whose they are now.
#include <torus/core/context.hpp>

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/error.hpp>
#include <torus/core/running.hpp>
#include <torus/core/task.hpp>
#include <torus/core/task_record.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

namespace {

/// The values, in the order of their variables' numbers. Once two cells share it, it does not change any more; programs
/// have a few dozen variables at most, so that copying the list is cheaper than any tree.
struct context_map {
    struct entry {
        std::uint64_t variable;
        std::shared_ptr<const void> value;
    };
    std::atomic<std::uint32_t> references{1};
    std::vector<entry> entries;

    template <class Entries> static auto place_of(Entries& entries, std::uint64_t variable) noexcept {
        return std::lower_bound(entries.begin(), entries.end(), variable,
                                [](const entry& e, std::uint64_t number) { return e.variable < number; });
    }
};

}  // namespace

/// One task's values, or one callback's: what `set` changes. Tasks that were given the same context share it.
class context_cell {
public:
    explicit context_cell(context_map* map = nullptr) noexcept : map_(map) {
        held_context::in_use_ = true;
        // Relaxed: whoever copies holds a reference already.
        if (map_) map_->references.fetch_add(1, std::memory_order_relaxed);
    }
    context_cell(const context_cell&) = delete;
    context_cell& operator=(const context_cell&) = delete;
    ~context_cell() { drop_map(); }

    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* cell, std::size_t size) noexcept { frame_memory::deallocate(cell, size); }

    // Relaxed: whoever copies a reference holds one already.
    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        // Acquire and release: the last holder destroys what the others have written.
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    context_cell* copy() const { return new context_cell(map_); }
    std::size_t size() const noexcept { return map_ ? map_->entries.size() : 0; }

    const void* find(std::uint64_t variable) const noexcept {
        if (!map_) return nullptr;
        const auto place = context_map::place_of(map_->entries, variable);
        return place != map_->entries.end() && place->variable == variable ? place->value.get() : nullptr;
    }

    /// Gives a variable a value, or takes it away; returns what it had.
    std::shared_ptr<const void> exchange(std::uint64_t variable, std::shared_ptr<const void> value) {
        std::vector<context_map::entry>& entries = own_map().entries;
        const auto place = context_map::place_of(entries, variable);
        if (place == entries.end() || place->variable != variable) {
            if (value) entries.insert(place, {variable, std::move(value)});
            return nullptr;
        }
        std::shared_ptr<const void> before = std::exchange(place->value, std::move(value));
        if (!place->value) entries.erase(place);
        return before;
    }

private:
    context_map& own_map() {
        if (!map_) return *(map_ = new context_map);
        // Acquire: who else had it has read it for the last time.
        if (map_->references.load(std::memory_order_acquire) == 1) return *map_;
        auto copied = std::make_unique<context_map>();
        copied->entries = map_->entries;
        drop_map();
        return *(map_ = copied.release());
    }

    void drop_map() noexcept {
        // Acquire and release: the last holder destroys what the others have read.
        if (map_ && map_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete map_;
    }

    std::atomic<std::uint32_t> references_{1};
    context_map* map_;
};

TORUS_FAST_TLS constinit thread_local bool held_context::in_use_ = false;

namespace {

/// What runs on this thread outside of tasks.
TORUS_FAST_TLS constinit thread_local context_cell* outside_of_tasks = nullptr;

/// Lets go of it at the thread's end.
struct thread_end {
    ~thread_end() {
        if (context_cell* cell = std::exchange(outside_of_tasks, nullptr)) cell->release();
    }
};

context_cell*& current_place() { return running.task ? running.task->context_place() : outside_of_tasks; }

context_cell* current_cell() noexcept { return running.task ? running.task->context() : outside_of_tasks; }

std::uint64_t next_number() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;  // relaxed: they need only differ
}

}  // namespace

void held_context::retain() noexcept {
    in_use_ = true;
    cell_->retain();
}

void held_context::release() noexcept { cell_->release(); }

held_context held_context::copied_from_current() {
    held_context copied;
    const context_cell* const current = current_cell();
    if (current && current->size() > 0) copied.place() = current->copy();
    return copied;
}

entered_context::entered_context(context_cell* entered) : place_(current_place()), outer_(place_) {
    held_context shared(entered);
    place_ = std::exchange(shared.place(), nullptr);
}

entered_context::~entered_context() {
    held_context left;
    left.place() = std::exchange(place_, outer_);
}

chosen_context::chosen_context(const context& chosen) noexcept : cell_(chosen.held_.cell()) {}

context_variable::context_variable(std::source_location declared) noexcept
    : number_(next_number()), declared_(declared) {}

const void* context_variable::find() const noexcept {
    if (!held_context::is_in_use()) return nullptr;
    const context_cell* const current = current_cell();
    return current ? current->find(number_) : nullptr;
}

context_token context_variable::exchange(std::shared_ptr<const void> value) const {
    context_cell*& current = current_place();
    if (!current) {
        current = new context_cell;
        if (!running.task) {
            thread_local thread_end at_end;
            static_cast<void>(at_end);
        }
    }
    context_token token(held_context(current), number_, nullptr);
    token.before_ = current->exchange(number_, std::move(value));
    return token;
}

void context_variable::reset(context_token& token) const {
    if (!token.where_.cell()) throw invalid_state_error("torus: a token of a context variable can be used only once");
    if (token.variable_ != number_) throw invalid_state_error("torus: the token is of another context variable");
    if (token.where_.cell() != current_cell()) throw invalid_state_error("torus: the token is of another context");
    token.where_.cell()->exchange(number_, std::move(token.before_));
    token.where_ = held_context();
}

void context_variable::throw_unset() const {
    throw std::out_of_range("torus: no value is set for the context variable declared at " + describe(declared_));
}

context::context() { held_.place() = new context_cell; }

context::context(const context& other) { held_.place() = other.held_.cell()->copy(); }

context context::copy() {
    held_context copied = held_context::copied();
    return copied.cell() ? context(std::move(copied)) : context();
}

bool context::contains(const context_variable& variable) const noexcept {
    return held_.cell()->find(variable.number_) != nullptr;
}

std::size_t context::size() const noexcept { return held_.cell()->size(); }

/// The task's own from now on, where it had none.
context any_task::context() const {
    context_cell*& own = record_->context_place();
    if (!own) own = new context_cell;
    return torus::context(held_context(own));
}

}  // namespace torus::inline v0
