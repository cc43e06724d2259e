// src/backend/uring_prepare.cpp: the request of each verb.
#include "backend/uring_prepare.hpp"

#include <algorithm>

#include "backend/direct.hpp"
#include "backend/uring_ring.hpp"

namespace torus::inline v0 {

namespace {

/// What concerns names. Of two directories, the second one's descriptor stands in the offset.
void prepare_name(io_uring_sqe& entry, const operation& op) noexcept {
    const auto* const name = static_cast<const char*>(op.address);
    const auto* const second = static_cast<const char*>(op.second);
    const int flags = static_cast<int>(op.flags);
    switch (op.what) {
    case verb::unlink: return io_uring_prep_unlinkat(&entry, op.descriptor, name, flags);
    case verb::make_directory:
        return io_uring_prep_mkdirat(&entry, op.descriptor, name, static_cast<mode_t>(op.offset));
    case verb::rename:
        return io_uring_prep_renameat(&entry, op.descriptor, name, static_cast<int>(op.offset), second, op.flags);
    case verb::link:
        return io_uring_prep_linkat(&entry, op.descriptor, name, static_cast<int>(op.offset), second, flags);
    case verb::symbolic_link: return io_uring_prep_symlinkat(&entry, name, op.descriptor, second);
    default: return io_uring_prep_nop(&entry);
    }
}

void prepare_file(io_uring_sqe& entry, const operation& op, unsigned length) noexcept {
    switch (op.what) {
    case verb::read: return io_uring_prep_read(&entry, op.descriptor, op.address, length, op.offset);
    case verb::write: return io_uring_prep_write(&entry, op.descriptor, op.address, length, op.offset);
    case verb::open:
        return io_uring_prep_openat(&entry, op.descriptor, static_cast<const char*>(op.address),
                                    static_cast<int>(op.flags) | O_CLOEXEC, static_cast<mode_t>(op.offset));
    case verb::sync: return io_uring_prep_fsync(&entry, op.descriptor, op.flags == 1 ? IORING_FSYNC_DATASYNC : 0);
    case verb::status:
        return io_uring_prep_statx(&entry, op.descriptor, static_cast<const char*>(op.address),
                                   static_cast<int>(op.flags), static_cast<unsigned>(op.length),
                                   static_cast<struct statx*>(op.second));
    case verb::allocate:
        return io_uring_prep_fallocate(&entry, op.descriptor, static_cast<int>(op.flags), static_cast<off_t>(op.offset),
                                       static_cast<off_t>(op.length));
    case verb::close: return io_uring_prep_close(&entry, op.descriptor);
    default: return prepare_name(entry, op);
    }
}

}  // namespace

void prepare(io_uring_sqe& entry, const operation& op, expectation expected) noexcept {
    const auto length = static_cast<unsigned>(std::min(op.length, direct::largest_transfer));
    const int flags = static_cast<int>(op.flags);
    auto* const message = static_cast<msghdr*>(op.address);
    // The kernel would try first, and find nothing.
    const __u16 receive_how = expected == expectation::nothing ? IORING_RECVSEND_POLL_FIRST : 0;
    switch (op.what) {
    case verb::receive:
        io_uring_prep_recv(&entry, op.descriptor, op.address, length, flags);
        entry.ioprio = receive_how;
        break;
    case verb::receive_message:
        io_uring_prep_recvmsg(&entry, op.descriptor, message, static_cast<unsigned>(flags | MSG_CMSG_CLOEXEC));
        entry.ioprio = receive_how;
        break;
    case verb::send: io_uring_prep_send(&entry, op.descriptor, op.address, length, flags | MSG_NOSIGNAL); break;
    case verb::send_message:
        io_uring_prep_sendmsg(&entry, op.descriptor, message, static_cast<unsigned>(flags | MSG_NOSIGNAL));
        break;
    case verb::accept:
        io_uring_prep_accept(&entry, op.descriptor, static_cast<sockaddr*>(op.address),
                             static_cast<socklen_t*>(op.second), SOCK_CLOEXEC | SOCK_NONBLOCK);
        break;
    case verb::connect:
        io_uring_prep_connect(&entry, op.descriptor, static_cast<const sockaddr*>(op.address),
                              static_cast<socklen_t>(op.length));
        break;
    case verb::poll:
    case verb::arrival: io_uring_prep_poll_add(&entry, op.descriptor, op.flags); break;
    default: prepare_file(entry, op, length); break;
    }
    entry.user_data = reinterpret_cast<std::uintptr_t>(&op);
}

}  // namespace torus::inline v0
