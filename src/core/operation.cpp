// src/core/operation.cpp: the trip of a request from a coroutine to the backend and back.
#include <torus/core/operation.hpp>

#include <cerrno>

#include <torus/core/loop.hpp>
#include <torus/core/task_record.hpp>

namespace torus::inline v0 {

bool operation::await_suspend(std::coroutine_handle<> h) {
    event_loop& loop = event_loop::current();
    // What keeps completing at once gives others their turn after a while: it then goes through the kernel's queue.
    if (running.completions_left > 0) {
        --running.completions_left;
        if (loop.world().attempt(*this)) return false;
    }
    if (!begin_wait(h)) return false;
    loop.world().submit(*this);
    return true;
}

void operation::cancel() noexcept {
    if (std::exchange(cancel_requested_, true)) return;
    waiting_task()->loop().world().cancel(*this);
}

void event_loop::completed(operation& op) noexcept {
    if (op.result == -ECANCELED && op.cancel_requested_) op.make_cancelled();
    else op.make_ready();
}

void operation::fail(const char* call) {
    end_wait();
    throw_errno(-result, call);
}

void throw_errno(int error, const std::string& what) {
    switch (error) {
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ECANCELED: throw connection_closed(error, what);
    default: throw std::system_error(error, std::system_category(), what);
    }
}

}  // namespace torus::inline v0
