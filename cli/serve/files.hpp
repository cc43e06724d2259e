// cli/serve/files.hpp: answers out of a folder.
#pragma once

#include <memory>
#include <string>

#include <torus/core/async.hpp>
#include <torus/http/incoming.hpp>

#include "cli/serve/beneath.hpp"

namespace torus::inline v0::cli {

/// Serves the files of a folder: types, ETag and Last-Modified, conditions, ranges, index.html, lists.
class files {
public:
    /// @throws std::system_error  there is no such folder
    explicit files(const std::string& path);

    async<http::reply> answer(const http::incoming& request) const;

private:
    std::shared_ptr<const opened> folder_;  // threads that look something up share it
    confinement how_;
};

}  // namespace torus::inline v0::cli
