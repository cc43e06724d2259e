// src/fs/remove_all.cpp: trees of directories, taken away from their leaves.
#include <torus/fs/names.hpp>

#include <memory>
#include <string_view>
#include <vector>

#include "fs/listing.hpp"
#include "fs/request.hpp"

namespace torus::inline v0::fs {

namespace {

/// The directories from the root of the tree to where the work is. Each name is relative to the open directory above it,
/// and no symbolic link is followed: so nothing outside of the tree is touched, whatever others do to it meanwhile.
class removal {
public:
    async<std::uint64_t> run(std::string path) {
        const bool is_gone = co_await remove_file(AT_FDCWD, path, path);
        if (is_gone) co_return removed_;
        co_await enter(AT_FDCWD, path, path);
        while (!levels_.empty()) {
            auto entry = co_await levels_.back()->next();
            if (entry) co_await remove_entry(*entry);
            else co_await leave();
        }
        co_return removed_;
    }

private:
    async<> remove_entry(const directory_entry& entry) {
        const int in = levels_.back()->number();
        const std::string path = levels_.back()->path() + '/' + entry.name;
        if (entry.kind != kind::directory) {
            const bool is_gone = co_await remove_file(in, entry.name, path);
            if (is_gone) co_return;
        }
        co_await enter(in, entry.name, path);
    }

    /// False if it is a directory.
    async<bool> remove_file(int in, const std::string& name, const std::string& path) {
        const std::int32_t outcome = co_await request(verb::unlink, in, name.c_str());
        if (outcome == -EISDIR) co_return false;
        count(outcome, path);
        co_return true;
    }

    /// What somebody else has removed meanwhile is no error.
    void count(std::int32_t outcome, const std::string& path) {
        if (outcome == -ENOENT) return;
        check(outcome, "remove_all", path);
        ++removed_;
    }

    async<> enter(int in, const std::string& name, const std::string& path) {
        auto below = std::make_unique<listing>(path, in, name, O_NOFOLLOW);
        const std::int32_t outcome = co_await below->open();
        if (outcome == -ENOENT) co_return;  // somebody else was quicker
        check(outcome, "remove_all", path);
        levels_.push_back(std::move(below));
    }

    async<> leave() {
        const std::unique_ptr<listing> emptied = std::move(levels_.back());
        levels_.pop_back();
        const int in = levels_.empty() ? AT_FDCWD : levels_.back()->number();
        const std::int32_t outcome = co_await request(verb::unlink, in, emptied->name().c_str(), 0, AT_REMOVEDIR);
        count(outcome, emptied->path());
    }

    std::vector<std::unique_ptr<listing>> levels_;
    std::uint64_t removed_ = 0;
};

/// "/", and what ends with "." or "..": a directory that can't be removed, but would be emptied first.
bool is_irremovable(const std::string& path) noexcept {
    const std::size_t end = path.find_last_not_of('/');
    if (end == std::string::npos) return !path.empty();
    const std::size_t slash = path.find_last_of('/', end);
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    const std::string_view last = std::string_view(path).substr(begin, end + 1 - begin);
    return last == "." || last == "..";
}

}  // namespace

async<std::uint64_t> remove_all(std::string path) {
    require_disk("remove_all", path);
    if (is_irremovable(path)) throw error(EINVAL, "remove_all", path);
    removal work;
    co_return co_await work.run(std::move(path));
}

}  // namespace torus::inline v0::fs
