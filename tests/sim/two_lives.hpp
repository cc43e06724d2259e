// tests/sim/two_lives.hpp: a host that is ended and started again, and what its programs do with files.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <torus/core/core.hpp>
#include <torus/fs/fs.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

/// A host that runs two programs, and what ends the first.
class two_lives {
public:
    explicit two_lives(const sim::disk_options& disk = {}, std::uint64_t seed = 1)
        : world_({.seed = seed}), host_(world_.add_host("a", [this] { return live(); }, {.disk = disk})) {}

    /// Runs the first one for an hour, ends it as told, and runs the second one.
    void run(const std::function<async<>()>& first, const std::function<async<>()>& second,
             void (sim::host::*end)() = &sim::host::crash) {
        life_ = &first;
        world_.run([&]() -> async<> {
            co_await sleep(std::chrono::hours(1));
            (host_.*end)();
            life_ = &second;
            host_.start();
            co_await host_.ended();
        });
    }

    void set_disk(const sim::disk_options& disk) { host_.set_disk(disk); }

private:
    async<> live() { return (*life_)(); }

    const std::function<async<>()>* life_ = nullptr;
    sim::world world_;
    sim::host& host_;
};

inline async<> write_without_sync(std::string path, std::string text) {
    co_await fs::write_text(std::move(path), text, {.atomic = false, .durable = false});
}

inline async<> sync(std::string path) {
    fs::file opened = co_await fs::open(std::move(path));
    co_await opened.sync();
}

inline async<std::string> names_in(std::string folder) {
    std::string all;
    for (const std::string& each : co_await fs::list(std::move(folder))) all += each + " ";
    co_return all;
}

inline async<> stay() { co_await sleep(std::chrono::hours(24)); }

}  // namespace torus::testing
