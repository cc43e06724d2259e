// src/testing/seeds.cpp: one world after the other, or several at once.
#include <torus/testing/seeds.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <torus/core/run.hpp>

#include "testing/environment.hpp"
#include "testing/in_words.hpp"

namespace torus::inline v0::testing {

namespace {

class trying_seeds {
public:
    trying_seeds(use_of_world& body, const seed_options& options) : body_(body), options_(options) {
        const auto seed = number_in_environment("TORUS_SEED");
        if (seed) options_.first = *seed;
        options_.runs = seed ? 1 : number_in_environment("TORUS_SEEDS").value_or(options_.runs);
    }

    seeds_tried try_all() {
        const unsigned wanted = options_.threads > 0 ? options_.threads : std::thread::hardware_concurrency();
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < std::min<std::size_t>(wanted, options_.runs); ++i)
            others.emplace_back([this] { work(); });
        work();
        others.clear();  // when they have ended
        return std::move(found_);
    }

private:
    void work() {
        while (!is_over_) {
            const std::uint64_t run = next_++;
            if (run >= options_.runs) return;
            const bool twice = options_.runs_between_repetitions > 0 && run % options_.runs_between_repetitions == 0;
            std::string problem = try_one(options_.first + run, twice);
            const std::lock_guard lock(mutex_);
            ++found_.runs;
            if (!problem.empty()) note(options_.first + run, std::move(problem));
        }
    }

    void note(std::uint64_t seed, std::string problem) {
        is_over_ = true;
        if (!found_.problem.empty() && found_.seed < seed) return;
        found_.seed = seed;
        found_.problem = "TORUS_SEED=" + std::to_string(seed) + " finds it again: " + std::move(problem);
    }

    std::string try_one(std::uint64_t seed, bool twice) {
        std::vector<std::uint64_t> first;
        std::string problem = run(seed, twice, first);
        if (!problem.empty() || !twice) return problem;
        std::vector<std::uint64_t> second;
        problem = run(seed, true, second);
        return problem.empty() ? difference(first, second) : problem;
    }

    /// What is wrong with it; empty if all is well.
    std::string run(std::uint64_t seed, bool records, std::vector<std::uint64_t>& figures) {
        sim::world_options how = options_.world;
        how.seed = seed;
        sim::world world(how);
        if (records) world.record();
        std::string problem;
        try {
            body_.run(world);
            if (options_.has_failed && options_.has_failed()) problem = "a check has failed\n" + world.report();
        } catch (const sim::stuck_error& e) {
            problem = e.what();
        } catch (...) {
            problem = in_words(std::current_exception()) + "\n" + world.report();
        }
        figures = world.figures();
        return problem;
    }

    static std::string difference(const std::vector<std::uint64_t>& first, const std::vector<std::uint64_t>& second) {
        if (first == second) return {};
        const auto at = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
        return "the same seed was not the same run twice: they differ from event " +
               std::to_string(at.first - first.begin()) + " of " + std::to_string(first.size()) + " on";
    }

    use_of_world& body_;
    seed_options options_;
    std::atomic<std::uint64_t> next_ = 0;
    std::atomic<bool> is_over_ = false;
    std::mutex mutex_;
    seeds_tried found_;
};

}  // namespace

seeds_tried try_seeds(use_of_world& what, seed_options options) {
    require_no_loop();
    return trying_seeds(what, options).try_all();
}

}  // namespace torus::inline v0::testing
