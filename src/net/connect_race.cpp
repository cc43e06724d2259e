// src/net/connect_race.cpp: happy eyeballs.
#include "net/connect_race.hpp"

#include <algorithm>
#include <cerrno>

#include <torus/core/operation.hpp>

#include "net/make_socket.hpp"

namespace torus::inline v0 {

namespace {

// A Unix socket whose server is behind refuses at once; it is asked again after pauses of this length, twice that, ….
constexpr duration first_retry = std::chrono::milliseconds(1);
constexpr duration longest_retry = std::chrono::milliseconds(50);

class connecting final : public operation {
public:
    connecting(int socket, const torus::address& to) noexcept
        : operation(verb::connect, socket, to.data(), to.size()) {}
    /// 0, or a negative errno.
    std::int32_t await_resume() { return outcome(); }
};

async<std::int32_t> connect_socket(const descriptor& socket, const address& to) {
    std::int32_t result = co_await connecting(socket.number(), to);
    for (duration pause = first_retry; result == -EAGAIN && to.family() == address_family::local;) {
        co_await sleep(pause);
        pause = std::min(2 * pause, longest_retry);
        result = co_await connecting(socket.number(), to);
    }
    co_return result;
}

/// How much an error says about the server rather than about this machine.
int weight_of(std::error_code why) noexcept {
    switch (why.value()) {
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL: return 0;
    case ENETUNREACH: return 1;
    case EHOSTUNREACH: return 2;
    default: return 3;
    }
}

}  // namespace

void connect_race::add(std::span<const address> addresses) {
    preferred_.insert(preferred_.end(), addresses.begin(), addresses.end());
}

void connect_race::follow(std::shared_ptr<name_entry> name, address_family family, std::uint16_t port) {
    name_ = std::move(name);
    family_ = family;
    port_ = port;
    is_complete_ = false;
}

async<> connect_race::run() {
    auto body = [this](task_group& attempts) { return steer(attempts); };
    co_await task_group(body);
    if (!socket_) throw_failure();
}

/// Starts attempts when it is their time, until one has succeeded or all have failed.
async<> connect_race::steer(task_group& attempts) {
    std::vector<task<>> started;
    if (!is_complete_) started.push_back(attempts.create_task(listen_for_addresses()));
    while (!is_over()) {
        const time_point now = clock::now();
        const time_point next = std::max(held_until_, running_ > 0 ? not_before_ : time_point::min());
        if (has_address() && next <= now) {
            ++running_;
            not_before_ = later(now, delay_);
            started.push_back(attempts.create_task(attempt(*next_address(), ++begun_)));
        } else if (has_address()) {
            co_await move_on_after(next - now, changed_.wait());
        } else {
            co_await changed_.wait();
        }
    }
    for (task<>& each : started) each.cancel();
}

/// Takes the addresses of a name as they come. If the IPv4 ones are first, the others get a moment to come as well.
async<> connect_race::listen_for_addresses() {
    constexpr address_family families[] = {address_family::ipv6, address_family::ipv4};
    bool taken[] = {family_ == address_family::ipv4, family_ == address_family::ipv6};
    while (!is_complete_) {
        for (std::size_t i = 0; i < std::size(families); ++i) {
            if (taken[i] || !name_->of(families[i]).is_known) continue;
            taken[i] = true;
            accept_family(families[i]);
        }
        is_complete_ = taken[0] && taken[1];
        if (is_complete_ || !preferred_.empty()) held_until_ = time_point::min();
        changed_.ring();
        if (!is_complete_) co_await name_->changed.wait();
    }
}

void connect_race::accept_family(address_family family) {
    std::deque<address>& into = family == address_family::ipv6 ? preferred_ : others_;
    for (const address& each : name_->of(family).addresses) into.push_back(each.with_port(port_));
    if (&into == &others_) held_until_ = later(clock::now(), resolution_delay);
}

std::optional<address> connect_race::next_address() {
    std::deque<address>& first = others_turn_ ? others_ : preferred_;
    std::deque<address>& from = first.empty() ? (others_turn_ ? preferred_ : others_) : first;
    others_turn_ = &from == &preferred_;
    const address next = from.front();
    from.pop_front();
    return next;
}

async<> connect_race::attempt(address to, std::size_t number) {
    struct leaving {
        leaving(connect_race& from, std::size_t of) noexcept : race(from), number(of) {}
        leaving(const leaving&) = delete;
        leaving& operator=(const leaving&) = delete;
        ~leaving() {
            --race.running_;
            // It has failed, or won: what waits beside it need not wait any longer.
            if (race.begun_ == number) race.not_before_ = time_point::min();
            race.changed_.ring();
        }
        connect_race& race;
        std::size_t number;
    };
    const leaving at_end(*this, number);
    try {
        descriptor socket = open_socket(to.family());
        if (from_) bind_to(socket, *from_);
        const std::int32_t result = co_await connect_socket(socket, to);
        if (result < 0) {
            failures_.push_back({to, std::error_code(-result, std::system_category())});
        } else if (!socket_) {
            socket_ = std::move(socket);
            peer_ = to;
        }
    } catch (const std::system_error& e) {
        failures_.push_back({to, e.code()});
    }
}

std::string connect_race::failures() const {
    std::string all;
    for (const failure& each : failures_) {
        if (!all.empty()) all += "; ";
        all += each.to.text() + ": " + each.why.message();
    }
    return all;
}

void connect_race::throw_failure() const {
    if (failures_.empty() && name_) throw name_->error(family_);
    if (failures_.empty()) throw std::invalid_argument("torus: no address to connect to");
    const auto lighter = [](const failure& a, const failure& b) { return weight_of(a.why) < weight_of(b.why); };
    const failure& told = *std::max_element(failures_.begin(), failures_.end(), lighter);
    throw connect_error(told.why, "torus: can't connect to " + failures());
}

}  // namespace torus::inline v0
