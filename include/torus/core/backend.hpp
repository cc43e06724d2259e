// torus/core/backend.hpp: the world outside a loop: a kernel, or a simulation of one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <torus/core/clock.hpp>
#include <torus/core/operation.hpp>

namespace torus::inline v0 {

/// The worlds there are. `automatic` is io_uring where the kernel allows it and is new enough, epoll elsewhere;
/// the environment variable TORUS_BACKEND (io_uring, epoll, sim) decides where the program doesn't.
enum class backend_kind : unsigned char { automatic, io_uring, epoll, sim };

/// The world outside a loop. All functions but wake() belong to the loop's thread.
///
/// Completions are delivered by `event_loop::completed(operation)`, from within wait() and nowhere else.
class backend {
public:
    virtual ~backend() = default;

    /// Tries `op` without waiting. True if it is complete, its result set: nothing was, or will be, submitted.
    /// False means that it would have to wait, or that this world prefers to have it submitted.
    virtual bool attempt(operation& op) noexcept = 0;

    /// Takes `op` on. It completes exactly once, from within a later wait().
    virtual void submit(operation& op) noexcept = 0;

    /// Asks for `op` to end soon. Its completion still comes: -ECANCELED, or an answer that was quicker.
    /// Constant time; never dropped, however full the kernel's queues are.
    virtual void cancel(operation& op) noexcept = 0;

    /// Ends every operation on `descriptor` with -ECANCELED, and closes it once the kernel holds none.
    /// The number is not used again for anything else before.
    virtual void close(int descriptor) noexcept = 0;

    /// Enters the kernel: submits what waits to be, then sleeps until an operation completes, for `at_most`, or until
    /// wake(). Delivers what has completed. Zero polls; duration::max() is for ever.
    virtual void wait(duration at_most) noexcept = 0;

    /// Ends the wait() of now, or the next. For every thread, and for signal handlers. May be called after shutdown.
    virtual void wake() noexcept = 0;

    /// Operations and closes that the kernel (or the simulated one) still holds.
    virtual std::size_t in_flight() const noexcept = 0;

    /// What poll(2) calls readable when a wait() would find something in the kernel. It stays the backend's own.
    /// @throws std::system_error  no descriptor is left
    virtual int descriptor() = 0;

    /// Whether a wait() has something to do that the kernel does not know of yet, so that no descriptor tells of it.
    virtual bool has_work() const noexcept = 0;

    /// What is asked of this world's sockets and answered at once.
    virtual class socket_calls& sockets() noexcept;

    /// What is asked of its files beside operations; null where it has none.
    virtual class file_calls* files() noexcept;

    /// The threads that work for its loops.
    virtual class thread_calls& threads() noexcept;

    /// Fills memory with what nobody can foresee, but who knows the seed of a simulated world: how much, or a negative errno,
    /// as getrandom(2).
    virtual int random(void* into, std::size_t size) noexcept;

    /// @{ For the simulated clock, which goes on when nothing can happen but that time passes: whether something in flight
    /// may end without that, when something happens here by itself, and that the clock stands there now.
    virtual bool has_outside() const noexcept { return in_flight() > 0; }
    virtual time_point next_event() const noexcept { return time_point::max(); }
    virtual void pass_time() noexcept {}
    /// Whether other loops of this thread have the same clock, which somebody moves for all of them.
    virtual bool shares_time() const noexcept { return false; }
    /// @}

    /// The hosts file of a simulated world, which is all that is known there of names, unless a DNS server is asked; null
    /// where the real files tell.
    virtual const std::string* hosts() const noexcept { return nullptr; }

    /// io_uring, epoll, or sim.
    virtual std::string_view name() const noexcept = 0;
};

/// Where a run has its backend from, if not from the kernel: a simulated world.
class backend_source {
public:
    virtual ~backend_source() = default;
    virtual std::shared_ptr<backend> make_backend() const = 0;
};

/// Makes the backend asked for; `automatic` as explained above.
/// @throws std::system_error      the kernel refuses it; what() says why
/// @throws std::invalid_argument  TORUS_BACKEND names none of them
std::shared_ptr<backend> make_backend(backend_kind kind);

/// What TORUS_BACKEND names, where the program leaves it to that; `automatic` if it names nothing.
/// @throws std::invalid_argument  it names none of them
backend_kind backend_of_environment();

/// What `automatic` would choose here, and why, in a sentence for `torus --version`.
/// @throws std::invalid_argument  TORUS_BACKEND names none of them
std::string describe_backend_choice();

}  // namespace torus::inline v0
