// cli/fetch/reporter.hpp: telling a person, or a log, how far it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <torus/core/async.hpp>

#include "cli/fetch/engine.hpp"
#include "cli/fetch/options.hpp"
#include "cli/fetch/progress.hpp"

namespace torus::inline v0::cli {

/// How often the bar on a terminal is drawn: often enough to look alive.
inline constexpr duration bar_interval = std::chrono::milliseconds(100);

/// How often there is a line where nothing can be redrawn: a log of an hour has 360 of them.
inline constexpr duration line_interval = std::chrono::seconds(10);

/// What goes to standard error: a bar that is redrawn, or a line from time to time; nothing if it is to be quiet.
class reporter {
public:
    explicit reporter(const fetch_options& options);

    /// Shows how far `of` is, until cancelled.
    async<> watch(const engine& of, std::optional<std::int64_t> lines);

    /// Says something, above the bar; not if it is to be quiet.
    void say(std::string_view text);

    /// Says what went wrong with the run itself, in any case.
    void complain(std::string_view text);

private:
    void erase_bar();

    bool quiet_;
    bool interactive_;
    palette colors_;
    bool drawn_ = false;
};

}  // namespace torus::inline v0::cli
