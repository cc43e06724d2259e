// src/net/resolve.cpp: names, literals, and the resolver that answers.
#include <torus/net/resolve.hpp>

#include "net/dns_resolver.hpp"

namespace torus::inline v0 {

resolver& resolver::current() { return service_of_loop<dns_resolver>(); }

async<std::optional<std::string>> getnameinfo(address of) {
    co_return co_await service_of_loop<dns_resolver>().name_of(of);
}

async<std::vector<address>> resolve(std::string host, std::uint16_t port, address_family family) {
    std::vector<address> addresses;
    if (const auto literal = address::ip(host, port)) {
        if (family != address_family::none && family != literal->family())
            throw dns_error(dns_failure::not_found, "torus: '" + host + "' is an address of another family");
        addresses.push_back(*literal);
        co_return addresses;
    }
    const std::shared_ptr<name_entry> entry = service_of_loop<dns_resolver>().look_up(host);
    while (!entry->is_known(family)) co_await entry->changed.wait();
    addresses = entry->addresses(family, port);
    if (addresses.empty()) throw entry->error(family);
    co_return addresses;
}

}  // namespace torus::inline v0
