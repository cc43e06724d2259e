// src/backend/simulated.hpp: a world in which nothing happens but time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <torus/core/backend.hpp>

#include "backend/operation_list.hpp"
#include "backend/wake_event.hpp"

namespace torus::inline v0 {

/// The simulated backend: it has neither network nor files. `nop` completes, everything else is answered -ENOSYS.
/// Its time is the loop's simulated clock; it waits in real time only for the threads of `to_thread`. A world with more in
/// it is made of this one.
class simulated_backend : public backend {
public:
    /// @throws std::system_error  no descriptor is left
    simulated_backend() = default;

    bool attempt(operation&) noexcept override { return false; }
    void submit(operation& op) noexcept override;
    void cancel(operation& op) noexcept override;
    void close(int descriptor) noexcept override;
    file_calls* files() noexcept override { return nullptr; }
    void wait(duration at_most) noexcept override;
    void wake() noexcept override { wake_.ring(); }
    std::size_t in_flight() const noexcept override { return in_flight_; }
    int descriptor() override;
    bool has_work() const noexcept override { return !ended_.empty(); }
    bool has_outside() const noexcept override { return has_work(); }
    std::string_view name() const noexcept override { return "sim"; }

protected:
    void begin(operation& op) noexcept;
    void end(operation& op, std::int32_t result) noexcept;  // the next wait() delivers it

private:
    wake_event wake_;
    bool watched_ = false;  // somebody else waits for the wakes, and is to hear of each of them once
    std::size_t in_flight_ = 0;
    operation_list ended_;
};

}  // namespace torus::inline v0
