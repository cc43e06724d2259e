// cli/backend_choice.cpp: which backends a command works on that needs a network.
#include "cli/backend_choice.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace torus::inline v0::cli {

void check_backend_choice() {
    const char* const value = std::getenv("TORUS_BACKEND");
    const std::string name = value ? value : "";
    if (name.empty() || name == "io_uring" || name == "epoll") return;
    throw std::invalid_argument("the environment variable TORUS_BACKEND is '" + name +
                                "'; it may be io_uring or epoll");
}

}  // namespace torus::inline v0::cli
