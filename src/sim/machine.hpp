// src/sim/machine.hpp: what a host of a world is made of: a kernel, and the loop of its program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <torus/core/chooser.hpp>
#include <torus/core/guest.hpp>
#include <torus/core/outcome.hpp>
#include <torus/sim/host.hpp>

#include "io/notice.hpp"
#include "sim/backend.hpp"
#include "sim/disk.hpp"
#include "sim/task_order.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

/// How a program ends before its time.
enum class ending : std::uint8_t { stop, kill, crash };

/// A host, as the world drives it; the scenario's loop is one, too. Its loop's time is that of the world as its own clock
/// has it.
class machine final : public backend_source, public chooser {
public:
    machine(std::shared_ptr<wire> on, int host, const host_options& options, const std::string& hosts,
            const world_options& all)
        : number(host), wire_(std::move(on)), ahead_(options.ahead), drift_(options.drift), hosts_(hosts),
          order_(all.order, wire_->luck()), real_threads_(all.real_threads),
          disk_settings_(std::make_shared<disk_options>(options.disk)),
          disk_(std::make_shared<disk>(*wire_, number, disk_settings_)) {}

    /// The kernel outlives the programs: it is the same one until the host crashes.
    std::shared_ptr<backend> make_backend() const override;

    /// Which of its coroutines goes on.
    std::size_t choose(std::span<const std::uint64_t> ready) noexcept override;

    /// The program ended, or was ended: what it had open is closed by the kernel.
    void close_all() noexcept;
    /// The program is killed: from now on it changes nothing.
    void silence() noexcept;
    /// Nothing of it is left but what is on its disk.
    void lose_power() noexcept;

    /// The program, and its threads, stand still; the kernel goes on.
    void set_paused(bool paused);

    void set_disk(const disk_options& options) noexcept { *disk_settings_ = options; }

    /// @{ Between the world's time and its own.
    time_point local(time_point world) const noexcept;
    time_point in_world(time_point local) const noexcept;
    /// @}

    /// When its loop has to have a turn, in the world's time.
    time_point due() const noexcept;

    guest_options loop_options() const noexcept;

    const int number;
    guest_loop* guest = nullptr;  // while its program runs
    std::unique_ptr<guest_loop> owned;  // that; but for the scenario's
    bool is_paused = false;
    std::uint64_t starts = 0;
    std::unique_ptr<program> runs;
    std::optional<outcome<>> result;  // of a program that has just ended
    std::optional<ending> wanted;  // by itself, in its own turn
    notice has_ended;

private:
    const std::shared_ptr<wire> wire_;
    const duration ahead_;
    const duration drift_;
    const std::string& hosts_;
    ordering order_;
    const bool real_threads_;
    const std::shared_ptr<disk_options> disk_settings_;
    const std::shared_ptr<disk> disk_;
    mutable std::shared_ptr<kernel_backend> kernel_;
};

}  // namespace torus::inline v0::sim
