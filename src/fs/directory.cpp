// src/fs/directory.cpp: directories, fetched in pieces by a thread.
#include <torus/fs/directory.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "fs/blocking.hpp"
#include "fs/listing.hpp"
#include "fs/request.hpp"
#include "fs/statx.hpp"

#include <dirent.h>

namespace torus::inline v0::fs {

namespace {

/// Marks a listing as in use, as long as it is.
class turn {
public:
    explicit turn(bool& in_use) : in_use_(in_use) {
        if (in_use) throw std::runtime_error("torus: two tasks wait for the next entry of one directory");
        in_use = true;
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { in_use_ = false; }

private:
    bool& in_use_;
};

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
    const auto call = [number, into]() noexcept {
        return outcome_of([&] { return ::getdents64(number, into, fetched_at_once); });
    };
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
        begin_ += size;
        const char* const name = reinterpret_cast<const char*>(at) + offsetof(dirent64, d_name);
        if (std::string_view(name) == "." || std::string_view(name) == "..") continue;
        const auto type = std::to_integer<unsigned>(at[offsetof(dirent64, d_type)]);
        return directory_entry{name, kind_of(DTTOIF(type))};
    }
    return std::nullopt;
}

async<std::optional<directory_entry>> listing::next() {
    const turn held(in_use_);
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
        const std::size_t before = begin_;
        std::string path = path_ + '/' + entry->name;
        const file_status found =
            co_await status_of(opened_.number(), entry->name, "list", std::move(path), AT_SYMLINK_NOFOLLOW);
        entry->kind = found.kind;
        begin_ = before;
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
