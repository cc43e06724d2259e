// src/backend/host_descriptor.cpp: an epoll and a timer in it.
#include "backend/host_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

bool add(int epoll, int descriptor) noexcept {
    epoll_event event{EPOLLIN, {.fd = descriptor}};
    return descriptor >= 0 && ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

host_descriptor::host_descriptor(int backend) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), timer_(-1), backend_(backend) {
    if (epoll_ >= 0) timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (epoll_ >= 0 && add(epoll_, timer_) && add(epoll_, backend_)) return;
    const int error = errno;
    if (timer_ >= 0) ::close(timer_);
    if (epoll_ >= 0) ::close(epoll_);
    throw std::system_error(error, std::system_category(), "torus: a descriptor for a foreign event loop");
}

host_descriptor::~host_descriptor() {
    ::close(timer_);
    ::close(epoll_);
}

void host_descriptor::arm(time_point when) noexcept {
    if (when == armed_) return;  // one that has passed stays readable until it is set anew
    armed_ = when;
    itimerspec setting{};  // zero: never
    if (when != time_point::max()) {
        const duration since_boot = std::max(when.time_since_epoch(), duration(1));  // zero would mean never
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
        setting.it_value.tv_sec = static_cast<time_t>(seconds.count());
        setting.it_value.tv_nsec = static_cast<long>((since_boot - seconds).count());
    }
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &setting, nullptr);  // fails only for times that there are none of
}

void host_descriptor::silence() noexcept {
    arm(time_point::max());
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, backend_, nullptr);
}

}  // namespace torus::inline v0
