// src/net/dns_resolver.hpp: a loop's resolver: hosts file, cache, and questions to the DNS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <torus/core/service.hpp>
#include <torus/net/resolve.hpp>

#include "net/dns_channel.hpp"
#include "net/hosts_file.hpp"
#include "net/name_cache.hpp"

namespace torus::inline v0 {

class dns_resolver final : public loop_service, public resolver {
public:
    /// What is known of `host`, which is no literal. What is not known yet is on its way: wait for `changed`.
    /// @throws dns_error  it is no name
    std::shared_ptr<name_entry> look_up(std::string_view host);

    /// The name of an IP address. See `getnameinfo`.
    async<std::optional<std::string>> name_of(address of);

    void set_servers(std::string_view servers) override;
    void set_search_domains(std::string_view domains) override;
    void set_configuration_file(std::string_view path) override;
    void set_hosts_file(std::string_view path) override;
    void clear_cache() noexcept override;
    std::size_t cached() const noexcept override { return cache_.size(); }

private:
    class running_lookup;

    class asking_name;

    std::shared_ptr<name_entry> look_up_locally(const std::string& name);
    std::string name_locally(const address& of);
    bool knows_all_names() const;
    void start_waiting();
    static async<> run(dns_resolver& self, std::shared_ptr<name_entry> entry);
    void finish(const std::shared_ptr<name_entry>& entry) noexcept;
    const std::shared_ptr<dns_channel>& channel();
    void forget_channel() noexcept;

    hosts_file hosts_;
    name_cache cache_;
    std::unordered_map<std::string, std::shared_ptr<name_entry>> under_way_;
    std::deque<std::shared_ptr<name_entry>> waiting_;  // of these, for their turn
    std::size_t running_ = 0;
    std::size_t names_asked_ = 0;
    notice may_ask_name_;

    dns_setup setup_;
    std::shared_ptr<dns_channel> channel_;
    time_point next_look_ = time_point::min();  // at resolv.conf
    std::int64_t configuration_ = 0;            // the time of its last change
};

}  // namespace torus::inline v0
