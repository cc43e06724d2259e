// bench/floor/uring_server.c: a server around io_uring, as short as it can be: echo, or HTTP without a parser.
//
//     floor_uring echo|http
//
// One thread's ring that runs the kernel's deferred work when it is entered; accepting and receiving with one request
// for many completions, into buffers that the kernel picks; descriptors in the ring's own table.
#define _GNU_SOURCE
#include <liburing.h>

#include "floor/protocol.h"
#include "macro/listening.h"

#define ENTRIES 2048
#define COMPLETIONS 16384
#define MOST_CONNECTIONS 16384
#define BUFFERS 1024  // a power of two
#define BUFFER_BYTES (16 * 1024)
#define RESPONSES_AT_ONCE 64
#define GROUP 0

enum verb { ACCEPT, RECEIVE, SEND, CLOSE };

/// Of a connection: buffers that wait to be sent, in order; the first one is being sent.
struct connection {
    uint16_t first, last;  // buffers; NONE
    uint8_t matched;
    bool over;
    unsigned heads;  // that wait for their responses
    bool sending;
};
#define NONE UINT16_MAX

static bool is_http;
static struct io_uring ring;
static struct io_uring_buf_ring* free_buffers;
static char* memory;
static struct connection connections[MOST_CONNECTIONS];
static struct {
    uint16_t next;
    uint32_t size, sent;
} buffers[BUFFERS];
static char responses[RESPONSES_AT_ONCE * RESPONSE_BYTES];

static char* bytes_of(uint16_t buffer) { return memory + (size_t)buffer * BUFFER_BYTES; }

static struct io_uring_sqe* entry(void) {
    struct io_uring_sqe* sqe = io_uring_get_sqe(&ring);
    if (!sqe) {
        if (io_uring_submit(&ring) < 0) die("io_uring_submit");
        sqe = io_uring_get_sqe(&ring);
        if (!sqe) die("io_uring_get_sqe");
    }
    return sqe;
}

// Called last: liburing's functions that prepare a request clear its data.
static void tag(struct io_uring_sqe* sqe, enum verb verb, uint32_t connection) {
    io_uring_sqe_set_data64(sqe, (uint64_t)verb << 32 | connection);
}

static void want_accept(int listener) {
    struct io_uring_sqe* const sqe = entry();
    io_uring_prep_multishot_accept_direct(sqe, listener, NULL, NULL, 0);
    tag(sqe, ACCEPT, 0);
}

static void want_receive(uint32_t connection) {
    struct io_uring_sqe* const sqe = entry();
    io_uring_prep_recv_multishot(sqe, (int)connection, NULL, 0, 0);
    sqe->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    tag(sqe, RECEIVE, connection);
}

static void want_send(uint32_t connection, const char* bytes, size_t size) {
    struct io_uring_sqe* const sqe = entry();
    io_uring_prep_send(sqe, (int)connection, bytes, size, MSG_NOSIGNAL | MSG_WAITALL);
    sqe->flags |= IOSQE_FIXED_FILE;
    tag(sqe, SEND, connection);
    connections[connection].sending = true;
}

static void give_back(uint16_t buffer) {
    io_uring_buf_ring_add(free_buffers, bytes_of(buffer), BUFFER_BYTES, buffer, io_uring_buf_ring_mask(BUFFERS), 0);
    io_uring_buf_ring_advance(free_buffers, 1);
}

static void send_next(uint32_t connection) {
    struct connection* const c = &connections[connection];
    if (is_http && c->heads) {
        const unsigned count = c->heads < RESPONSES_AT_ONCE ? c->heads : RESPONSES_AT_ONCE;
        c->heads -= count;
        want_send(connection, responses, count * RESPONSE_BYTES);
    } else if (!is_http && c->first != NONE) {
        want_send(connection, bytes_of(c->first), buffers[c->first].size);
    }
}

