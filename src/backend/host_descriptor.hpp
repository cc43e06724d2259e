// src/backend/host_descriptor.hpp: the one descriptor by which a foreign event loop knows that ours has something to do.
#pragma once

#include <torus/core/clock.hpp>

namespace torus::inline v0 {

/// An epoll of a backend's descriptor and of a timer. It is readable while either is; it is never read itself.
class host_descriptor {
public:
    /// @throws std::system_error  no descriptor is left
    explicit host_descriptor(int backend);
    ~host_descriptor();
    host_descriptor(const host_descriptor&) = delete;
    host_descriptor& operator=(const host_descriptor&) = delete;

    int number() const noexcept { return epoll_; }

    /// Readable from `when` on, and not before because of the time; at once if that has passed; max() is never.
    void arm(time_point when) noexcept;

    /// Not readable any more, whatever happens.
    void silence() noexcept;

private:
    int epoll_;
    int timer_;
    int backend_;
    time_point armed_ = time_point::max();
};

}  // namespace torus::inline v0
