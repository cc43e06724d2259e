// src/fs/names.cpp: names, made and taken away.
#include <torus/fs/names.hpp>

#include <array>
#include <climits>
#include <vector>

#include <torus/fs/status.hpp>

#include "fs/blocking.hpp"
#include "fs/request.hpp"

#include <stdio.h>

namespace torus::inline v0::fs {

namespace {

async<std::int32_t> make_directory(const std::string& path, unsigned permissions) {
    co_return co_await request(verb::make_directory, AT_FDCWD, path.c_str(), 0, 0, permissions);
}

/// The part of a path before its last name; empty where there is none.
std::string parent_of(const std::string& path) {
    const std::size_t end = path.find_last_not_of('/');
    const std::size_t slash = end == std::string::npos ? end : path.find_last_of('/', end);
    return slash == std::string::npos ? std::string() : path.substr(0, slash == 0 ? 1 : slash);
}

}  // namespace

async<> rename(std::string from, std::string to, existing target) {
    require_disk("rename", from, to);
    const unsigned flags = target == existing::refused ? RENAME_NOREPLACE : 0;
    const std::int32_t outcome = co_await request::with_two(verb::rename, from, to, flags);
    check(outcome, "rename", from, to);
}

async<> remove(std::string path) {
    require_disk("remove", path);
    const std::int32_t outcome = co_await request(verb::unlink, AT_FDCWD, path.c_str());
    check(outcome, "remove", path);
}

async<> remove_directory(std::string path) {
    require_disk("remove_directory", path);
    const std::int32_t outcome = co_await request(verb::unlink, AT_FDCWD, path.c_str(), 0, AT_REMOVEDIR);
    check(outcome, "remove_directory", path);
}

async<> create_directory(std::string path, unsigned permissions) {
    require_disk("create_directory", path);
    const std::int32_t outcome = co_await make_directory(path, permissions);
    check(outcome, "create_directory", path);
}

/// From the end of the path upwards until something is there, and down again.
async<> create_directories(std::string path, unsigned permissions) {
    require_disk("create_directories", path);
    std::vector<std::string> missing{path};
    while (!missing.empty()) {
        const std::int32_t outcome = co_await make_directory(missing.back(), permissions);
        if (outcome == -ENOENT) {
            std::string parent = parent_of(missing.back());
            if (parent.empty()) check(outcome, "create_directories", path);
            missing.push_back(std::move(parent));
            continue;
        }
        if (outcome == -EEXIST) {
            const file_status there = co_await status(missing.back());
            if (!there.is_directory()) check(-ENOTDIR, "create_directories", path);
        } else {
            check(outcome, "create_directories", path);
        }
        missing.pop_back();
    }
}

async<> create_symlink(std::string target, std::string link) {
    require_disk("create_symlink", link, target);
    const std::int32_t outcome = co_await request::with_two(verb::symbolic_link, target, link);
    check(outcome, "create_symlink", link, target);
}

async<> create_hard_link(std::string target, std::string link) {
    require_disk("create_hard_link", link, target);
    const std::int32_t outcome = co_await request::with_two(verb::link, target, link);
    check(outcome, "create_hard_link", link, target);
}

async<std::string> read_link(std::string path) {
    require_disk("read_link", path);
    std::string target(PATH_MAX, '\0');  // no link is longer
    const char* const name = path.c_str();
    char* const into = target.data();
    const auto call = [&disk = files(), name, into]() noexcept { return disk.read_link(name, into, PATH_MAX); };
    const std::int64_t outcome = co_await blocking(call);
    target.resize(static_cast<std::size_t>(check(outcome, "read_link", path)));
    co_return target;
}

async<std::string> resolve(std::string path) {
    require_disk("resolve", path);
    std::array<char, PATH_MAX> resolved{};
    const char* const name = path.c_str();
    char* const into = resolved.data();
    const auto call = [&disk = files(), name, into]() noexcept { return disk.resolve(name, into); };
    const std::int64_t outcome = co_await blocking(call);
    check(outcome, "resolve", path);
    co_return std::string(into);
}

async<> set_permissions(std::string path, unsigned permissions) {
    require_disk("set_permissions", path);
    const char* const name = path.c_str();
    const auto call = [&disk = files(), name, permissions]() noexcept {
        return disk.set_permissions(name, permissions);
    };
    const std::int64_t outcome = co_await blocking(call);
    check(outcome, "set_permissions", path);
}

}  // namespace torus::inline v0::fs
