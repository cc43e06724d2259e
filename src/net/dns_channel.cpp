// src/net/dns_channel.cpp: c-ares on the loop.
#include "net/dns_channel.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include <torus/core/socket_calls.hpp>
#include <torus/core/task.hpp>
#include <torus/core/time.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/io/ready.hpp>

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace torus::inline v0 {

namespace {

// A question is repeated after this, twice that, and four times that; each server in turn. Of several servers each is
// asked within the time limit, and one server three times.
constexpr int first_timeout = 700;  // milliseconds
constexpr int attempts = 3;

/// What c-ares keeps for the whole process, from the first channel on.
void require_library() {
    static const int result = ::ares_library_init(ARES_LIB_INIT_ALL);
    if (result != ARES_SUCCESS) throw std::runtime_error(std::string("torus: c-ares: ") + ::ares_strerror(result));
}

dns_failure failure_of(int status) noexcept {
    switch (status) {
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_ENONAME: return dns_failure::not_found;
    case ARES_ETIMEOUT: return dns_failure::timeout;
    case ARES_EBADNAME: return dns_failure::malformed_name;
    default: return dns_failure::server_failure;
    }
}

/// What the DNS calls an address: 1.2.0.192.in-addr.arpa (RFC 1035, 3.5); of IPv6 four bits each (RFC 3596, 2.5).
std::string reversed(const address& of) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    if (of.family() == address_family::ipv6) {
        const in6_addr ip = reinterpret_cast<const sockaddr_in6*>(of.data())->sin6_addr;
        for (std::size_t i = sizeof ip.s6_addr; i-- > 0;) {
            const unsigned byte = ip.s6_addr[i];
            for (const unsigned half : {byte & 15, byte >> 4}) name.append(1, digits[half]) += '.';
        }
        return name + "ip6.arpa";
    }
    const std::uint32_t ip = ntohl(reinterpret_cast<const sockaddr_in*>(of.data())->sin_addr.s_addr);
    for (unsigned shift = 0; shift < 32; shift += 8) name += std::to_string(ip >> shift & 255) + '.';
    return name + "in-addr.arpa";
}

/// Lowers a flag at the end of a task, however that ends.
class flag_lowering {
public:
    explicit flag_lowering(bool& flag) noexcept : flag_(flag) {}
    flag_lowering(const flag_lowering&) = delete;
    flag_lowering& operator=(const flag_lowering&) = delete;
    ~flag_lowering() { flag_ = false; }

private:
    bool& flag_;
};

}  // namespace

/// One question under way; c-ares gives it back with the answer.
struct dns_channel::question {
    dns_channel& channel;
    std::shared_ptr<name_entry> entry;
    address_family family;
};

struct dns_channel::name_question {
    dns_channel& channel;
    std::shared_ptr<host_name> name;
};

/// A socket of c-ares, and what it waits for there.
struct dns_channel::watched_socket {
    explicit watched_socket(int of) noexcept : number(of) {}
    struct direction {
        bool is_wanted = false;
        bool is_watched = false;
    };
    direction& of(std::uint32_t events) noexcept { return events == POLLIN ? reading : writing; }

    int number;
    direction reading;
    direction writing;
};

/// What a system call of C returns.
template <class Result> Result checked(Result result) noexcept {
    if (result >= 0) return result;
    errno = static_cast<int>(-result);
    return -1;
}

/// What c-ares calls. Nothing may be thrown through it.
struct dns_callbacks {
    static void answered(void* argument, int status, int, ares_addrinfo* result) noexcept {
        const std::unique_ptr<dns_channel::question> q(static_cast<dns_channel::question*>(argument));
        --q->channel.open_questions_;
        name_entry::answer answer;
        answer.failure = failure_of(status);
        answer.detail = ::ares_strerror(status);
        try {
            if (status == ARES_SUCCESS) collect(*result, q->family, answer, q->entry->ttl);
        } catch (const std::bad_alloc&) {
            answer.failure = dns_failure::server_failure;
            answer.detail = ::ares_strerror(ARES_ENOMEM);
        }
        if (result) ::ares_freeaddrinfo(result);
        q->entry->learn(q->family, std::move(answer));
    }

