// src/backend/operation_list.hpp: operations in a row, linked through themselves.
#pragma once

#include <torus/core/operation.hpp>

namespace torus::inline v0 {

/// A list of operations in order of arrival. It neither owns nor allocates; an operation is in one at a time.
class operation_list {
public:
    bool empty() const noexcept { return !first_; }
    operation* front() const noexcept { return first_; }

    static operation* after(const operation& op) noexcept { return op.in_backend.next; }

    void push_back(operation& op) noexcept {
        op.in_backend.next = nullptr;
        op.in_backend.previous = last_;
        if (last_) last_->in_backend.next = &op;
        else first_ = &op;
        last_ = &op;
    }

    void push_front(operation& op) noexcept {
        op.in_backend.previous = nullptr;
        op.in_backend.next = first_;
        if (first_) first_->in_backend.previous = &op;
        else last_ = &op;
        first_ = &op;
    }

    void erase(operation& op) noexcept {
        operation* const next = op.in_backend.next;
        operation* const previous = op.in_backend.previous;
        if (previous) previous->in_backend.next = next;
        else first_ = next;
        if (next) next->in_backend.previous = previous;
        else last_ = previous;
        op.in_backend.next = nullptr;
        op.in_backend.previous = nullptr;
    }

    operation* pop_front() noexcept {
        operation* const op = first_;
        if (op) erase(*op);
        return op;
    }

private:
    operation* first_ = nullptr;
    operation* last_ = nullptr;
};

}  // namespace torus::inline v0
