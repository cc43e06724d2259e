// cli/serve/request_log.cpp: a line for each request.
#include "cli/serve/request_log.hpp"

#include <cerrno>
#include <cmath>
#include <system_error>

#include "cli/fetch/row.hpp"
#include "cli/json_text.hpp"

namespace torus::inline v0::cli {

void request_log::closing::operator()(std::FILE* file) const noexcept {
    if (file != stdout) std::fclose(file);
}

request_log::request_log(const std::string& path) : file_(path == "-" ? stdout : std::fopen(path.c_str(), "ae")) {
    if (!file_) throw std::system_error(errno, std::system_category(), "cannot write " + path);
}

void request_log::note(const http::incoming& request, const http::reply& answer, duration took) {
    json_object line;
    line.add("time", iso_time(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())));
    line.add("peer", request.peer());
    line.add("method", request.method().name());
    line.add("target", request.target());
    line.add("status", static_cast<std::int64_t>(answer.status));
    line.add("ms", std::round(std::chrono::duration<double, std::micro>(took).count()) / 1e3);
    const std::string text = std::move(line).finish() + "\n";
    std::fwrite(text.data(), 1, text.size(), file_.get());
    std::fflush(file_.get());
}

}  // namespace torus::inline v0::cli
