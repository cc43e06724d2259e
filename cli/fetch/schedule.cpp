// cli/fetch/schedule.cpp: which request is next.
#include "cli/fetch/schedule.hpp"

#include <algorithm>
#include <utility>

namespace torus::inline v0::cli {

void schedule::add(job j) {
    ++waiting_;
    weight_ += j.what.weight();
    enqueue(std::move(j));
}

void schedule::add_later(job j, time_point when) {
    ++waiting_;
    weight_ += j.what.weight();
    later_.emplace(when, std::move(j));
}

void schedule::enqueue(job j) {
    const auto at = hosts_.try_emplace(j.what.host()).first;
    at->second.jobs.push_back(std::move(j));
    update(at, time_point::min());
}

/// Gives a host its turn, or takes it, as its state demands; forgets a host of which nothing is left. A pause ends in
/// `admit_due`, which knows the time; elsewhere it is as long as it was.
void schedule::update(hosts::iterator at, time_point now) {
    host& h = at->second;
    if (h.paused_until <= now) h.paused_until = time_point::min();
    const bool paused = h.paused_until != time_point::min();
    const bool free = !h.jobs.empty() && !paused && (per_host_ == 0 || h.running < per_host_);
    if (free && !h.in_turn) h.turn = turns_.insert(turns_.end(), at->first);
    if (!free && h.in_turn) turns_.erase(h.turn);
    h.in_turn = free;
    if (h.jobs.empty() && h.running == 0 && !paused) hosts_.erase(at);
}

void schedule::admit_due(time_point now) {
    while (!later_.empty() && later_.begin()->first <= now) {
        auto due = later_.extract(later_.begin());
        enqueue(std::move(due.mapped()));
    }
    while (!paused_.empty() && paused_.begin()->first <= now) {
        const auto at = hosts_.find(paused_.begin()->second);
        paused_.erase(paused_.begin());
        if (at != hosts_.end()) update(at, now);
    }
}

std::optional<job> schedule::take(time_point now) {
    admit_due(now);
    if (turns_.empty() || !pace_.take(now)) return std::nullopt;
    const auto at = hosts_.find(turns_.front());
    host& h = at->second;
    turns_.erase(h.turn);
    h.in_turn = false;
    job next = std::move(h.jobs.front());
    h.jobs.pop_front();
    ++h.running;
    --waiting_;
    weight_ -= next.what.weight();
    update(at, time_point::min());
    return next;
}

time_point schedule::next(time_point now) {
    admit_due(now);
    if (!turns_.empty()) return std::max(now, pace_.next());
    time_point soonest = time_point::max();
    if (!later_.empty()) soonest = later_.begin()->first;
    if (!paused_.empty()) soonest = std::min(soonest, paused_.begin()->first);
    return soonest;
}

void schedule::finished(const std::string& name) {
    const auto at = hosts_.find(name);
    if (at == hosts_.end()) return;
    --at->second.running;
    update(at, time_point::min());
}

void schedule::pause(const std::string& name, time_point until) {
    const auto at = hosts_.try_emplace(name).first;
    if (until <= at->second.paused_until) return;
    at->second.paused_until = until;
    paused_.emplace(until, name);
    update(at, time_point::min());
}

}  // namespace torus::inline v0::cli
