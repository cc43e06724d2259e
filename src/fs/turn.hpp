// src/fs/turn.hpp: what only one task may use at a time.
#pragma once

#include <stdexcept>

namespace torus::inline v0::fs {

/// Marks something as in use, as long as it is.
class turn {
public:
    /// @throws std::runtime_error  another task uses it; `sentence` says so
    turn(bool& in_use, const char* sentence) : in_use_(in_use) {
        if (in_use) throw std::runtime_error(sentence);
        in_use = true;
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { in_use_ = false; }

private:
    bool& in_use_;
};

}  // namespace torus::inline v0::fs
