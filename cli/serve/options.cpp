// cli/serve/options.cpp: what the command line of `torus serve` says.
#include "cli/serve/options.hpp"

#include "cli/declare.hpp"
#include "cli/help.hpp"

namespace torus::inline v0::cli {

CLI::App& declare_serve(CLI::App& torus, serve_options& options) {
    CLI::App& serve = declare_command(torus, "serve", serve_help);
    declare_positional(serve, "DIR", options.folder);
    declare(serve, "--host", options.host);
    declare_count(serve, "--port", options.port, 0, 65535);
    declare_duration(serve, "--lag", options.lag);
    declare(serve, "--tls-cert", options.certificate);
    declare(serve, "--tls-key", options.key);
    declare(serve, "--log", options.log);
    declare_color(serve, options.color);
    return serve;
}

}  // namespace torus::inline v0::cli
