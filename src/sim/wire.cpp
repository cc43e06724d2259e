// src/sim/wire.cpp: when packets arrive, and whether they do.
#include "sim/wire.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sim/kernel.hpp"

namespace torus::inline v0::sim {

namespace {

constexpr std::uint64_t header = 40;  // bytes of IP and TCP, without options

/// How long so many bytes take: those of a packet, so that the product is no larger than 64 bits.
duration span_of(std::uint64_t bytes, std::uint64_t per_second) noexcept {
    constexpr std::uint64_t second = 1'000'000'000;
    return duration(static_cast<duration::rep>(bytes * second / per_second));
}

}  // namespace

wire::turn::~turn() {
    if (wire_.depth_ == 1) wire_.deliver_all();
    --wire_.depth_;
}

void wire::pass_to(time_point now) {
    const turn here(*this);
    events_.pass_to(now);
}

int wire::add_host(std::string name, std::vector<address> addresses) {
    const auto number = static_cast<int>(places_.size());
    for (const address& each : addresses) hosts_.emplace(each.with_port(0), number);
    places_.push_back({std::move(name), std::move(addresses), nullptr});
    return number;
}

void wire::detach(const kernel& one) noexcept {
    kernel*& up = places_[static_cast<std::size_t>(one.number())].up;
    if (up == &one) up = nullptr;
}

duration wire::delay() {
    constexpr std::uint64_t longest = 1'000'000;  // ns
    if (!luck_.happens(settings_->late)) return duration::zero();
    return duration(static_cast<duration::rep>(1 + luck_.below(longest)));
}

void wire::send(packet p, const kernel& from) {
    const int sender = from.number();
    if (places_[static_cast<std::size_t>(sender)].up != &from) return;
    if (kernel::is_group(p.to) || kernel::is_broadcast(p.to)) {
        for (std::size_t each = 0; each < places_.size(); ++each) carry(p, sender, static_cast<int>(each));
    } else if (from.is_own(p.to)) {
        carry(std::move(p), sender, sender);
    } else if (const auto host = hosts_.find(p.to.with_port(0)); host != hosts_.end()) {
        carry(std::move(p), sender, host->second);
    }
}

void wire::carry(packet p, int from, int to) {
    if (from == to && !settings_->to_itself) return arriving_.push_back({to, std::move(p)});
    const verdict judged = judge(p, from, to);
    way& on = from_to(from, to);
    const link_options& how = options_of(on);
    if (on.is_cut || judged.is_lost || luck_.happens(how.loss)) {
        history_.note(events_.now(), trace::kind::lost, from, to, p);
        return;
    }
    history_.note(events_.now(), trace::kind::sent, from, to, p);
    if (on.is_held) return on.waiting.push_back(std::move(p));
    if (luck_.happens(how.duplication)) launch(p, on, to, judged.later);
    launch(std::move(p), on, to, judged.later);
}

void wire::launch(packet p, way& on, int to, duration later) {
    const link_options& how = options_of(on);
    const duration latency = luck_.between(how.latency, how.most_latency);
    time_point leaves = events_.now();
    if (how.bandwidth > 0) {
        leaves = std::max(leaves, on.free) + span_of(header + p.data.size(), how.bandwidth);
        on.free = leaves;
    }
    const time_point arrives = leaves + latency + later;
    if (arrives <= events_.now()) return arriving_.push_back({to, std::move(p)});
    events_.add(arrives, [this, to, p = std::move(p)]() mutable { arriving_.push_back({to, std::move(p)}); });
}

void wire::release(int from, int to) {
    const turn here(*this);
    way& on = from_to(from, to);
    on.is_held = false;
    for (packet& each : std::exchange(on.waiting, {})) launch(std::move(each), on, to, duration::zero());
}

void wire::deliver_all() {
    while (!arriving_.empty()) {
        const arrival first = std::move(arriving_.front());
        arriving_.pop_front();
        kernel* const up = places_[static_cast<std::size_t>(first.to)].up;
        if (up) up->arrived(first.what);
    }
}

/// Who sends can't be told what a rule has thrown.
verdict wire::judge(const packet& p, int from, int to) noexcept {
    try {
        if (rule_) return rule_->judge(describe(p, from, to));
    } catch (...) {
        if (!failure_) failure_ = std::current_exception();
    }
    return {};
}

passing_packet wire::describe(const packet& p, int from, int to) const {
    passing_packet seen;
    seen.from = name_of(from);
    seen.to = name_of(to);
    seen.source = p.from;
    seen.destination = p.to;
    seen.is_tcp = p.what == packet::kind::segment;
    seen.syn = p.syn;
    seen.fin = p.fin;
    seen.rst = p.rst;
    seen.size = p.data.size();
    return seen;
}

}  // namespace torus::inline v0::sim
