// src/sim/backend.hpp: a world with a simulated host.
#pragma once

#include <cstdint>
#include <memory>

#include <torus/core/socket_calls.hpp>

#include "backend/simulated.hpp"
#include "sim/host.hpp"
#include "sim/network.hpp"

namespace torus::inline v0::sim {

/// Operations on simulated sockets: tried, put in line, and tried again when their socket has changed.
class host_backend final : public simulated_backend, private socket_watcher {
public:
    explicit host_backend(std::shared_ptr<const network_options> options);

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    socket_calls& sockets() noexcept override { return *calls_; }
    time_point next_event() const noexcept override { return wire_.next_event(); }
    void pass_time() noexcept override { const wire::turn now(wire_); }

private:
    void changed(socket& one) noexcept override;
    std::int32_t perform(operation& op, socket& on);
    std::int32_t proceed(operation& op, socket& on);
    std::int32_t accept(const operation& op, socket& on);
    std::int32_t transfer(const operation& op, socket& on);
    void retry(operation_list& line, socket& on, bool all);
    void leave_line(operation& op, std::int32_t result) noexcept;

    wire wire_;
    host host_;
    std::unique_ptr<socket_calls> calls_;
};

}  // namespace torus::inline v0::sim
