// src/core/runner.cpp: entering and leaving a loop that outlives its runs.
#include <torus/core/runner.hpp>

#include <stdexcept>

#include "core/outside_of_loops.hpp"

namespace torus::inline v0 {

runner::runner(run_options options) : loop_(std::make_unique<main_loop>(options)), thread_(&running) {
    event_loop::leave();
}

runner::~runner() {
    if (!loop_) return;
    const outside_of_loops here;
    close_loop();
}

event_loop& runner::loop() const {
    if (!loop_) throw std::runtime_error("torus: the runner is closed");
    return loop_->loop();
}

void runner::require_usable() const {
    static_cast<void>(loop());
    require_no_loop();
    if (thread_ != &running) throw std::runtime_error("torus: a runner belongs to the thread where it was made");
}

void runner::close() {
    if (!loop_) return;
    require_usable();
    close_loop();
}

void runner::close_loop() {
    loop_->loop().enter();
    loop_->end_tasks();
    loop_.reset();  // which leaves the thread
}

}  // namespace torus::inline v0
