// torus/process/environment.hpp: the environment variables of a child process.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torus::inline v0 {

/// Variables with their values. One that is made is empty.
///
///     torus::environment env = torus::environment::current();
///     env.set("LC_ALL", "C");
///     env.erase("HOME");
///     auto date = co_await create_subprocess_exec("date", process_options{.out = torus::pipe, .env = &env});
class environment {
public:
    environment() = default;

    /// A copy of this process's.
    static environment current();

    /// Gives a variable its value, in place of a former one.
    /// @throws std::invalid_argument  the name is empty or has an `=` or a zero in it, or the value has a zero
    environment& set(std::string_view name, std::string_view value);

    /// Takes a variable out. Whether it was there.
    bool erase(std::string_view name) noexcept;

    /// A variable's value; it stays where it is until the environment changes.
    std::optional<std::string_view> find(std::string_view name) const noexcept;

    /// All of it, each `NAME=value`.
    std::span<const std::string> entries() const noexcept { return entries_; }

private:
    std::vector<std::string>::iterator place_of(std::string_view name) noexcept;

    std::vector<std::string> entries_;
};

}  // namespace torus::inline v0
