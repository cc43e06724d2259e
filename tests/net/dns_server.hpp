// tests/net/dns_server.hpp: a DNS server on a port of this machine, which answers well or badly, as a test wants it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/io/address.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

/// The types of records (RFC 1035, 3.2.2; RFC 3596).
enum class record : std::uint16_t { ipv4 = 1, canonical_name = 5, pointer = 12, ipv6 = 28 };

/// How a question was answered (RFC 1035, 4.1.1).
enum class verdict : std::uint8_t { good = 0, malformed = 1, server_failure = 2, no_such_name = 3, refused = 5 };

/// One line of a zone: its data is a literal, or a name.
struct zone_line {
    std::string name;
    record type;
    std::string data;
    std::uint32_t ttl = 60;  // seconds
};

/// How an answer goes out.
enum class manner : std::uint8_t {
    plain,
    silent,         // not at all
    held,           // when the test releases it
    truncated,      // over UDP with nothing but the mark that says so; whole over TCP
    hanging_up,     // as truncated; over TCP the connection is closed instead
    cut_off,        // without its last bytes
    rubbish_first,  // the first time what is no message at all, then as it should be
    endless_name,   // with a name whose compression points to itself
    lying_counts,   // the head says that there are many more records than there are
    wrong_size,     // an address record whose data is too short for one
    after_a_forgery  // after an answer with another number, and one to another question, both with other addresses
};

struct dns_reply {
    std::vector<zone_line> lines = {};
    verdict code = verdict::good;
    manner how = manner::plain;
};

/// Answers from a thread of its own, over UDP and TCP. What it was not told of does not exist.
class dns_server {
public:
    /// Listens on a free port.
    /// @throws std::system_error  EACCES above all, for ports below 1024
    explicit dns_server(std::string_view on = "127.0.0.1", std::uint16_t port = 0);
    ~dns_server();
    dns_server(const dns_server&) = delete;
    dns_server& operator=(const dns_server&) = delete;

    /// "127.0.0.1:5353".
    std::string where() const { return where_.text(); }

    void answer(std::string_view name, record type, dns_reply reply);
    /// The addresses of a name, each record with this time to live.
    void answer(std::string_view name, std::vector<std::string> literals, std::uint32_t ttl = 60);
    /// Answers both types alike.
    void answer_both(std::string_view name, const dns_reply& reply);

    /// Sends what is held, in the order of the questions; from now on nothing is held.
    void release();

    struct question {
        std::string name;
        record type;
        bool over_tcp;
        bool operator==(const question&) const = default;
    };
    std::vector<question> questions() const;
    std::size_t asked() const { return questions().size(); }
    std::size_t asked(std::string_view name) const;

    /// Waits until so many questions have come.
    async<> wait_until_asked(std::size_t count);

private:
    struct client {
        int socket;
        std::string unread;
    };
    struct held_answer {
        std::string bytes;
        address to;
    };

    bool open(address at);
    void serve();
    void serve_datagram();
    void serve_client(client& from);
    std::vector<std::string> replies_to(std::string_view message, bool over_tcp, const address* from);

    address where_;
    int datagrams_ = -1;
    int listener_ = -1;
    int stop_ = -1;
    std::vector<client> clients_;
    mutable std::mutex mutex_;  // for what follows
    std::condition_variable changed_;
    std::map<std::pair<std::string, record>, dns_reply> zone_;
    std::vector<question> questions_;
    std::map<std::pair<std::string, record>, int> times_asked_;
    std::vector<held_answer> held_;
    bool holds_ = true;
    std::thread thread_;
};

}  // namespace torus::testing
