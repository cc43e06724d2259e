// torus/io/descriptor.hpp: a file descriptor and the duty to close it.
#pragma once

#include <utility>

namespace torus::inline v0 {

/// Owns a file descriptor.
///
/// It closes through the loop that runs on this thread, if one does: operations on the descriptor that are in flight
/// end first, with `connection_closed`, and only then is the number free for something else. A bare close(2) would
/// leave them with the kernel.
class descriptor {
public:
    descriptor() noexcept = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        const int taken = other.release();
        close();
        number_ = taken;
        return *this;
    }
    ~descriptor() { close(); }

    /// The kernel's number for it; -1 if there is none.
    int number() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

    /// Gives the descriptor up without closing it.
    int release() noexcept { return std::exchange(number_, -1); }

    /// Closes it now. Harmless when repeated.
    void close() noexcept;

private:
    int number_ = -1;
};

}  // namespace torus::inline v0
