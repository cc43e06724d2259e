// cli/serve.cpp: the subcommand serve.
#include "cli/serve.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <torus/core/run.hpp>
#include <torus/core/time.hpp>
#include <torus/http/server.hpp>
#include <torus/tls/context.hpp>
#include <torus/tls/error.hpp>

#include "cli/backend_choice.hpp"
#include "cli/exit_status.hpp"
#include "cli/fetch/descriptor_limit.hpp"
#include "cli/serve/endpoints.hpp"
#include "cli/serve/files.hpp"
#include "cli/serve/made_body.hpp"
#include "cli/serve/request_log.hpp"
#include "cli/terminal.hpp"

#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

/// Connections that a server should be able to have: more than one test machine has ports for.
constexpr std::size_t wanted_connections = 65536;

class answering final : public http::request_handler {
public:
    explicit answering(const serve_options& options) : files_(options.folder), lag_(options.lag) {
        if (!options.log.empty()) log_.emplace(options.log);
    }

    async<http::reply> handle(http::incoming& request) override {
        const time_point begun = clock::now();
        if (lag_ > duration::zero()) co_await sleep(lag_);
        http::reply answer;
        if (is_endpoint(request.path())) answer = co_await endpoint_reply(request);
        else answer = co_await files_.answer(request);
        if (log_) log_->note(request, answer, clock::now() - begun);
        co_return answer;
    }

private:
    files files_;
    duration lag_;
    std::optional<request_log> log_;
};

/// Errors of connections, on standard error, but for those that are meant, or are the client's.
class complaining final : public error_handler {
public:
    explicit complaining(palette colors) : colors_(colors) {}

private:
    void handle(const error_context& context) override {
        std::string why;
        try {
            if (context.error) std::rethrow_exception(context.error);
        } catch (const meant_to_break&) {
            return;
        } catch (const connection_closed&) {
            return;  // clients may go when they like
        } catch (const std::exception& e) {
            why = std::string(": ") + e.what();
        } catch (...) {
            why = ": not a std::exception";
        }
        std::fprintf(stderr, "%s %s\n", colors_.red("torus:").c_str(), printable(context.message + why).c_str());
    }
    palette colors_;
};

/// The host as it stands in a URL.
std::string in_url(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

async<> serve_files(const serve_options& options, palette colors) {
    event_loop::current().set_error_handler(std::make_unique<complaining>(colors));
    http::server_options how;
    how.server_name = "torus";
    if (!options.certificate.empty())
        how.tls =
            tls::context::server({tls::file(options.certificate), tls::file(options.key), {}}, {.alpn = "http/1.1"});
    auto handler = std::make_unique<answering>(options);
    http::server running = co_await http::serve(std::move(handler), options.host, options.port, std::move(how));
    const std::string scheme = options.certificate.empty() ? "http" : "https";
    std::printf("Serving %s at %s://%s:%u/\n", printable(options.folder).c_str(), scheme.c_str(),
                in_url(options.host).c_str(), static_cast<unsigned>(running.port()));
    if (std::fflush(stdout) != 0)  // nobody would learn the port
        throw std::system_error(errno, std::system_category(), "cannot write to standard output");
    co_await running.serve_forever();
}

}  // namespace

int serve(const serve_options& options) {
    const palette colors(wants_color(options.color, STDERR_FILENO));
    const auto complain = [&](const char* why) {
        std::fprintf(stderr, "%s %s\n", colors.red("torus:").c_str(), std::string(without_name(why)).c_str());
    };
    if (options.certificate.empty() != options.key.empty()) {
        complain("--tls-cert and --tls-key go together");
        return exit_status::usage;
    }
    raise_descriptor_limit(wanted_connections);
    try {
        check_backend_choice();
        torus::run(serve_files(options, colors), {.stop_on = {SIGTERM}});
        return exit_status::done;
    } catch (const keyboard_interrupt&) {
        return exit_status::done;
    } catch (const std::invalid_argument& e) {
        complain(e.what());
        return exit_status::usage;
    } catch (const std::exception& e) {
        complain(e.what());
        return exit_status::broken;
    }
}

}  // namespace torus::inline v0::cli
