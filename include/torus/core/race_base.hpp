// torus/core/race_base.hpp: who came first, and what becomes of the others.
#pragma once

#include <torus/core/gather_base.hpp>

namespace torus::inline v0 {

/// The part of a race that does not depend on the children's types: a gather that the first end decides. Tasks among the
/// children that lose are left alone, and so are their errors.
class race_base : public gather_base {
public:
    race_base(race_base&& idle) noexcept : gather_base(static_cast<gather_base&&>(idle)) {}

protected:
    race_base() noexcept : gather_base(task_state::pending) {}
    ~race_base() = default;

    bool came_first(const task_record& child) const noexcept { return &child == first_; }

    /// Hears of each end. A task that is done when the race begins has won it.
    void note_end(task_record& child) noexcept final;

private:
    void note_watched(task_record&) noexcept final {}
    void cancel() noexcept final;

    task_record* first_ = nullptr;
};

[[noreturn]] void refuse_empty_race();

}  // namespace torus::inline v0
