// src/sim/backend.hpp: operations on the sockets and files of a simulated kernel.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include <torus/core/socket_calls.hpp>

#include "backend/simulated.hpp"
#include "sim/disk_calls.hpp"
#include "sim/kernel.hpp"
#include "sim/threads.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// Operations on simulated sockets: tried, put in line, and tried again when their socket has changed. Those on files are
/// done when their disk has taken its time.
class kernel_backend : public simulated_backend, private socket_watcher {
public:
    kernel_backend(std::shared_ptr<wire> on, int host, std::shared_ptr<disk> with, bool real_threads);
    ~kernel_backend() override;

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    socket_calls& sockets() noexcept override { return *calls_; }
    file_calls* files() noexcept override { return &files_; }
    thread_calls& threads() noexcept override;
    int random(void* into, std::size_t size) noexcept override;

    /// From now on nothing reaches it, and what it sends gets lost; its disk has nothing to do with it any more.
    void cut_off() noexcept;

    /// The program stands still, and its threads with it.
    void set_paused(bool paused);

    /// Destructors of a program that was killed change no files.
    void silence() noexcept;

    /// Closes what a program has left open.
    void close_all() noexcept;

protected:
    wire& between() const noexcept { return *wire_; }

private:
    void changed(socket& one) noexcept override;
    std::int32_t perform(operation& op, socket& on);
    std::int32_t proceed(operation& op, socket& on);
    std::int32_t accept(const operation& op, socket& on);
    std::int32_t transfer(const operation& op, socket& on);
    void retry(operation_list& line, socket& on, bool all);
    void finish(operation& op, std::int32_t result) noexcept;
    void submit_to_disk(operation& op);
    void end_at_disk(int descriptor) noexcept;
    void end_early(operation& op) noexcept;

    const std::shared_ptr<wire> wire_;
    kernel kernel_;
    std::unique_ptr<socket_calls> calls_;
    const std::shared_ptr<simulated_threads> threads_;  // null: real ones
    disk_calls files_;
    // Operations that wait for the disk, and those that have ended and the program has not heard of it.
    std::map<operation*, agenda::key> late_;
};

}  // namespace torus::inline v0::sim
