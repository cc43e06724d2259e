// src/process/spawn.hpp: starting a program, apart from any loop.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torus/process/environment.hpp>
#include <torus/process/options.hpp>

#include "process/child.hpp"

#include <signal.h>

namespace torus::inline v0 {

/// A program and everything it is started with. It owns what it needs: a thread reads it, perhaps after the caller has
/// gone.
class spawn_request {
public:
    /// @throws std::invalid_argument  as create_subprocess_exec
    template <class Word>
    spawn_request(std::span<const Word> command, const process_options& given)
        : words(command.begin(), command.end()), cwd(given.cwd), options(given) {
        check();
        environment_ = given.env ? *given.env : environment::current();
        options.cwd = cwd;
        options.env = &environment_;
    }
    spawn_request(const spawn_request&) = delete;
    spawn_request& operator=(const spawn_request&) = delete;

    /// Duplicates the files given, and notes what the child has of this thread.
    /// @throws std::system_error  one of them is not open
    void prepare();

    const process_stream& stream(int number) const noexcept;
    bool leads_group() const noexcept { return options.start_new_session || options.process_group == own_group; }

    std::vector<std::string> words;
    std::string cwd;
    process_options options;
    std::array<descriptor, 3> files;  // duplicates of what was given
    sigset_t mask{};

private:
    void check() const;

    environment environment_;
};

/// A child with the ends of its pipes; or an errno, and what was being done.
class spawn_result {
public:
    child_owner owner;
    std::array<descriptor, 3> pipes;  // non-blocking; none where the child has no pipe
    int error = 0;
    std::string attempt;
};

/// Starts the program. It blocks until the kernel has loaded it, or has said why not. From any thread.
spawn_result start_program(const std::shared_ptr<spawn_request>& request);

}  // namespace torus::inline v0
