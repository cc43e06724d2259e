// src/fs/directory.cpp: directories, fetched in pieces by a thread.
#include <torus/fs/directory.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "fs/blocking.hpp"
#include "fs/listing.hpp"
#include "fs/request.hpp"
#include "fs/statx.hpp"
#include "fs/turn.hpp"

#include <dirent.h>

namespace torus::inline v0::fs {

namespace {

async<std::optional<directory_entry>> next_of(std::shared_ptr<listing> of) { co_return co_await of->next(); }

}  // namespace

async<std::int32_t> listing::open() {
    if (opened_) co_return 0;
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    const std::int32_t outcome = co_await opening(in_, name_.c_str(), flags | flags_);
    if (outcome < 0) co_return outcome;
    opened_ = torus::descriptor(outcome);
    co_return 0;
}

/// False at the end.
async<bool> listing::fetch() {
    const int number = opened_.number();
    std::byte* const into = fetched_.data();
    const auto call = [&disk = files(), number, into]() noexcept { return disk.list(number, into, fetched_at_once); };
    const std::int64_t outcome = co_await blocking(call);
    begin_ = 0;
    end_ = static_cast<std::size_t>(check(outcome, "list", path_));
    co_return end_ > 0;
}

std::optional<directory_entry> listing::take() {
    while (begin_ < end_) {
        const std::byte* const at = fetched_.data() + begin_;
        std::uint16_t size = 0;
        std::memcpy(&size, at + offsetof(dirent64, d_reclen), sizeof size);
        last_ = std::exchange(begin_, begin_ + size);
        const char* const name = reinterpret_cast<const char*>(at) + offsetof(dirent64, d_name);
        if (std::string_view(name) == "." || std::string_view(name) == "..") continue;
        const auto type = std::to_integer<unsigned>(at[offsetof(dirent64, d_type)]);
        return directory_entry{name, kind_of(DTTOIF(type))};
    }
    return std::nullopt;
}

/// Asks for what the listing doesn't tell. If that can't be told, since the name is gone meanwhile, it stays unknown.
async<kind> listing::ask_kind(const std::string& name) {
    try {
        std::string path = path_ + '/' + name;
        const file_status found =
            co_await status_of(opened_.number(), name, "list", std::move(path), AT_SYMLINK_NOFOLLOW);
        co_return found.kind;
    } catch (const error&) {
        co_return kind::unknown;
    }
}

async<std::optional<directory_entry>> listing::next() {
    const turn held(in_use_, "torus: two tasks wait for the next entry of one directory");
    require_disk("list", path_);
    const std::int32_t opened = co_await open();
    check(opened, "list", path_);
    std::optional<directory_entry> entry = take();
    while (!entry) {
        const bool more = co_await fetch();
        if (!more) co_return std::nullopt;
        entry = take();
    }
    if (entry->kind == kind::unknown) {  // by file systems that keep it elsewhere
        const std::size_t after = std::exchange(begin_, last_);  // if this is cancelled, the next call gives it
        entry->kind = co_await ask_kind(entry->name);
        begin_ = after;
    }
    co_return entry;
}

directory::directory(std::string path) {
    std::string name = path;
    listing_ = std::make_shared<listing>(std::move(path), AT_FDCWD, std::move(name), 0);
}

directory::~directory() = default;

async<std::optional<directory_entry>> directory::next() { return next_of(listing_); }

const std::string& directory::path() const noexcept { return listing_->path(); }

async<std::vector<std::string>> list(std::string path) {
    directory of(std::move(path));
    std::vector<std::string> names;
    while (auto entry = co_await of.next()) names.push_back(std::move(entry->name));
    std::sort(names.begin(), names.end());
    co_return names;
}

}  // namespace torus::inline v0::fs
