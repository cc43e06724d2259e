// src/net/dns_channel.hpp: c-ares on the loop: its sockets are polled, its timeouts kept.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include <torus/core/async.hpp>

#include "net/host_name.hpp"
#include "net/name_entry.hpp"

struct ares_addrinfo;
struct ares_channeldata;

namespace torus::inline v0 {

/// Whom to ask; empty for what resolv.conf says, or the file that stands for it.
struct dns_setup {
    std::string servers;
    std::string domains;
    std::string configuration = "/etc/resolv.conf";
};

/// Asks DNS servers. Its tasks, one for each socket and one for the time, keep it alive while questions are open.
class dns_channel : public std::enable_shared_from_this<dns_channel> {
public:
    /// @throws std::runtime_error  c-ares says why
    explicit dns_channel(const dns_setup& setup);
    ~dns_channel();
    dns_channel(const dns_channel&) = delete;
    dns_channel& operator=(const dns_channel&) = delete;

    /// Asks for the addresses of one family. The entry learns the answer, maybe before this returns.
    void ask(std::shared_ptr<name_entry> entry, address_family family);

    /// Asks for the name of an IP address. It learns the answer, maybe before this returns.
    void ask(std::shared_ptr<host_name> name);

    /// Whether this is a list of servers.
    static bool is_server_list(const std::string& servers);

private:
    struct question;
    struct name_question;
    struct watched_socket;
    friend struct dns_callbacks;

    void keep_time_while_asking();
    void wish(int socket, bool to_read, bool to_write) noexcept;
    void start_watch(const std::shared_ptr<watched_socket>& socket, std::uint32_t events);
    static async<> watch(std::shared_ptr<dns_channel> self, std::shared_ptr<watched_socket> socket,
                         std::uint32_t events);
    static async<> keep_time(std::shared_ptr<dns_channel> self);

    ares_channeldata* channel_ = nullptr;
    std::unordered_map<int, std::shared_ptr<watched_socket>> sockets_;
    std::size_t open_questions_ = 0;
    bool keeps_time_ = false;
};

}  // namespace torus::inline v0
