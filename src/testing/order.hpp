// src/testing/order.hpp: what decides in a run of `explore`: a list of choices, then the plain order or chance.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <torus/core/chooser.hpp>

namespace torus::inline v0::testing {

/// One of several things that could have come next.
struct decision {
    std::size_t chosen = 0;
    std::size_t count = 0;
};

/// Decides by chance where no list of choices does.
class chance_policy {
public:
    explicit chance_policy(std::uint64_t seed) : chance_(seed) {}
    virtual ~chance_policy() = default;
    virtual std::size_t choose(std::span<const std::uint64_t> ready) = 0;
    bool cancels() { return draw() % steps_until_cancelled == 0; }

protected:
    std::uint64_t draw() { return chance_(); }

private:
    static constexpr std::uint64_t steps_until_cancelled = 16;  // on average: something has happened before
    std::mt19937_64 chance_;
};

/// Repeats the choices it is given, then asks its policy, which may be none: then it is the plain order. Notes all of them.
class recording final : public chooser {
public:
    recording(std::vector<std::size_t> given, chance_policy* after) : given_(std::move(given)), after_(after) {}

    std::size_t choose(std::span<const std::uint64_t> ready) noexcept override {
        if (ended_ || ready.size() == 1) return 0;
        return note(is_given() || !after_ ? next_given() : after_->choose(ready), ready.size());
    }

    /// Whether the run is to be cancelled now: a deviation like another one.
    bool cancels() { return note(is_given() || !after_ ? next_given() : after_->cancels(), 2) == 1; }

    /// What comes now is no part of the run any more.
    void end() noexcept { ended_ = true; }
    const std::vector<decision>& decisions() const noexcept { return decisions_; }

private:
    bool is_given() const noexcept { return decisions_.size() < given_.size(); }
    std::size_t next_given() const noexcept { return is_given() ? given_[decisions_.size()] : 0; }
    std::size_t note(std::size_t chosen, std::size_t count) {
        decisions_.push_back({std::min(chosen, count - 1), count});
        return decisions_.back().chosen;
    }

    const std::vector<std::size_t> given_;
    chance_policy* const after_;
    std::vector<decision> decisions_;
    bool ended_ = false;
};

class shuffling final : public chance_policy {
public:
    using chance_policy::chance_policy;
    std::size_t choose(std::span<const std::uint64_t> ready) override { return draw() % ready.size(); }
};

/// The one with the highest priority comes next, until a moment comes that takes its priority.
class prioritising final : public chance_policy {
public:
    /// @param length  of a run, roughly: where the changes may be
    prioritising(std::uint64_t seed, std::size_t changes, std::size_t length) : chance_policy(seed) {
        for (std::size_t i = 0; i < changes; ++i) changes_.push_back(draw() % std::max<std::size_t>(length, 1));
    }

    std::size_t choose(std::span<const std::uint64_t> ready) override {
        std::size_t best = highest(ready);
        const auto changes = std::count(changes_.begin(), changes_.end(), moment_++);
        if (changes > 0) {
            priorities_[ready[best]] = lowest_--;
            best = highest(ready);
        }
        return best;
    }

private:
    std::size_t highest(std::span<const std::uint64_t> ready) {
        std::size_t best = 0;
        for (std::size_t i = 0; i < ready.size(); ++i)
            if (of(ready[i]) > of(ready[best])) best = i;
        return best;
    }
    std::int64_t of(std::uint64_t task) {
        const auto [found, is_new] = priorities_.try_emplace(task);
        if (is_new) found->second = static_cast<std::int64_t>(draw() >> 2);
        return found->second;
    }

    std::map<std::uint64_t, std::int64_t> priorities_;
    std::int64_t lowest_ = -1;
    std::vector<std::size_t> changes_;
    std::size_t moment_ = 0;
};

}  // namespace torus::inline v0::testing
