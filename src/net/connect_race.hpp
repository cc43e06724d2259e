// src/net/connect_race.hpp: happy eyeballs: several addresses, one connection.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <torus/core/task_group.hpp>
#include <torus/core/time.hpp>
#include <torus/io/address.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/net/connect.hpp>

#include "io/notice.hpp"
#include "net/name_entry.hpp"

namespace torus::inline v0 {

/// One search for a connection: RFC 8305. Attempts begin one after the other; the first to succeed ends the others.
class connect_race {
public:
    connect_race(const connect_options& options, const std::optional<address>& from) noexcept
        : delay_(options.attempt_delay), from_(from) {}

    /// These addresses will be tried, in this order.
    void add(std::span<const address> addresses);

    /// So will those of a name, as they become known.
    void follow(std::shared_ptr<name_entry> name, address_family family, std::uint16_t port);

    /// @throws connect_error, std::system_error, dns_error
    async<> run();

    /// The winner.
    descriptor take_socket() noexcept { return std::move(socket_); }
    const address& peer() const noexcept { return peer_; }

    /// What has gone wrong so far, in a sentence for each address.
    std::string failures() const;

private:
    struct failure {
        address to;
        std::error_code why;
    };

    async<> steer(task_group& attempts);
    async<> listen_for_addresses();
    async<> attempt(address to, std::size_t number);
    std::optional<address> next_address();
    bool has_address() const noexcept { return !preferred_.empty() || !others_.empty(); }
    bool is_over() const noexcept { return socket_ || (running_ == 0 && is_complete_ && !has_address()); }
    void accept_family(address_family family);
    [[noreturn]] void throw_failure() const;

    const duration delay_;
    const std::optional<address> from_;

    std::deque<address> preferred_;  // IPv6, or all
    std::deque<address> others_;     // IPv4: taken by turns with the former
    bool others_turn_ = false;
    bool is_complete_ = true;        // no more addresses will become known
    time_point not_before_ = time_point::min();  // the next attempt, if another one runs
    time_point held_until_ = time_point::min();  // the first one

    std::shared_ptr<name_entry> name_;
    address_family family_ = address_family::none;
    std::uint16_t port_ = 0;

    std::size_t running_ = 0;
    std::size_t begun_ = 0;
    std::vector<failure> failures_;
    descriptor socket_;
    address peer_;
    notice changed_;
};

}  // namespace torus::inline v0
