// cli/fetch/reporter.cpp: telling a person, or a log, how far it is.
#include "cli/fetch/reporter.hpp"

#include <cstdio>
#include <string>

#include <torus/core/time.hpp>

#include "cli/terminal.hpp"

#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

void write(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

reporter::reporter(const fetch_options& options)
    : quiet_(options.quiet), interactive_(is_interactive(STDERR_FILENO)),
      colors_(wants_color(options.color, STDERR_FILENO)) {}

async<> reporter::watch(const engine& of, std::optional<std::int64_t> lines) {
    if (quiet_) co_return;
    const time_point start = clock::now();
    const std::uint64_t before = of.counted().done;
    speedometer speed(start);
    // Whatever ends the watching ends the bar.
    const struct erasing {
        reporter& self;
        ~erasing() { self.erase_bar(); }
    } at_the_end{*this};
    for (;;) {
        co_await sleep(interactive_ ? bar_interval : line_interval);
        progress_state state;
        state.done = of.counted().done;
        state.failed = of.counted().failed;
        if (lines) state.total = static_cast<std::uint64_t>(*lines);
        speed.note(clock::now(), state.done - before);
        state.per_second = speed.per_second();
        if (interactive_) write("\r" + progress_bar(state, columns_of(STDERR_FILENO), colors_) + "\x1b[K");
        else write("torus: " + progress_line(state) + "\n");
        drawn_ = interactive_;
    }
}

void reporter::erase_bar() {
    if (drawn_) write("\r\x1b[K");
    drawn_ = false;
}

void reporter::say(std::string_view text) {
    if (quiet_) return;
    erase_bar();
    write(std::string(without_name(text)) + "\n");
}

void reporter::complain(std::string_view text) {
    erase_bar();
    write(colors_.red("torus:") + " " + std::string(text) + "\n");
}

}  // namespace torus::inline v0::cli
