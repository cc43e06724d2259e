// src/sim/network.cpp: the world of one host.
#include <torus/sim/network.hpp>

#include <utility>

#include "sim/backend.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

namespace {

wire_settings settings_of(const network_options& o) noexcept {
    return {.link = {.latency = o.latency,
                     .most_latency = o.most_latency,
                     .loss = o.loss,
                     .duplication = o.duplication,
                     .bandwidth = o.bandwidth},
            .split = o.split,
            .late = o.late};
}

std::shared_ptr<wire> wire_of_one(std::uint64_t seed, std::shared_ptr<const wire_settings> settings) {
    auto one = std::make_shared<wire>(seed, std::move(settings));
    one->add_host({}, {});
    return one;
}

/// The only one on its wire, so that its loop is the one that makes time pass.
class lone_backend final : public kernel_backend {
public:
    using kernel_backend::kernel_backend;
    time_point next_event() const noexcept override { return between().next_event(); }
    void pass_time() noexcept override { between().pass_to(clock::now()); }
};

}  // namespace

network::network(const network_options& options)
    : seed_(options.seed), real_threads_(options.real_threads),
      settings_(std::make_shared<wire_settings>(settings_of(options))),
      disk_(std::make_shared<disk_options>(options.disk)) {}

void network::change(const network_options& options) noexcept {
    *settings_ = settings_of(options);
    *disk_ = options.disk;
}

std::shared_ptr<backend> network::make_backend() const {
    const std::shared_ptr<wire> on = wire_of_one(seed_, settings_);
    return std::make_shared<lone_backend>(on, 0, std::make_shared<disk>(*on, 0, disk_), real_threads_);
}

}  // namespace torus::inline v0::sim
