// src/backend/choose.cpp: which world a loop gets.
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

#include <torus/core/backend.hpp>

#include "backend/epoll.hpp"
#include "backend/simulated.hpp"
#ifndef TORUS_WITHOUT_URING
#include "backend/uring.hpp"
#endif

namespace torus::inline v0 {

namespace {

#ifdef TORUS_WITHOUT_URING
const std::string& why_no_uring() {
    static const std::string why = "torus: io_uring: built without liburing";
    return why;
}
std::shared_ptr<backend> make_uring() {
    throw std::system_error(std::make_error_code(std::errc::not_supported), why_no_uring());
}
#else
std::shared_ptr<backend> make_uring() { return std::make_shared<uring_backend>(); }
#endif

constexpr const char* variable = "TORUS_BACKEND";

std::shared_ptr<backend> make_automatic() {
    if (why_no_uring().empty()) {
        try {
            return make_uring();
        } catch (const std::system_error&) {
            // There could be one when it was tried, but now a limit has been reached; epoll needs less.
        }
    }
    return std::make_shared<epoll_backend>();
}

}  // namespace

backend_kind backend_of_environment() {
    const char* const value = std::getenv(variable);
    const std::string_view name = value ? value : "";
    if (name.empty()) return backend_kind::automatic;
    if (name == "io_uring") return backend_kind::io_uring;
    if (name == "epoll") return backend_kind::epoll;
    if (name == "sim") return backend_kind::sim;
    throw std::invalid_argument("torus: the environment variable " + std::string(variable) + " is '" +
                                std::string(name) + "'; it may be io_uring, epoll or sim");
}

std::shared_ptr<backend> make_backend(backend_kind kind) {
    if (kind == backend_kind::automatic) kind = backend_of_environment();
    switch (kind) {
    case backend_kind::io_uring: return make_uring();
    case backend_kind::epoll: return std::make_shared<epoll_backend>();
    case backend_kind::sim: return std::make_shared<simulated_backend>();
    case backend_kind::automatic: break;
    }
    return make_automatic();
}

std::string describe_backend_choice() {
    switch (backend_of_environment()) {
    case backend_kind::io_uring: return "io_uring, because TORUS_BACKEND says so";
    case backend_kind::epoll: return "epoll, because TORUS_BACKEND says so";
    case backend_kind::sim: return "sim, because TORUS_BACKEND says so";
    case backend_kind::automatic: break;
    }
    if (why_no_uring().empty()) return "io_uring";
    return "epoll, because io_uring is not to be had (" + why_no_uring() + ")";
}

}  // namespace torus::inline v0
