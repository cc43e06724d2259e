// src/backend/epoll.hpp: the backend that calls first and waits for readiness, with files on threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <torus/core/backend.hpp>

#include "backend/descriptor_table.hpp"
#include "backend/operation_list.hpp"
#include "backend/wake_event.hpp"

#include <sys/epoll.h>

namespace torus::inline v0 {

/// epoll. Each descriptor is registered once, edge-triggered, when an operation on it has to wait for the first time.
/// Operations wait in line, readers and writers apart. No edge is lost: what the last call or event said of a descriptor
/// is kept, and nothing waits that might succeed.
///
/// What epoll can't wait for (regular files, and opening, syncing and asking about any) is called on the loop's threads.
///
/// A descriptor whose number is given away with plain close(2), and comes back as another file, is noticed by accept,
/// connect, open and poll, but not by a receive or send on it.
class epoll_backend final : public backend {
public:
    /// @throws std::system_error  no descriptor is left
    epoll_backend();
    ~epoll_backend() override;

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    void wait(duration at_most) noexcept override;
    void wake() noexcept override { wake_.ring(); }
    std::size_t in_flight() const noexcept override { return in_flight_; }
    int descriptor() override { return epoll_; }
    bool has_work() const noexcept override { return first_runnable_ >= 0 || !ended_.empty(); }
    std::string_view name() const noexcept override { return "epoll"; }

private:
    class file_job;
    enum class kind : std::uint8_t { unknown, nonblocking, blocking, file };
    enum class transport : std::uint8_t { unknown, tcp, other };

    struct descriptor_state {
        operation_list readers;
        operation_list writers;
        operation_list pollers;
        std::uint32_t generation = 0;  // of the descriptor's number
        std::uint32_t events = 0;  // registered with epoll
        std::uint32_t jobs = 0;  // on threads
        int next_runnable = -1;
        bool runnable = false;
        bool readable = true;  // the next call may succeed: no call has said EAGAIN since the last event
        bool writable = true;
        bool eventful = false;  // an end, an error or urgent data was seen: a short read doesn't mean "empty" any more
        bool asks_before_reading = true;  // a read may be had from the kernel's memory
        bool closing = false;
        kind how = kind::unknown;
        transport over = transport::unknown;
    };

    bool attempt_cached(operation& op, descriptor_state& state) noexcept;
    std::int32_t try_now(operation& op, descriptor_state& state) noexcept;
    void note_receipt(const operation& op, descriptor_state& state, std::int32_t result) noexcept;
    void classify(int descriptor, descriptor_state& state) noexcept;
    void forget_former(const operation& op, std::int32_t result) noexcept;
    void renew(descriptor_state& state) noexcept;
    int watch(int descriptor, descriptor_state& state, std::uint32_t events) noexcept;

    void enqueue(operation& op, operation_list& list, descriptor_state& state) noexcept;
    void submit_poll(operation& op, descriptor_state& state) noexcept;
    void submit_connect(operation& op, descriptor_state& state) noexcept;
    void make_runnable(int descriptor, descriptor_state& state) noexcept;
    void run_runnable() noexcept;
    void run(int descriptor) noexcept;
    void run_list(operation_list& list, bool& ready, descriptor_state& state) noexcept;
    void run_pollers(descriptor_state& state, std::uint32_t seen) noexcept;
    void end(operation& op, std::int32_t result) noexcept;
    void end_all(descriptor_state& state) noexcept;
    void deliver(operation& op) noexcept;

    int sleep(duration at_most) noexcept;
    void on_event(const epoll_event& event) noexcept;
    void close_now(int descriptor, descriptor_state& state) noexcept;

    void submit_close(operation& op) noexcept;
    void submit_job(operation& op) noexcept;
    int start_job(operation& op) noexcept;
    void cancel_job(operation& op) noexcept;
    void cancel_jobs_on(int descriptor) noexcept;
    void job_done(file_job& job) noexcept;
    void forget_job(file_job& job) noexcept;
    void drop_jobs() noexcept;

    static constexpr std::size_t events_at_once = 256;  // per system call; more come with the next one

    int epoll_ = -1;
    wake_event wake_;
    std::size_t in_flight_ = 0;
    int first_runnable_ = -1;
    bool has_nanoseconds_ = true;  // epoll_pwait2 is there
    operation_list ended_;  // have a result, and wait for wait()
    operation_list closers_;  // wait for the calls on their descriptors that have begun
    file_job* first_job_ = nullptr;
    descriptor_table<descriptor_state> descriptors_;
    std::array<epoll_event, events_at_once> events_;
};

}  // namespace torus::inline v0
