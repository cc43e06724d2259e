// src/sim/backend.hpp: operations on the sockets of a simulated kernel.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include <torus/core/socket_calls.hpp>

#include "backend/simulated.hpp"
#include "sim/kernel.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// Operations on simulated sockets: tried, put in line, and tried again when their socket has changed.
class kernel_backend : public simulated_backend, private socket_watcher {
public:
    kernel_backend(std::shared_ptr<wire> on, int host);
    ~kernel_backend() override;

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    socket_calls& sockets() noexcept override { return *calls_; }

    /// From now on nothing reaches it, and what it sends gets lost.
    void cut_off() noexcept { wire_->detach(kernel_); }

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

    const std::shared_ptr<wire> wire_;
    kernel kernel_;
    std::unique_ptr<socket_calls> calls_;
    std::map<operation*, agenda::key> late_;  // operations that have ended, of which the program has not heard
};

}  // namespace torus::inline v0::sim
