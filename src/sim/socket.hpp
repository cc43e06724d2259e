// src/sim/socket.hpp: what all simulated sockets have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <torus/io/address.hpp>

#include "backend/operation_list.hpp"

#include <sys/uio.h>

namespace torus::inline v0::sim {

class kernel;

/// A socket of a simulated host. Its functions are the system calls of the same names: they never wait, and return what
/// the kernel's do, or a negative errno. Operations that have to wait stand in its lines.
class socket : public std::enable_shared_from_this<socket> {
public:
    socket(kernel& of, int domain, int type) noexcept : kernel_(of), domain_(domain), type_(type) {}
    virtual ~socket() = default;
    socket(const socket&) = delete;
    socket& operator=(const socket&) = delete;

    virtual int bind(const address& at) = 0;
    virtual int listen(int backlog);
    virtual int connect(const address& to) = 0;  // -EINPROGRESS: `connect_outcome` will tell
    virtual int connect_outcome() { return 0; }  // -EAGAIN until it is known
    virtual std::shared_ptr<socket> accept(int& error);
    virtual std::int32_t receive(std::span<const iovec> into, int flags, address& from) = 0;
    virtual std::int32_t send(std::span<const iovec> pieces, const address& to) = 0;
    virtual int shut_down(int how) = 0;
    virtual void close() = 0;  // its descriptor has gone
    virtual unsigned events() const = 0;  // what poll(2) finds

    virtual int set_option(int level, int option, std::span<const std::byte> value);
    virtual int get_option(int level, int option, int& value);

    const address& local() const noexcept { return local_; }
    const address& peer() const noexcept { return peer_; }
    virtual bool is_connected() const noexcept { return peer_.size() > 0; }
    int type() const noexcept { return type_; }
    int domain() const noexcept { return domain_; }
    int option(int level, int number, int otherwise = 0) const noexcept;
    address any_address() const noexcept;  // of its family, with any port: what it has that was bound to nothing

    operation_list readers;
    operation_list writers;
    operation_list pollers;
    bool is_tried = false;  // those in line are being tried, which may change the socket again
    bool has_changed = false;  // since then

protected:
    /// Something has changed for who waits.
    void changed();
    kernel& kernel_;
    address local_;
    address peer_;

private:
    const int domain_;
    const int type_;
    std::map<std::pair<int, int>, int> options_;
};

/// Bytes in all pieces together.
std::size_t size_of(std::span<const iovec> pieces) noexcept;
/// The bytes, one after the other.
std::string joined(std::span<const iovec> pieces, std::size_t at_most);
/// Copies as much as there is room for. Returns how much.
std::size_t scatter(std::string_view bytes, std::span<const iovec> into) noexcept;

/// Tells a system call's caller an address, as far as there is room, and how long it is.
void tell(const address& a, void* name, unsigned& room) noexcept;

}  // namespace torus::inline v0::sim
