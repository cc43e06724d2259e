// cli/serve/options.hpp: what the command line of `torus serve` says.
#pragma once

#include <cstdint>
#include <string>

#include <torus/core/clock.hpp>

#include "cli/terminal.hpp"

namespace CLI {
class App;
}

namespace torus::inline v0::cli {

/// The options, with their defaults.
class serve_options {
public:
    std::string folder = ".";
    std::string host = "127.0.0.1";
    std::uint16_t port = 8000;
    duration lag = {};
    std::string certificate;
    std::string key;
    std::string log;  // a path, or "-"
    color_choice color = color_choice::automatic;
};

/// Adds the subcommand.
CLI::App& declare_serve(CLI::App& torus, serve_options& options);

}  // namespace torus::inline v0::cli
