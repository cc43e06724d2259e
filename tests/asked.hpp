// tests/asked.hpp: what the calls of a loop's world answer, with errors thrown.
#pragma once

#include <system_error>

#include <torus/core/socket_calls.hpp>

namespace torus::testing {

inline int asked(int result, const char* call) {
    if (result < 0) throw std::system_error(-result, std::system_category(), call);
    return result;
}

}  // namespace torus::testing