    static void named(void* argument, int status, int, unsigned char* answer, int size) noexcept {
        const std::unique_ptr<dns_channel::name_question> q(static_cast<dns_channel::name_question*>(argument));
        --q->channel.open_questions_;
        hostent* result = nullptr;
        if (status == ARES_SUCCESS) status = ::ares_parse_ptr_reply(answer, size, nullptr, 0, AF_UNSPEC, &result);
        try {
            if (status == ARES_SUCCESS) q->name->learn(result->h_name);
            else q->name->fail(failure_of(status), ::ares_strerror(status));
        } catch (const std::bad_alloc&) {
            q->name->fail(dns_failure::server_failure, ::ares_strerror(ARES_ENOMEM));
        }
        if (result) ::ares_free_hostent(result);
    }

    /// A server may send addresses of another family than it was asked for; they are none of this answer.
    static void collect(const ares_addrinfo& result, address_family family, name_entry::answer& answer, duration& ttl) {
        const auto at_most = [&ttl](int seconds) { ttl = std::min<duration>(ttl, std::chrono::seconds(seconds)); };
        for (const ares_addrinfo_cname* each = result.cnames; each; each = each->next) at_most(each->ttl);
        for (const ares_addrinfo_node* each = result.nodes; each; each = each->ai_next) {
            const address found = address::from(each->ai_addr, each->ai_addrlen);
            if (found.family() != family) continue;
            at_most(each->ai_ttl);
            answer.addresses.push_back(found);
        }
        answer.failure = dns_failure::not_found;
    }

    static void state_changed(void* self, ares_socket_t socket, int to_read, int to_write) noexcept {
        static_cast<dns_channel*>(self)->wish(socket, to_read != 0, to_write != 0);
    }

    // Its sockets are made and closed by us: the loop must hear of the latter.
    static ares_socket_t open(int domain, int type, int protocol, void*) noexcept {
        return checked(sockets().open(domain, type, protocol));
    }
    static int close(ares_socket_t socket, void*) noexcept {
        descriptor(socket).close();
        return 0;
    }
    static int connect(ares_socket_t socket, const sockaddr* to, ares_socklen_t size, void*) noexcept {
        return checked(sockets().connect(socket, to, size));
    }
    static ares_ssize_t receive(ares_socket_t socket, void* into, size_t size, int flags, sockaddr* from,
                                ares_socklen_t* from_size, void*) noexcept {
        iovec room{into, size};
        msghdr message{};
        message.msg_iov = &room;
        message.msg_iovlen = 1;
        message.msg_name = from;
        message.msg_namelen = from_size ? *from_size : 0;
        const auto got = checked(sockets().receive(socket, message, flags));
        if (from_size) *from_size = message.msg_namelen;
        return got;
    }
    static ares_ssize_t send(ares_socket_t socket, const iovec* pieces, int count, void*) noexcept {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(pieces);
        message.msg_iovlen = static_cast<std::size_t>(count);
        const auto sent = sockets().send(socket, message);
        if (sent != -ECONNREFUSED) return checked(sent);
        // That is how an earlier question has fared, and taken for this one's fate it would be lost: the earlier one
        // would wait for its time-out. This one meets an error of its own, which reading finds, for both.
        return checked(sockets().send(socket, message));
    }
    static constexpr ares_socket_functions functions{open, close, connect, receive, send};
};

dns_channel::dns_channel(const dns_setup& setup) {
    require_library();
    // The hosts file has been asked already.
    std::string lookups = "b";
    std::string domains = setup.domains;
    std::vector<char*> each_domain;
    for (std::size_t at = 0; at < domains.size();) {
        const std::size_t comma = std::min(domains.find(',', at), domains.size());
        each_domain.push_back(domains.data() + at);
        if (comma < domains.size()) domains[comma] = '\0';
        at = comma + 1;
    }
    ares_options options{};
    options.timeout = first_timeout;
    options.tries = attempts;
    options.lookups = lookups.data();
    options.sock_state_cb = dns_callbacks::state_changed;
    options.sock_state_cb_data = this;
    options.domains = each_domain.data();
    options.ndomains = static_cast<int>(each_domain.size());
    std::string configuration = setup.configuration;
    options.resolvconf_path = configuration.data();
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
    if (!setup.servers.empty() || !setup.domains.empty()) mask |= ARES_OPT_DOMAINS;
    int status = ::ares_init_options(&channel_, &options, mask);
    if (status == ARES_SUCCESS && !setup.servers.empty()) {
        status = ::ares_set_servers_ports_csv(channel_, setup.servers.c_str());
        if (status != ARES_SUCCESS) ::ares_destroy(channel_);
    }
    if (status != ARES_SUCCESS) throw std::runtime_error(std::string("torus: c-ares: ") + ::ares_strerror(status));
    ::ares_set_socket_functions(channel_, &dns_callbacks::functions, nullptr);
}

