// torus/sim/network.hpp: a simulated network, for programs that are not to notice.
#pragma once

#include <cstdint>
#include <memory>

#include <torus/core/backend.hpp>
#include <torus/core/clock.hpp>
#include <torus/sim/disk.hpp>

namespace torus::inline v0::sim {

/// How the packets of a simulated network travel. What chance decides is decided by `seed`: the same seed, the same run.
struct network_options {
    std::uint64_t seed = 1;
    duration latency = duration::zero();  // this and what follows as in `link_options`
    duration most_latency = duration::zero();
    double loss = 0;
    double duplication = 0;
    std::uint64_t bandwidth = 0;
    double split = 0;  // the share of reads and writes of streams that move fewer bytes than they could
    double late = 0;  // the share of operations of whose end the program hears up to a millisecond later
    disk_options disk = {};
    bool real_threads = false;  // threads go their own ways, and time stands still while one is at work
};

/// A world with one host, which talks to itself by simulated TCP, UDP and Unix sockets. Each run has a new one.
///
///     const sim::network bad({.latency = 5ms, .loss = 0.01});
///     run(main(), {.world = &bad});
///
/// Time is virtual: it jumps to the next event when nothing is ready. `open_connection`, `start_server`, `udp_socket`,
/// and what stands on them, work as with the kernel, with sockets that no other process can reach. Its address is
/// 127.0.0.1, and ::1. TCP has handshakes, backlogs, windows, retransmission, resets and half closes as Linux has them,
/// but no congestion control; a datagram too many for its receiver is dropped. There is a disk with an empty /tmp, where the
/// working directory is the root. Processes, names that only the DNS knows, and watching files are not simulated: processes
/// and watchers answer ENOSYS. The numbers of its descriptors belong to no real one.
///
/// Threads of `to_thread`, of pools and of SQLite's connections move one at a time, until they sleep, while the loop stands
/// still. One that waits in its own way for what the loop, or another thread, is to do needs `real_threads`; then the seed
/// does not decide everything.
///
/// Several hosts that talk to each other are a `sim::world`.
class network final : public backend_source {
public:
    /// @param options  for all packets, also those on the way from 127.0.0.1 to itself
    explicit network(const network_options& options = {});

    /// From now on packets travel like this, those that are on their way excepted, and the disk behaves like this; the seed
    /// and `real_threads` stay what they are. `.loss = 1` is a network that is cut; what comes after is one that is repaired.
    void change(const network_options& options) noexcept;

    std::shared_ptr<backend> make_backend() const override;

private:
    std::uint64_t seed_;
    bool real_threads_;
    std::shared_ptr<struct wire_settings> settings_;  // the runs have them, too
    std::shared_ptr<disk_options> disk_;  // likewise
};

}  // namespace torus::inline v0::sim
