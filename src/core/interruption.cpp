// src/core/interruption.cpp: whose cancellation it was.
#include <torus/core/interruption.hpp>

namespace torus::inline v0 {

void interruption::request() noexcept {
    if (requested_) return;
    requested_ = true;
    delivered_at_request_ = target_.delivered();
    if (!target_.cancel_pending()) target_.note_reason(nullptr);  // else the reason of whoever was first stands
    target_.request_cancel();
}

bool interruption::take_back() noexcept {
    if (!requested_) return false;
    requested_ = false;
    // If nothing has been thrown since, one of those to be thrown is this one.
    if (target_.undelivered() > 0 && target_.delivered() <= delivered_at_request_) --target_.due_;
    return target_.uncancel() <= delivered_before_ && !target_.is_cancel_lasting();
}

}  // namespace torus::inline v0