dns_channel::~dns_channel() { ::ares_destroy(channel_); }

bool dns_channel::is_server_list(const std::string& servers) {
    require_library();
    ares_channel scratch = nullptr;
    if (::ares_init(&scratch) != ARES_SUCCESS) throw std::runtime_error("torus: c-ares can't be set up");
    const int status = ::ares_set_servers_ports_csv(scratch, servers.c_str());
    ::ares_destroy(scratch);
    return status == ARES_SUCCESS && !servers.empty();
}

void dns_channel::ask(std::shared_ptr<name_entry> entry, address_family family) {
    ares_addrinfo_hints hints{};
    hints.ai_family = family == address_family::ipv6 ? AF_INET6 : AF_INET;
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_socktype = SOCK_STREAM;
    const std::string name = entry->name;
    auto q = std::make_unique<question>(question{*this, std::move(entry), family});
    ++open_questions_;
    ::ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, dns_callbacks::answered, q.release());
    keep_time_while_asking();
}

void dns_channel::ask(std::shared_ptr<host_name> name) {
    const std::string asked = reversed(name->of);
    auto q = std::make_unique<name_question>(name_question{*this, std::move(name)});
    ++open_questions_;
    // Not ares_gethostbyaddr: that says of every failure that there is no such name.
    ::ares_query(channel_, asked.c_str(), ns_c_in, ns_t_ptr, dns_callbacks::named, q.release());
    keep_time_while_asking();
}

void dns_channel::keep_time_while_asking() {
    if (open_questions_ == 0 || keeps_time_) return;
    spawn(keep_time(shared_from_this()));
    keeps_time_ = true;
}

// ------------------------------------------------------------------------------------------------------------------
// On the loop

void dns_channel::wish(int socket, bool to_read, bool to_write) noexcept {
    try {
        std::shared_ptr<watched_socket>& watched = sockets_[socket];
        if (!watched) watched = std::make_shared<watched_socket>(socket);
        watched->reading.is_wanted = to_read;
        watched->writing.is_wanted = to_write;
        const std::shared_ptr<watched_socket> held = watched;
        if (!to_read && !to_write) sockets_.erase(socket);  // it is about to be closed
        if (to_read) start_watch(held, POLLIN);
        if (to_write) start_watch(held, POLLOUT);
    } catch (...) {
        // No memory, or the loop is ending: what is asked there will time out.
    }
}

void dns_channel::start_watch(const std::shared_ptr<watched_socket>& socket, std::uint32_t events) {
    if (socket->of(events).is_watched) return;
    spawn(watch(shared_from_this(), socket, events));
    socket->of(events).is_watched = true;
}

async<> dns_channel::watch(std::shared_ptr<dns_channel> self, std::shared_ptr<watched_socket> socket,
                           std::uint32_t events) {
    watched_socket::direction& direction = socket->of(events);
    const flag_lowering at_end(direction.is_watched);
    try {
        while (direction.is_wanted) {
            co_await polling(socket->number, events);
            if (!direction.is_wanted) break;
            ::ares_process_fd(self->channel_, events == POLLIN ? socket->number : ARES_SOCKET_BAD,
                              events == POLLOUT ? socket->number : ARES_SOCKET_BAD);
        }
    } catch (const connection_closed&) {  // by c-ares, which is done with it
    }
}

async<> dns_channel::keep_time(std::shared_ptr<dns_channel> self) {
    const flag_lowering at_end(self->keeps_time_);
    while (self->open_questions_ > 0) {
        // Never longer than the first timeout: a new question has none that is earlier.
        timeval longest{0, first_timeout * 1000};
        timeval room{};
        const timeval* const left = ::ares_timeout(self->channel_, &longest, &room);
        const duration span = std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec);
        co_await sleep(span + std::chrono::milliseconds(1));
        ::ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
}

}  // namespace torus::inline v0
