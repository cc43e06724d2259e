// tests/core/noting.hpp: an object that notes its end.
#pragma once

#include <string>
#include <utility>

namespace torus {

class noting {
public:
    noting(std::string& log, char name) : log_(&log), name_(name) {}
    noting(noting&& other) noexcept : log_(std::exchange(other.log_, nullptr)), name_(other.name_) {}
    ~noting() {
        if (log_) *log_ += name_;
    }

private:
    std::string* log_;
    char name_;
};

}  // namespace torus
