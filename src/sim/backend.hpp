// src/sim/backend.hpp: a world with a simulated host.
#pragma once

#include <cstddef>
#include <string_view>

#include <torus/core/backend.hpp>

#include "backend/operation_list.hpp"
#include "backend/wake_event.hpp"
#include "sim/host.hpp"

namespace torus::inline v0::sim {

/// Operations on simulated sockets: tried, put in line, and tried again when their socket has changed.
class host_backend final : public backend, private socket_watcher {
public:
    explicit host_backend(std::shared_ptr<const network_options> options);
    ~host_backend() override;

    bool attempt(operation& op) noexcept override;
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    void wait(duration at_most) noexcept override;
    void wake() noexcept override { wake_.ring(); }
    std::size_t in_flight() const noexcept override { return in_flight_; }
    int descriptor() override;
    bool has_work() const noexcept override { return !ended_.empty(); }
    socket_calls& sockets() noexcept override { return *calls_; }
    bool has_outside() const noexcept override { return has_work(); }
    time_point next_event() const noexcept override { return wire_.events().next(); }
    void pass_time() noexcept override;
    std::string_view name() const noexcept override { return "sim"; }

private:
    void changed(socket& one) noexcept override;
    std::int32_t perform(operation& op, socket& on);
    std::int32_t proceed(operation& op, socket& on);
    std::int32_t accept(const operation& op, socket& on);
    std::int32_t transfer(const operation& op, socket& on);
    void retry(operation_list& line, socket& on, bool all);
    void end(operation& op, std::int32_t result) noexcept;

    mutable wire wire_;
    host host_;
    std::unique_ptr<socket_calls> calls_;
    wake_event wake_;
    bool watched_ = false;  // somebody else waits for the wakes, and is to hear of each of them once
    std::size_t in_flight_ = 0;
    operation_list ended_;
};

/// The calls that never wait, of a simulated host.
std::unique_ptr<socket_calls> calls_of(host& h, wire& w);

}  // namespace torus::inline v0::sim
