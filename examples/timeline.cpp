// examples/timeline.cpp: a picture in the terminal of what ran when, and when it waited.
#include "timeline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using moment = std::chrono::steady_clock::time_point;
using seconds = std::chrono::duration<double>;

/// All pictures have the same scale, so that they can be compared: five seconds take half of a terminal's 80 columns,
/// and a bar has room for its name.
constexpr double columns_per_second = 10;

struct change {
    moment when;
    bool runs;
};
struct bar {
    std::string name;
    std::vector<change> changes;  // from the beginning on, which is the first
    moment end;
};

std::vector<bar> bars;
std::string served;

moment now() { return std::chrono::steady_clock::now(); }

/// Whether the terminal shows more than ASCII, by the rules of setlocale(3).
bool knows_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (!value || !*value) continue;
        std::string locale(value);
        for (char& c : locale)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
    return false;
}

const char* running_cell() { return knows_utf8() ? "█" : "#"; }
const char* waiting_cell() { return knows_utf8() ? "░" : "."; }

int column(moment start, moment when) {
    return static_cast<int>(std::lround(seconds(when - start).count() * columns_per_second));
}

/// Every stretch is at least one column long, so that also an instant is seen; the last column belongs to the last one.
std::string drawn(const bar& b, moment start) {
    const int first = column(start, b.changes.front().when);
    const int last = std::max(first, column(start, b.end) - 1);
    std::string text(static_cast<std::size_t>(first), ' ');
    for (int at = first; at <= last; ++at) {
        bool runs = b.changes.front().runs;
        for (const change& c : b.changes)
            if (column(start, c.when) < at || at == last) runs = c.runs;
        text += runs ? running_cell() : waiting_cell();
    }
    return text;
}

}  // namespace

step::step(std::string_view function) : bar_(bars.size()) {
    bars.push_back({std::string(function), {{now(), true}}, {}});
}
step::~step() { bars[bar_].end = now(); }
void step::begin_waiting() { bars[bar_].changes.push_back({now(), false}); }
void step::end_waiting() { bars[bar_].changes.push_back({now(), true}); }

void draw(std::string_view title, void (*breakfast)()) {
    bars.clear();
    std::printf("%.*s\n", static_cast<int>(title.size()), title.data());
    std::fflush(stdout);
    const moment start = now();
    breakfast();
    const double took = seconds(now() - start).count();
    for (const bar& b : bars) std::printf("  %-12s %s\n", b.name.c_str(), drawn(b, start).c_str());
    std::printf("  %s after %.2f s     %s runs  %s waits, others may run\n\n", served.c_str(), took, running_cell(),
                waiting_cell());
    std::fflush(stdout);
}

void serve(std::string_view first, std::string_view second) {
    served = std::string(first) + " and " + std::string(second);
}
