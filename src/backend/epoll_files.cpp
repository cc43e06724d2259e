// src/backend/epoll_files.cpp: what epoll can't wait for, called on the loop's threads.
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include <torus/core/frame.hpp>
#include <torus/core/thread_pool.hpp>

#include "backend/direct.hpp"
#include "backend/epoll.hpp"
#include "backend/epoll_places.hpp"

namespace torus::inline v0 {

/// An operation on its way through a thread. It is shared with the pool; the operation stays where it is, in a frame
/// that isn't destroyed before the operation has completed.
class epoll_backend::file_job final : public thread_job {
public:
    file_job(epoll_backend& in, operation& of) noexcept : world(in), op(of) {}

    static void* operator new(std::size_t size) { return frame_memory::allocate(size); }
    static void operator delete(void* job, std::size_t size) noexcept { frame_memory::deallocate(job, size); }

    void execute() noexcept override { result = direct::call(op); }
    void refuse() noexcept override { result = op.what == verb::close ? direct::call(op) : -ECANCELED; }
    void finished(event_loop&) noexcept override {
        world.job_done(*this);
        release();
    }
    void returned() noexcept override { release(); }

    epoll_backend& world;
    operation& op;
    std::int32_t result = 0;
    file_job* next = nullptr;
    file_job* previous = nullptr;
};

void epoll_backend::submit_job(operation& op) noexcept {
    descriptor_state* const state = descriptors_.reach(op.descriptor);
    if (!state && op.descriptor >= 0) return end(op, why_unreachable(op.descriptor));
    if (state && state->closing) return end(op, -EBADF);
    if (const int error = start_job(op); error != 0) return end(op, -error);
    if (state) ++state->jobs;
}

/// The job of a close is none of the descriptor's: when the thread has closed the number, and before we hear of it, the
/// number may be that of a new file.
void epoll_backend::submit_close(operation& op) noexcept {
    descriptor_state* const state = descriptors_.find(op.descriptor);
    if (state && state->closing) return end(op, -EBADF);
    if (state) {
        end_all(*state);
        cancel_jobs_on(op.descriptor);
        if (state->jobs > 0) {
            state->closing = true;
            op.in_backend.state = epoll_place::in_closers;
            return closers_.push_back(op);
        }
        renew(*state);
    }
    if (start_job(op) != 0) end(op, direct::call(op));  // nobody else is there to do it
}

/// Has a thread make the call. Returns an errno.
int epoll_backend::start_job(operation& op) noexcept {
    file_job* job = nullptr;
    try {
        job = new file_job(*this, op);
        job->submit_to(running.loop->threads().queue());
    } catch (const std::system_error& no_thread) {
        job->release();
        return no_thread.code().value();
    } catch (const std::runtime_error&) {  // the loop ends, and has closed its pool
        job->release();
        return ECANCELED;
    } catch (const std::bad_alloc&) {
        if (job) job->release();
        return ENOMEM;
    }
    op.in_backend.state = epoll_place::on_thread;
    op.in_backend.carrier = job;
    job->next = first_job_;
    if (first_job_) first_job_->previous = job;
    first_job_ = job;
    return 0;
}

/// Takes the job out of the list, and closes its descriptor if that waited for it.
void epoll_backend::forget_job(file_job& job) noexcept {
    (job.previous ? job.previous->next : first_job_) = job.next;
    if (job.next) job.next->previous = job.previous;
    if (descriptor_state* const state = job.op.what == verb::close ? nullptr : descriptors_.find(job.op.descriptor)) {
        --state->jobs;
        if (state->closing && state->jobs == 0) close_now(job.op.descriptor, *state);
    }
    job.release();
}

/// On the loop's thread, right after wait(): the one completion that comes from outside of it.
void epoll_backend::job_done(file_job& job) noexcept {
    operation& op = job.op;
    op.result = job.result;
    forget_former(op, job.result);
    forget_job(job);
    deliver(op);
}

/// A call that has begun can't be interrupted: its result wins.
void epoll_backend::cancel_job(operation& op) noexcept {
    auto& job = *static_cast<file_job*>(op.in_backend.carrier);
    if (!job.withdraw()) return;
    forget_job(job);
    end(op, -ECANCELED);
}

void epoll_backend::cancel_jobs_on(int descriptor) noexcept {
    for (file_job* job = first_job_; job;) {
        file_job* const next = job->next;
        if (job->op.descriptor == descriptor && job->op.what != verb::close) cancel_job(job->op);
        job = next;
    }
}

/// Threads that the loop has left behind hold references of their own.
void epoll_backend::drop_jobs() noexcept {
    while (file_job* const job = first_job_) {
        first_job_ = job->next;
        job->release();
    }
}

}  // namespace torus::inline v0
