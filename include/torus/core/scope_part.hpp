// torus/core/scope_part.hpp: what is in a cancel scope.
#pragma once

namespace torus::inline v0 {

class cancel_scope;
class task_record;

/// What is in a cancel scope: a task, or another scope. It leaves when it goes.
class scope_part {
public:
    /// @param task  null for a scope
    explicit scope_part(task_record* task) noexcept : task_(task) {}
    scope_part(const scope_part&) = delete;
    scope_part& operator=(const scope_part&) = delete;
    ~scope_part() { move_to(nullptr); }

    /// The scope that it is in; null for none.
    cancel_scope* enclosing() const noexcept { return enclosing_; }

    /// Out of the scope that it is in, into that one, as the last; null for none.
    void move_to(cancel_scope* scope) noexcept;

private:
    friend class cancel_scope;

    task_record* const task_;
    cancel_scope* enclosing_ = nullptr;
    scope_part* next_ = nullptr;
    scope_part* previous_ = nullptr;
};

}  // namespace torus::inline v0
