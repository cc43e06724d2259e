// src/core/generator.cpp: who may step a generator, who destroys it, and how a loop closes those that are left.
#include <torus/core/generator_step.hpp>

#include <stdexcept>

#include <torus/core/async.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/task.hpp>

#include "core/describe.hpp"
#include "core/task_list.hpp"

namespace torus::inline v0 {

generator_promise::~generator_promise() {
    if (owner_) owner_->promise_ = nullptr;
    delist();
}

generator_promise*& generator_promise::parked_on(event_loop& loop) noexcept { return loop.tasks_->generators; }

void generator_promise::enlist() noexcept {
    loop_ = running.loop;
    generator_promise*& first = parked_on(*loop_);
    next_ = first;
    if (first) first->previous_ = this;
    first = this;
}

void generator_promise::delist() noexcept {
    if (!loop_) return;
    (previous_ ? previous_->next_ : parked_on(*loop_)) = next_;
    if (next_) next_->previous_ = previous_;
    previous_ = next_ = nullptr;
    loop_ = nullptr;
}

void generator_promise::require_steppable() {
    if (phase_ == phase::stepping)
        throw invalid_state_error("torus: the generator is in use: somebody awaits its next value");
    if (!running.loop) throw_no_loop();
    if (loop_) throw invalid_state_error("torus: the generator belongs to a different event loop");
    enlist();
}

/// From here on `inner` and those to which it has handed its own steps on belong to this one's root.
bool generator_promise::delegate(generator_promise& inner) {
    if (inner.phase_ == phase::stepping || (inner.loop_ && inner.loop_ != running.loop)) inner.require_steppable();
    inner.delist();
    for (generator_promise* each = inner.leaf_; each != &inner;
         each = static_cast<generator_promise*>(each->self_.caller))
        each->root_ = root_;
    inner.root_ = root_;
    root_->leaf_ = inner.leaf_;
    inner.self_.caller = this;
    inner.phase_ = phase::stepping;
    const bool ended = inner.run_leaf();
    inner.leaf_ = &inner;  // from now on the root knows
    return ended;
}

void generator_promise::end_delegation(const generator_promise& inner) {
    root_->leaf_ = this;
    inner.rethrow();
}

/// The innermost first, without recursion.
void generator_promise::destroy_all() noexcept {
    for (generator_promise* each = leaf_; each != this;) {
        auto* const outer = static_cast<generator_promise*>(each->self_.caller);
        destroy_quietly(each->handle());
        each = outer;
    }
    destroy_quietly(handle());
}

/// Somebody who waits within it keeps it: it goes when that step is over.
void generator_base::drop() noexcept {
    if (!promise_) return;
    if (promise_->phase_ != generator_promise::phase::stepping) return promise_->destroy_all();
    promise_->owner_ = nullptr;
    promise_ = nullptr;
}

bool generator_closing::await_ready() noexcept {
    if (from_) closed_ = from_->promise_;
    if (closed_ && closed_->phase_ == generator_promise::phase::unbegun) {
        closed_->destroy_all();
        closed_ = nullptr;
    }
    return !closed_;
}

void generator_closing::begin() {
    if (!closed_->is_parked() || closed_->loop_ != running.loop) closed_->require_steppable();
    closed_->closing_ = true;
}

void generator_closing::await_resume() {
    if (!closed_) return;
    const generator_promise::step_end end(*closed_);
    if (closed_->is_parked()) throw invalid_state_error("torus: a generator yielded again after generator_exit");
    try {
        closed_->rethrow();
    } catch (const generator_exit&) {}
}

/// The youngest first: it may refer to an older one's locals.
async<> generator_promise::close_each(event_loop& loop) {
    while (generator_promise* const youngest = parked_on(loop)) {
        try {
            co_await generator_closing(*youngest);
        } catch (...) {
            report_problem("an error while a generator was being closed at the end", std::current_exception(), nullptr);
        }
        if (parked_on(loop) == youngest) youngest->delist();  // somebody else uses it again
    }
}

/// False if there is none.
bool event_loop::begin_closing_generators() {
    for (generator_promise* each = tasks_->generators; each;) {
        generator_promise* const next = each->next_;
        if (!each->is_parked()) each->delist();  // its frame has been leaked
        each = next;
    }
    if (!tasks_->generators) return false;
    spawn(generator_promise::close_each(*this), {.name = "closing generators"});
    return true;
}

void event_loop::close_generators(duration grace) {
    if (begin_closing_generators() && !run_until_no_tasks(grace)) cancel_all_tasks(grace);
}

/// What could not be closed: nothing of it runs but destructors.
void event_loop::drop_generators() noexcept {
    while (generator_promise* const youngest = tasks_->generators) {
        youngest->delist();
        if (youngest->is_parked()) youngest->destroy_all();
    }
}

}  // namespace torus::inline v0
