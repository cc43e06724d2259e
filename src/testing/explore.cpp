// src/testing/explore.cpp: many orders, one after the other, and the shortest way to the problem that was found.
#include <torus/testing/explore.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <torus/core/core.hpp>

#include "testing/environment.hpp"
#include "testing/in_words.hpp"
#include "testing/order.hpp"
#include "testing/world.hpp"

namespace torus::inline v0::testing {

namespace {

// Steps in which the tasks that a run has cancelled at its end may finish.
constexpr int last_steps = 1000;

std::string describe_choices(const std::vector<std::size_t>& choices) {
    std::string words;
    for (std::size_t i = 0; i < choices.size(); ++i)
        if (choices[i] > 0)
            words += (words.empty() ? "" : ", ") + std::to_string(choices[i]) + " at " + std::to_string(i);
    return words.empty() ? "in the plain order" : "with the choices " + words;
}

/// Without what the plain order does anyhow.
std::vector<std::size_t> choices_of(const std::vector<decision>& decisions) {
    std::vector<std::size_t> choices;
    choices.reserve(decisions.size());
    for (const decision& each : decisions) choices.push_back(each.chosen);
    while (!choices.empty() && choices.back() == 0) choices.pop_back();
    return choices;
}

/// Keeps the first of what is reported.
class first_report final : public error_handler {
public:
    explicit first_report(std::string& into) noexcept : text_(into) {}
    void handle(const error_context& context) override {
        if (!text_.empty()) return;
        text_ = "reported: " + context.message;
        if (context.error) text_ += ": " + in_words(context.error);
    }

private:
    std::string& text_;
};

class exploring_runs {
public:
    exploring_runs(subject& what, const explore_options& options) : subject_(what), options_(options) {
        if (const auto seed = number_in_environment("TORUS_SEED")) options_.seed = *seed;
        const auto seeds = number_in_environment("TORUS_SEEDS");
        if (seeds && options_.policy != order_policy::exhaustive) options_.runs = *seeds;
    }

    exploration try_all() {
        if (options_.policy == order_policy::exhaustive) deviate();
        else try_seeds();
        return std::move(found_);
    }

    exploration try_one(const std::vector<std::size_t>& choices) {
        run(choices, nullptr);
        return std::move(found_);
    }

private:
    // ---- All orders, with fewer deviations first

    void deviate() {
        for (std::size_t most = 0; most <= options_.deviations && !found_.complete; ++most)
            if (!deviate_at_most(most)) return;
    }

    /// False if there is a problem, or the runs are used up. In each run the last choice that can be is the next one.
    bool deviate_at_most(std::size_t most) {
        bool all_allowed = true;
        std::vector<std::size_t> choices;
        for (;;) {
            if (found_.runs == options_.runs || !run(choices, nullptr)) return false;
            choices = next_after(decisions_, most, all_allowed);
            if (choices.empty()) break;
        }
        found_.complete = all_allowed || most == options_.deviations;
        return true;
    }

    static std::vector<std::size_t> next_after(std::vector<decision> made, std::size_t most, bool& all_allowed) {
        std::size_t deviations = 0;
        for (const decision& each : made) deviations += each.chosen > 0;
        for (; !made.empty(); made.pop_back()) {
            decision& last = made.back();
            const bool deviates = last.chosen > 0;
            if (last.chosen + 1 < last.count) {
                if (deviates || deviations < most) {
                    ++last.chosen;
                    return choices_of(made);
                }
                all_allowed = false;
            }
            deviations -= deviates;
        }
        return {};
    }

    // ---- Orders by chance

    void try_seeds() {
        run({}, nullptr);
        const std::size_t length =
            decisions_.size();  // not that of the run before, or a seed alone would not do the same
        for (std::uint64_t i = 0; found_.problem.empty() && found_.runs < options_.runs; ++i)
            try_seed(options_.seed + i, length);
        if (seed_ && !found_.problem.empty())
            found_.problem += "\nTORUS_SEED=" + std::to_string(*seed_) + " finds it again";
    }

