// cli/fetch/body_budget.cpp: how much memory bodies may take that are being received, or wait to be written.
#include "cli/fetch/body_budget.hpp"

#include <algorithm>

namespace torus::inline v0::cli {

body_budget::body_budget(std::size_t largest_body, std::size_t total) noexcept
    : shared_(std::max(total > largest_body ? total - largest_body : 0, least_shared_memory)), largest_(largest_body) {}

// What the others hold never exceeds the common part, since they grow only while everything fits into it; and the
// favoured one is one body. So held_ stays within total().
bool body_budget::admit(lease& to, std::size_t bytes) noexcept {
    if (held_ + bytes > shared_) {
        if (!favoured_) favoured_ = &to;
        if (favoured_ != &to) return false;
    }
    held_ += bytes;
    to.size_ += bytes;
    return true;
}

void body_budget::give_back(lease& from) noexcept {
    held_ -= from.size_;
    from.size_ = 0;
    if (favoured_ == &from) favoured_ = nullptr;
    wake();
}

void body_budget::wake() noexcept {
    while (!waiting_.empty()) {
        auto& first = static_cast<growing&>(*waiting_.front());
        if (!first.try_again()) return;
    }
}

void body_budget::lease::release() noexcept {
    if (size_ > 0 || budget_->favoured_ == this) budget_->give_back(*this);
}

// First come first served; only the favoured one passes, on whom the others wait.
bool body_budget::growing::await_ready() noexcept {
    body_budget& b = budget();
    return (b.waiting_.empty() || b.favoured_ == lease_) && b.admit(*lease_, bytes_);
}

bool body_budget::growing::await_suspend(std::coroutine_handle<> h) {
    if (!begin_wait(h)) return false;
    budget().waiting_.push_back(*this);
    return true;
}

bool body_budget::growing::try_again() noexcept {
    if (!budget().admit(*lease_, bytes_)) return false;
    budget().waiting_.erase(*this);
    make_ready();
    return true;
}

void body_budget::growing::cancel() noexcept {
    budget().waiting_.erase(*this);
    make_cancelled();
    budget().wake();
}

}  // namespace torus::inline v0::cli
