// cli/fetch/fetcher.hpp: a request in, an answer or a reason out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <torus/core/async.hpp>
#include <torus/http/headers.hpp>

#include "cli/fetch/body_budget.hpp"
#include "cli/fetch/error_class.hpp"
#include "cli/fetch/request.hpp"
#include "cli/fetch/row.hpp"

namespace torus::inline v0::cli {

/// What one attempt came to.
class attempt_result {
public:
    attempt_result() = default;
    attempt_result(error_class why, std::string details) : error(why), message(std::move(details)) {}

    /// There was an answer, if perhaps not all of it.
    std::optional<int> status;
    std::string final_url;
    http::headers headers;
    std::string body;
    std::string sha256;

    error_class error = error_class::none;
    std::string message;
    cli::timings timings;

    /// How far the request got: whether the server may have acted on it.
    bool may_have_arrived = true;

    /// No descriptor was left for a connection: nothing was tried.
    bool out_of_descriptors = false;
};

/// Whatever carries requests out.
class fetcher {
public:
    virtual ~fetcher() = default;

    /// Tries once. What goes wrong with the request is a result; exceptions are for what goes wrong with the program.
    ///
    /// @param what  must stay until the end
    /// @param room  is asked for each part of the body, and holds it as long as it lives
    /// @cancel the attempt is given up, its connection closed
    virtual async<attempt_result> fetch(const request& what, body_budget::lease& room) = 0;
};

}  // namespace torus::inline v0::cli
