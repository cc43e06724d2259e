// cli/fetch/descriptor_limit.cpp: as many open files as connections need.
#include "cli/fetch/descriptor_limit.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace torus::inline v0::cli {

std::size_t connections_within(std::size_t limit) noexcept {
    return std::max<std::size_t>(limit - std::min(other_descriptors, limit / 2), 1);
}

std::size_t raise_descriptor_limit(std::size_t connections) noexcept {
    struct rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
    const rlim_t wanted = connections + other_descriptors;
    if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = limit;
        raised.rlim_cur = std::min(wanted, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return std::min(connections, connections_within(limit.rlim_cur));
}

}  // namespace torus::inline v0::cli
