// cli/main.cpp: the command torus.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <torus/core/error.hpp>

#include <CLI/CLI.hpp>

#include "cli/breakfast.hpp"
#include "cli/declare.hpp"
#include "cli/exit_status.hpp"
#include "cli/fetch.hpp"
#include "cli/help.hpp"
#include "cli/serve.hpp"
#include "cli/suggestion.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

/// The command line of everything.
class command_line {
public:
    command_line()
        : fetch_(declare_fetch(torus_, fetch_options_)), serve_(declare_serve(torus_, serve_options_)),
          breakfast_(declare_command(torus_, "breakfast", breakfast_help)) {
        torus_.formatter_fn(
            [](const CLI::App*, const std::string&, CLI::AppFormatMode) { return styled_help(torus_help); });
        torus_.set_version_flag("--version", version_report);
        torus_.require_subcommand(0, 1);
    }

    int run(int count, char** words) {
        try {
            torus_.parse(count, words);
        } catch (const CLI::CallForVersion& e) {
            return show(e.what());
        } catch (const CLI::Success&) {
            return show(chosen().help());
        } catch (const CLI::ExtrasError&) {
            return refuse(unexpected());
        } catch (const CLI::ParseError& e) {
            return refuse(e.what());
        }
        if (fetch_.parsed()) return fetch(fetch_options_, std::vector<std::string>(words, words + count));
        if (serve_.parsed()) return serve(serve_options_);
        if (breakfast_.parsed()) {
            const int status = ::breakfast();
            return is_written() ? status : exit_status::broken;
        }
        std::fputs(torus_.help().c_str(), stderr);
        return exit_status::usage;
    }

private:
    CLI::App& chosen() {
        const auto parsed = torus_.get_subcommands();
        return parsed.empty() ? torus_ : *parsed.front();
    }

    static int show(const std::string& text) {
        std::fputs(text.c_str(), stdout);
        return is_written() ? exit_status::done : exit_status::broken;
    }

    /// Whether all that was printed has arrived. If not, that is told.
    static bool is_written() {
        if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
        std::fputs("torus: the output can't be written\n", stderr);
        return false;
    }

    int refuse(const std::string& why) {
        const std::string command = &chosen() == &torus_ ? "torus" : "torus " + chosen().get_name();
        const std::string text = command + ": " + printable(why) + "\n  " + command + " --help says what there is.\n";
        std::fputs(text.c_str(), stderr);
        return exit_status::usage;
    }

    /// What was not understood, and what it may have been meant to be.
    std::string unexpected() {
        const std::vector<std::string> extras = torus_.remaining(true);
        const std::string word = extras.empty() ? std::string() : extras.front();
        std::vector<std::string> known;
        if (word.starts_with('-')) {
            for (const CLI::Option* option : chosen().get_options())
                for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
        } else if (&chosen() == &torus_) {
            for (const CLI::App* command : torus_.get_subcommands({})) known.push_back(command->get_name());
        }
        const std::vector<std::string_view> views(known.begin(), known.end());
        const bool option = word.starts_with('-');
        const bool command = !option && &chosen() == &torus_;
        return std::string(option    ? "there is no option '"
                           : command ? "there is no command '"
                                     : "there is no use for '") +
               word + "'" + did_you_mean(word, views);
    }

    CLI::App torus_;
    fetch_options fetch_options_;
    serve_options serve_options_;
    CLI::App& fetch_;
    CLI::App& serve_;
    CLI::App& breakfast_;
};

/// The next file opened gets the number of a standard stream that is closed, and then what is meant for the stream. So
/// nothing takes their place, opened the wrong way round: whoever uses them is told.
void occupy_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        if (::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream)
            throw std::system_error(errno, std::system_category(), "cannot open /dev/null");
    }
}

}  // namespace

}  // namespace torus::inline v0::cli

int main(int count, char** words) {
    // A reader that has gone, and a file at its limit, are errors of a write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        torus::cli::occupy_closed_streams();
        return torus::cli::command_line().run(count, words);
    } catch (const torus::keyboard_interrupt& e) {
        return torus::cli::exit_status::by_signal + e.signal();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "torus: %s\n", std::string(torus::cli::without_name(e.what())).c_str());
        return torus::cli::exit_status::broken;
    }
}
