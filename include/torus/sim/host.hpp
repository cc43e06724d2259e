// torus/sim/host.hpp: a host of a simulated world.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/core/clock.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/submitted.hpp>
#include <torus/io/address.hpp>
#include <torus/sim/disk.hpp>

namespace torus::inline v0::sim {

struct host_options {
    const char* address = nullptr;  // its only one: a literal; null for one of each family, chosen by the world
    duration ahead = duration::zero();  // its clock is so far ahead of the world's
    duration drift = duration::zero();  // and gains that in each second: half a second at most
    disk_options disk = {};
};

/// What a host runs whenever it starts. A function does for most.
class program {
public:
    virtual ~program() = default;
    virtual async<> begin() = 0;
};

template <class Function> class function_program final : public program {
public:
    explicit function_program(Function function) : function_(std::move(function)) {}
    async<> begin() override { return function_(); }

private:
    Function function_;
};

/// A host of a `world`: a kernel with addresses, and one program at a time. These functions are for the scenario and for
/// programs of other hosts; what a program asks for its own host is done when its turn is over.
class host {
public:
    host(class world_driver& in, std::unique_ptr<class machine> of);
    ~host();
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    const std::string& name() const noexcept;

    /// Its address, with that port; none if it has none of that family.
    address ip(std::uint16_t port = 0, address_family family = address_family::ipv4) const;

    /// Whether its program runs, or is paused.
    bool is_up() const noexcept;

    /// Runs the program from its beginning.
    /// @throws invalid_state_error  it runs
    void start();

    /// Cancels the program's main, as SIGINT would; what else it has started then ends as at the end of `run`.
    void stop();

    /// Ends the program at once, as SIGKILL does: none of its tasks goes on, destructors run, and the kernel closes what
    /// was open, so that others hear of it.
    void kill();

    /// Ends it all at once, as a power failure does: others hear nothing. What comes for it gets lost until it starts again,
    /// with a new kernel, and the disk as the crash has left it: see `disk_options`.
    void crash();

    /// From now on its disk behaves like this: a failing one, or one that is full.
    void set_disk(const disk_options& options) noexcept;

    /// @{ The program stands still, while its kernel goes on to answer; when it is resumed, it is late for everything.
    void pause();
    void resume();
    /// @}

    /// Waits until the program that runs now has ended, however that was.
    async<> ended();

    /// Runs a coroutine beside its program, as `event_loop::submit`.
    /// @throws invalid_state_error  no program runs
    template <class T> submitted<T> submit(async<T> coroutine) {
        if (!is_up()) coroutine.discard();  // what is refused is no mistake of its own
        return loop().submit(std::move(coroutine));
    }

private:
    friend class world_driver;
    event_loop& loop() const;

    world_driver& world_;
    std::unique_ptr<machine> machine_;
};

}  // namespace torus::inline v0::sim
