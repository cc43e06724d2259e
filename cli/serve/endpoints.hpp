// cli/serve/endpoints.hpp: answers to test clients with, below /_/.
#pragma once

#include <string_view>

#include <torus/core/async.hpp>
#include <torus/http/incoming.hpp>

namespace torus::inline v0::cli {

/// Whether a path belongs to an endpoint, and not to a file.
inline bool is_endpoint(std::string_view path) noexcept { return path == "/_" || path.starts_with("/_/"); }

/// Answers one of the endpoints that `torus serve --help` lists; with 404 another one, with 400 one with a number that
/// is none. Every method is answered in the same way.
async<http::reply> endpoint_reply(http::incoming& request);

}  // namespace torus::inline v0::cli
