// src/backend/wake_event.hpp: an eventfd that other threads and signal handlers ring.
#pragma once

namespace torus::inline v0 {

/// Readable from the first ring() on. Whoever waits for it by its edges never has to read it.
class wake_event {
public:
    /// @throws std::system_error  no descriptor is left
    wake_event();
    ~wake_event();
    wake_event(const wake_event&) = delete;
    wake_event& operator=(const wake_event&) = delete;

    int descriptor() const noexcept { return descriptor_; }

    /// From any thread, and from signal handlers: one write(2), errno as it was.
    void ring() noexcept;

    /// Makes it unreadable until the next ring().
    void silence() noexcept;

private:
    int descriptor_;
};

}  // namespace torus::inline v0