    void try_seed(std::uint64_t seed, std::size_t length) {
        seed_ = seed;
        std::unique_ptr<chance_policy> chance;
        if (options_.policy == order_policy::shuffled) chance = std::make_unique<shuffling>(seed);
        else chance = std::make_unique<prioritising>(seed, options_.deviations, length);
        if (!run({}, chance.get())) shorten();
    }

    /// Takes deviations back, as long as there is still a problem.
    void shorten() {
        std::vector<std::size_t> choices = found_.choices;
        for (std::size_t i = choices.size(); i-- > 0;) {
            if (i >= choices.size() || choices[i] == 0) continue;
            std::vector<std::size_t> fewer = choices;
            fewer[i] = 0;
            if (!run(fewer, nullptr)) choices = found_.choices;
        }
    }

    // ---- One run

    /// Whether all was well.
    bool run(std::vector<std::size_t> choices, chance_policy* after) {
        recording order(std::move(choices), after);
        std::string problem = run_in_loop(order);
        ++found_.runs;
        decisions_ = order.decisions();
        if (problem.empty()) return true;
        found_.choices = choices_of(decisions_);
        found_.problem = describe_choices(found_.choices) + ": " + problem;
        return false;
    }

    std::string run_in_loop(recording& order) {
        std::string reported;  // up to the end of the world
        main_loop world({.world = &plain_network(), .blocked_after = duration::zero()});
        event_loop& loop = world.loop();
        any_task main(main_loop::begin(subject_.begin().release().promise()));
        loop.set_error_handler(std::make_unique<first_report>(reported));
        loop.set_chooser(&order);
        std::string problem = run_to_end(loop, main, order);
        order.end();
        if (problem.empty()) problem = what_is_wrong_with(main);
        const bool is_done = main.done();
        main = any_task();
        if (problem.empty() && is_done) problem = what_is_left(loop);
        if (problem.empty()) problem = reported;
        loop.set_chooser(nullptr);
        return problem.empty() ? broken_invariant() : problem;
    }

    std::string run_to_end(event_loop& loop, any_task& main, recording& order) {
        bool may_cancel = options_.cancels;
        for (std::size_t step = 0; !main.done(); ++step) {
            if (step == options_.steps) return "it does not end in " + std::to_string(step) + " steps";
            if (may_cancel && order.cancels()) {
                main.cancel("explore");
                may_cancel = false;
            }
            if (loop.nothing_will_happen())
                return "nothing can happen any more:\n" + format_call_graph(capture_call_graph(main));
            loop.run_once();
        }
        return {};
    }

    std::string what_is_wrong_with(const any_task& main) const {
        if (main.cancelled()) return options_.cancels ? "" : "it was cancelled";
        if (const std::exception_ptr error = main.exception()) return "it failed: " + in_words(error);
        return {};
    }

    /// What is left may have been cancelled only just now.
    static std::string what_is_left(event_loop& loop) {
        for (int pass = 0; pass < last_steps && !all_tasks().empty(); ++pass) loop.run_once(duration::zero());
        for (const any_task& each : all_tasks()) return "a task is left: " + each.name();
        return {};
    }

    std::string broken_invariant() {
        try {
            subject_.check();
            return {};
        } catch (...) {
            return in_words(std::current_exception());
        }
    }

    subject& subject_;
    explore_options options_;
    exploration found_;
    std::vector<decision> decisions_;  // of the last run
    std::optional<std::uint64_t> seed_;
};

}  // namespace

exploration explore(subject& what, explore_options options) {
    require_no_loop();
    return exploring_runs(what, options).try_all();
}

exploration replay(subject& what, const std::vector<std::size_t>& choices, explore_options options) {
    require_no_loop();
    return exploring_runs(what, options).try_one(choices);
}

}  // namespace torus::inline v0::testing
