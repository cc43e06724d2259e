// src/net/host_name.hpp: what is known of an address's name, and who waits to know.
#pragma once

#include <string>

#include <torus/io/address.hpp>
#include <torus/net/resolve.hpp>

#include "io/notice.hpp"

namespace torus::inline v0 {

/// The name of an address, or why there is none; shared by who asks and by the question.
class host_name {
public:
    explicit host_name(const address& whose) noexcept : of(whose) {}

    /// Notes the answer, and tells who waits.
    void learn(std::string found) noexcept {
        name = std::move(found);
        is_known = true;
        changed.ring();
    }

    /// Notes that there is none.
    void fail(dns_failure why, const char* in_words) noexcept {
        failure = why;
        detail = in_words;
        learn({});
    }

    /// Why it could not be found out.
    dns_error error() const {
        const std::string quoted = "the name of " + of.host();
        if (!is_known) return {dns_failure::timeout, "torus: no DNS server has answered in time for " + quoted};
        return {failure, "torus: the DNS servers can't tell " + quoted + ": " + detail};
    }

    const address of;
    bool is_known = false;
    std::string name;  // empty if there is none
    dns_failure failure = dns_failure::not_found;
    const char* detail = "";  // in the words of the resolver library
    notice changed;
};

}  // namespace torus::inline v0
