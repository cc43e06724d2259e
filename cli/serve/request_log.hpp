// cli/serve/request_log.hpp: a line for each request.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <torus/core/clock.hpp>
#include <torus/http/incoming.hpp>

namespace torus::inline v0::cli {

/// Writes lines of JSON, `{"time": …, "peer": …, "method": …, "target": …, "status": 200, "ms": 1.25}`, when a request
/// has got its answer's head; each is on its way to the file when the next request is read.
class request_log {
public:
    /// @param path  "-" for standard output; the file is continued, if there is one
    /// @throws std::system_error  it can't be written
    explicit request_log(const std::string& path);

    void note(const http::incoming& request, const http::reply& answer, duration took);

private:
    struct closing {
        void operator()(std::FILE* file) const noexcept;
    };
    std::unique_ptr<std::FILE, closing> file_;
};

}  // namespace torus::inline v0::cli
