// src/process/program.cpp: looking for programs. Not left to posix_spawnp(3), which uses this process's PATH.
#include "process/program.hpp"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

// What execvp(3) takes where there is no PATH.
constexpr std::string_view default_path = "/bin:/usr/bin";

/// An errno: whether the file may be executed. What is relative is so to the child's working directory.
int executable(const std::string& path, const std::string& cwd) {
    const std::string from_here = cwd.empty() || path.front() == '/' ? path : cwd + '/' + path;
    struct stat status{};
    if (::stat(from_here.c_str(), &status) < 0) return errno;
    if (!S_ISREG(status.st_mode)) return EACCES;
    return ::faccessat(AT_FDCWD, from_here.c_str(), X_OK, AT_EACCESS) < 0 ? errno : 0;
}

}  // namespace

found_program find_program(const spawn_request& request) {
    const std::string& name = request.words.front();
    found_program found;
    if (name.empty()) found.error = ENOENT;
    if (name.empty() || name.find('/') != name.npos) {
        found.path = name;  // the kernel says what is wrong with it
        return found;
    }
    found.error = ENOENT;
    std::string_view rest = request.options.env->find("PATH").value_or(default_path);
    for (bool more = true; more;) {
        const std::size_t end = rest.find(':');
        const std::string_view folder = rest.substr(0, end);
        more = end != rest.npos;
        if (more) rest.remove_prefix(end + 1);
        std::string path(folder.empty() ? "." : folder);  // an empty one is the working directory
        path.append("/").append(name);
        const int error = executable(path, request.cwd);
        if (error == 0) return {std::move(path), 0};
        if (error == EACCES) found.error = EACCES;  // said in the end, if there is none elsewhere
    }
    return found;
}

}  // namespace torus::inline v0
