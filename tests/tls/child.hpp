// tests/tls/child.hpp: other people's programs, run as children of a test.
#pragma once

#include <torus/io/io.hpp>

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

namespace torus::inline v0::tls::testing {

/// A program that runs. What it reads, writes and complains about goes over one stream. It ends with its object.
class child {
public:
    /// @throws std::system_error  there is no such program
    explicit child(std::vector<std::string> command, const std::string& directory = ".");
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child();

    /// What it reads and writes.
    stream& talk() { return talk_; }

    /// Reads lines until one begins with `prefix`. @return the rest of that line
    async<std::string> line_after(std::string prefix);

    /// Waits for its end. @return what it exits with; 128 and the signal if one ended it
    async<int> exit_code();

    void kill() noexcept;

private:
    child(std::vector<std::string>& command, const std::string& directory, std::array<descriptor, 2> ends);

    pid_t process_;
    stream talk_;
};

}  // namespace torus::inline v0::tls::testing
