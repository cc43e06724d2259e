// src/sim/words.cpp: where everybody is, and what happened last.
#include "sim/words.hpp"

#include <vector>

#include <torus/core/call_graph.hpp>
#include <torus/core/task.hpp>

#include "core/outside_of_loops.hpp"
#include "sim/machine.hpp"
#include "sim/wire.hpp"

namespace torus::inline v0::sim {

namespace {

constexpr std::size_t most_tasks = 100;  // of a host: more would not be read

const char* verb_of(trace::kind what) noexcept {
    switch (what) {
    case trace::kind::step: return "goes on with task";
    case trace::kind::thread: return "goes on with thread";
    case trace::kind::sent: return "sends";
    case trace::kind::lost: return "loses";
    case trace::kind::began: return "begins";
    case trace::kind::ended: return "ends";
    case trace::kind::killed: return "is killed";
    case trace::kind::crashed: return "crashes";
    case trace::kind::paused: return "is paused";
    case trace::kind::resumed: return "is resumed";
    case trace::kind::wrote: return "writes into file";
    case trace::kind::synced: return "syncs file";
    }
    return "";
}

std::string in_words(const trace::event& e, const wire& on) {
    std::string line = "  " + in_seconds(e.when) + " " + on.name_of(e.host) + " " + verb_of(e.what);
    switch (e.what) {
    case trace::kind::step:
    case trace::kind::thread:
    case trace::kind::wrote:
    case trace::kind::synced: return line + " " + std::to_string(e.number) + "\n";
    case trace::kind::sent:
    case trace::kind::lost:
        return line + " " + std::string(e.flags) + " " + std::to_string(e.number) + " with " + std::to_string(e.size) +
               " bytes to " + on.name_of(e.other) + "\n";
    default: return line + "\n";
    }
}

}  // namespace

std::string in_seconds(time_point when) {
    const auto since = (when - simulated_beginning).count();
    constexpr auto second = 1'000'000'000;
    const std::string rest = std::to_string(since % second);
    return std::to_string(since / second) + "." + std::string(9 - rest.size(), '0') + rest + " s";
}

std::string tasks_in_words(const machine& of, const std::string& name) {
    if (!of.guest || of.guest->done()) return name + ": no program runs\n";
    std::string text = name + (of.is_paused ? " (paused):\n" : ":\n");
    const outside_of_loops here;
    of.guest->call([&] {
        std::vector<any_task> all = all_tasks();
        if (all.size() > most_tasks) {
            text += "(the first " + std::to_string(most_tasks) + " of " + std::to_string(all.size()) + " tasks)\n";
            all.resize(most_tasks);
        }
        for (const any_task& each : all) text += format_call_graph(capture_call_graph(each));
    });
    return text;
}

std::string events_in_words(const wire& on) {
    const trace& history = on.history();
    std::string text = "the last of " + std::to_string(history.events()) + " events:\n";
    for (const trace::event& each : history.last()) text += in_words(each, on);
    return text;
}

}  // namespace torus::inline v0::sim
