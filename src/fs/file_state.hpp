// src/fs/file_state.hpp: an open file, shared by its object and by what is under way on it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <torus/fs/transfer.hpp>
#include <torus/io/descriptor.hpp>

namespace torus::inline v0::fs {

class file_state {
public:
    file_state(torus::descriptor opened, std::string called);

    void retain() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) delete this;
    }

    int number() const noexcept { return descriptor.number(); }

    /// What the kernel has answered: a count; or throws it as fs::error. What closing has ended finds a closed file.
    std::uint64_t check(std::int64_t outcome, const char* tried) const;

    torus::descriptor descriptor;
    const std::string path;
    std::uint64_t position = 0;
    bool has_position = false;
    bool position_in_use = false;

private:
    ~file_state() = default;

    std::uint32_t references_ = 1;
};

/// The position of a file, while one transfer uses it.
class position_holder {
public:
    /// @throws std::runtime_error  another task uses it
    explicit position_holder(file_state& of) : of_(of) {
        if (of.position_in_use)
            throw std::runtime_error("torus: two tasks use the position of " + of.path + " at once");
        of.position_in_use = true;
    }
    position_holder(const position_holder&) = delete;
    position_holder& operator=(const position_holder&) = delete;
    ~position_holder() { of_.position_in_use = false; }

private:
    file_state& of_;
};

}  // namespace torus::inline v0::fs