static void end(uint32_t connection) {
    struct connection* const c = &connections[connection];
    c->over = true;
    if (c->sending) return;
    for (; c->first != NONE; c->first = buffers[c->first].next) give_back(c->first);
    struct io_uring_sqe* const sqe = entry();
    io_uring_prep_close_direct(sqe, connection);
    tag(sqe, CLOSE, connection);
}

static void received(uint32_t connection, const struct io_uring_cqe* cqe) {
    struct connection* const c = &connections[connection];
    if (cqe->res <= 0 && cqe->res != -ENOBUFS) return end(connection);
    if (cqe->res > 0) {
        const uint16_t buffer = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
        if (is_http) {
            c->heads += heads_in(bytes_of(buffer), (size_t)cqe->res, &c->matched);
            give_back(buffer);
        } else {
            buffers[buffer].next = NONE;
            buffers[buffer].size = (uint32_t)cqe->res;
            if (c->first == NONE) c->first = buffer;
            else buffers[c->last].next = buffer;
            c->last = buffer;
        }
        if (!c->sending) send_next(connection);
    }
    if (!(cqe->flags & IORING_CQE_F_MORE)) want_receive(connection);
}

static void sent(uint32_t connection, int result) {
    struct connection* const c = &connections[connection];
    c->sending = false;
    if (!is_http && c->first != NONE) {
        const uint16_t done = c->first;
        c->first = buffers[done].next;
        give_back(done);
    }
    if (result < 0 || c->over) end(connection);
    else send_next(connection);
}

static void accepted(int listener, const struct io_uring_cqe* cqe) {
    if (cqe->res >= 0) {
        connections[cqe->res] = (struct connection){.first = NONE, .last = NONE};
        want_receive((uint32_t)cqe->res);
    }
    if (!(cqe->flags & IORING_CQE_F_MORE)) want_accept(listener);
}

static void complete(int listener, const struct io_uring_cqe* cqe) {
    const uint64_t data = io_uring_cqe_get_data64(cqe);
    const uint32_t connection = (uint32_t)data;
    switch ((enum verb)(data >> 32)) {
    case ACCEPT: return accepted(listener, cqe);
    case RECEIVE: return received(connection, cqe);
    case SEND: return sent(connection, cqe->res);
    case CLOSE: return;
    }
}

static void set_up(void) {
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS,
    };
    int result = io_uring_queue_init_params(ENTRIES, &ring, &parameters);
    if (result == 0) result = io_uring_register_files_sparse(&ring, MOST_CONNECTIONS);
    if (result == 0) result = io_uring_register_ring_fd(&ring) == 1 ? 0 : -EINVAL;
    const size_t size = BUFFERS * sizeof(struct io_uring_buf);
    if (result == 0 && posix_memalign((void**)&free_buffers, 4096, size) != 0) result = -ENOMEM;
    memory = malloc((size_t)BUFFERS * BUFFER_BYTES);
    if (result != 0 || !memory) errno = -result, die("io_uring");
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)free_buffers, .ring_entries = BUFFERS, .bgid = GROUP};
    io_uring_buf_ring_init(free_buffers);
    result = io_uring_register_buf_ring(&ring, &registration, 0);
    if (result != 0) errno = -result, die("io_uring_register_buf_ring");
    for (uint16_t i = 0; i < BUFFERS; ++i) give_back(i);
}

int main(int argc, char** argv) {
    is_http = argc > 1 && strcmp(argv[1], "http") == 0;
    const int listener = listen_somewhere(0);
    set_up();
    want_accept(listener);
    for (;;) {
        const int result = io_uring_submit_and_wait(&ring, 1);
        if (result < 0 && result != -EINTR) errno = -result, die("io_uring_submit_and_wait");
        if (is_http) {
            tell_time();
            for (unsigned i = 0; i < RESPONSES_AT_ONCE; ++i)
                memcpy(responses + i * RESPONSE_BYTES, response, RESPONSE_BYTES);
        }
        unsigned head, count = 0;
        struct io_uring_cqe* cqe;
        io_uring_for_each_cqe(&ring, head, cqe) {
            complete(listener, cqe);
            ++count;
        }
        io_uring_cq_advance(&ring, count);
    }
}
