// src/sim/words.hpp: a simulated world in words, for who has to understand a failure.
#pragma once

#include <string>

#include <torus/core/clock.hpp>

namespace torus::inline v0::sim {

class machine;
class wire;

/// Since the beginning: "1.250000000 s".
std::string in_seconds(time_point when);

/// Where each task of a host is.
std::string tasks_in_words(const machine& of, const std::string& name);

/// The last events, a line for each.
std::string events_in_words(const wire& on);

}  // namespace torus::inline v0::sim
