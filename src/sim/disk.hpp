// src/sim/disk.hpp: files and directories of a simulated host, and what a crash leaves of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torus/sim/disk.hpp>

#include "sim/inode.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// A file system with one root. Each file and directory has a present state, which programs see, and one that is on the
/// disk; between them lie the changes that nobody has synced. Functions return counts, or negative errnos.
class disk {
public:
    /// Of a host on that wire, whose clock and chance it has. The options may change.
    disk(wire& on, int host, std::shared_ptr<const disk_options> options);
    ~disk();
    disk(const disk&) = delete;
    disk& operator=(const disk&) = delete;

    const std::shared_ptr<inode>& root() const noexcept { return root_; }
    time_point now() const noexcept { return wire_.events().now(); }
    chance& luck() noexcept { return wire_.luck(); }

    bool is_slow() const noexcept { return std::max(options_->latency, options_->most_latency) > duration::zero(); }
    /// How long the next request takes.
    duration delay() { return luck().between(options_->latency, options_->most_latency); }

    /// A new one, which has no name yet.
    std::shared_ptr<inode> make(unsigned mode);

    /// @{ Names. Whoever calls has seen to it that it may be done.
    void add_name(inode& in, std::string_view name, std::shared_ptr<inode> of);
    void remove_name(inode& from, std::string_view name);
    void rename(inode& from, std::string_view name, inode& to, std::string_view new_name);
    /// @}

    /// @{ Bytes.
    std::int64_t read(inode& of, std::uint64_t at, std::span<std::byte> into);
    std::int64_t write(inode& to, std::uint64_t at, std::span<const std::byte> bytes);  // what there is room for
    void resize(inode& of, std::uint64_t size);
    int allocate(inode& of, std::uint64_t at, std::uint64_t count);
    /// @}

    /// @{ Programs open and close it. What has no name is gone when nobody has it open.
    void opened(inode& one) noexcept { ++one.opens; }
    void closed(inode& one) noexcept;
    /// @}

    void set_permissions(inode& of, unsigned permissions);
    void set_owner(inode& of, std::uint32_t owner, std::uint32_t group);

    /// From now on it is on the disk as it is.
    int sync(inode& of);

    /// What was not synced gets lost, or some of it.
    void lose_power();

private:
    /// A change of names that happens as a whole or not at all.
    struct name_change {
        struct entry {
            std::shared_ptr<inode> directory;
            std::string name;
            std::shared_ptr<inode> what;  // null: nothing any more
        };
        std::vector<entry> entries;
        bool moves_directory = false;
    };

    void set_entry(inode& in, std::string_view name, std::shared_ptr<inode> what);
    void commit(const name_change& change);
    void sync_names(const inode& of);
    void change(inode& of, file_change what);
    void reload(const std::shared_ptr<inode>& one, std::set<const inode*>& seen);
    void reload_bytes(inode& of);
    void apply(const file_change& what, content& to);
    void tear(const file_change& what, content& to);
    void release_unused(inode& one) noexcept;

    wire& wire_;
    const int host_;
    const std::shared_ptr<const disk_options> options_;
    std::uint64_t last_number_ = 1;
    std::shared_ptr<inode> root_;
    std::deque<name_change> unsynced_names_;
    std::uint64_t used_ = 0;  // bytes
};

}  // namespace torus::inline v0::sim
