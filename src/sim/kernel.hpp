// src/sim/kernel.hpp: a simulated kernel: its sockets, their numbers, addresses and ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/number_table.hpp"
#include "sim/packet.hpp"
#include "sim/socket.hpp"
#include "sim/tcp_socket.hpp"
#include "sim/unix_socket.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

class udp_socket;

/// Who is told that a socket has changed.
class socket_watcher {
public:
    virtual void changed(socket& one) noexcept = 0;

protected:
    ~socket_watcher() = default;
};

/// The sockets of one host, and what they share: numbers, addresses, ports, paths.
class kernel {
public:
    kernel(wire& on, int number, socket_watcher& watcher);
    ~kernel() { wire_.detach(*this); }
    kernel(const kernel&) = delete;
    kernel& operator=(const kernel&) = delete;

    /// @{ Descriptors. Their numbers are the lowest free ones, from one on that no real descriptor has.
    static constexpr int first_number = 1 << 30;
    int add(std::shared_ptr<socket> one) { return sockets_.add(std::move(one)); }  // -EMFILE
    bool has_free_number() const noexcept { return sockets_.has_free(); }
    socket* find(int number) const noexcept { return sockets_.find(number); }
    std::shared_ptr<socket> take(int number) noexcept { return sockets_.take(number); }
    std::vector<int> numbers() const { return sockets_.numbers(); }  // those in use
    /// @}

    int number() const noexcept { return number_; }  // of the host, on its wire

    /// @{ For sockets.
    agenda& events() noexcept { return wire_.events(); }
    void send(packet p) { wire_.send(std::move(p), *this); }
    void changed(socket& one) noexcept { watcher_.changed(one); }
    int bind(socket& one, const address& at, address& local);
    int begin_listening(tcp_socket& one);
    int choose_way(socket& one, const address& to, address& local, address& peer);
    int choose_source(const address& to, address& from) const;
    void add_connection(tcp_socket& one);
    void remove(socket& one) noexcept;
    int bind_path(unix_socket& one, const address& at);
    int find_path(const address& at, std::shared_ptr<unix_socket>& found) const;
    void tell_senders_to(const unix_socket& one);
    /// @}

    /// @{ Addresses.
    bool is_own(const address& a) const noexcept;
    static bool is_any(const address& a) noexcept { return a == address::any(a.family(), a.port()); }
    static bool is_group(const address& a) noexcept;
    static bool is_broadcast(const address& a) noexcept;
    /// Whether a socket with the address `local` gets what comes for `at`.
    bool covers(const socket& one, const address& local, const address& at) const noexcept;
    std::uint64_t largest_segment(const address& to) const noexcept;  // bytes
    /// @}

    /// @{ Files of Unix sockets: the number of the file, 0 if there is none.
    std::uint64_t file_at(const std::string& path) const noexcept;
    bool remove_file(const std::string& path) noexcept { return files_.erase(path) > 0; }
    /// @}

    void arrived(const packet& p);

private:
    struct socket_file {
        std::weak_ptr<unix_socket> owner;
        std::uint64_t number = 0;
    };

    bool overlap(const socket& one, const address& a, const socket& other, const address& b) const noexcept;
    bool is_taken(const socket& one, const address& at, bool listens) const noexcept;
    int free_port(std::uint16_t& port);
    void segment_arrived(const packet& p);
    void datagram_arrived(const packet& p);
    tcp_socket* listener_for(const packet& p) const;

    wire& wire_;
    const int number_;
    socket_watcher& watcher_;
    number_table<socket, first_number> sockets_;
    std::vector<socket*> bound_;  // of TCP and UDP, in the order in which they were bound
    std::map<std::pair<address, address>, std::shared_ptr<tcp_socket>> connections_;  // by local address and peer
    std::multiset<std::uint16_t> ports_;  // of connections
    std::uint16_t last_port_;
    std::map<std::string, socket_file> files_;  // and abstract names
    std::uint64_t last_file_ = 0;
};

}  // namespace torus::inline v0::sim
