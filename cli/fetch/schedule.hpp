// cli/fetch/schedule.hpp: which request is next.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include <torus/core/clock.hpp>

#include "cli/fetch/pace.hpp"
#include "cli/fetch/request.hpp"

namespace torus::inline v0::cli {

/// A request with what has happened to it so far.
class job {
public:
    explicit job(request r) : what(std::move(r)) {}

    request what;
    int attempts = 0;
};

/// The requests that wait, and the order in which they begin: hosts take turns, and within a host first come first
/// served. Pure arithmetic: the caller says what time it is.
class schedule {
public:
    /// @param per_host  requests to one host at a time; 0 for any number
    /// @param per_second  0 for any number
    schedule(std::size_t per_host, double per_second) : per_host_(per_host), pace_(per_second) {}

    /// Puts a job behind the others of its host.
    void add(job j);

    /// Puts a job back that begins again at `when`.
    void add_later(job j, time_point when);

    /// The job that begins now, if there is one. It counts as running until `finished`.
    std::optional<job> take(time_point now);

    /// When `take` has something, if nothing is added and nothing ends before; time_point::max() for never.
    time_point next(time_point now);

    /// A job to that host doesn't run any more.
    void finished(const std::string& host);

    /// Nothing begins at that host before `until`.
    void pause(const std::string& host, time_point until);

    /// Jobs that wait, and about how much memory they take.
    std::size_t waiting() const noexcept { return waiting_; }
    std::size_t weight() const noexcept { return weight_; }

private:
    struct host {
        std::deque<job> jobs;
        std::size_t running = 0;
        time_point paused_until = time_point::min();
        bool in_turn = false;
        std::list<std::string>::iterator turn;
    };
    using hosts = std::unordered_map<std::string, host>;

    void enqueue(job j);
    void admit_due(time_point now);
    void update(hosts::iterator at, time_point now);

    std::size_t per_host_;
    pace pace_;
    hosts hosts_;
    std::list<std::string> turns_;  // hosts that have a job which may begin
    std::multimap<time_point, job> later_;
    std::multimap<time_point, std::string> paused_;
    std::size_t waiting_ = 0;
    std::size_t weight_ = 0;
};

}  // namespace torus::inline v0::cli
