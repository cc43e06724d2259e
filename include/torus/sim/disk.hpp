// torus/sim/disk.hpp: how a simulated disk behaves.
#pragma once

#include <cstdint>

#include <torus/core/clock.hpp>

namespace torus::inline v0::sim {

/// How a disk answers, and what a crash leaves on it. What has been synced is always left: of a file its bytes and its
/// permissions, of a directory its names. The name of a file is on the disk when its directory was synced; as in POSIX, a
/// `sync` of the file does not say that.
struct disk_options {
    duration latency = duration::zero();  // of a request
    duration most_latency = duration::zero();  // anything between the two; requests may overtake each other
    std::uint64_t capacity = 1 << 30;  // bytes in all files, in pages of 4096; then ENOSPC
    double split = 0;  // the share of reads and writes that move fewer bytes than they could
    /// The share of reads, writes and syncs that end with EIO. A sync that fails has given up, as on Linux: what it was to
    /// keep can still be read, and is not there after a crash.
    double failures = 0;
    double survival = 0;  // the share of writes, and of changes of names, that a crash leaves though not synced
    double torn = 0;  // the share of those writes of which it leaves some sectors only, of 512 bytes
};

}  // namespace torus::inline v0::sim
