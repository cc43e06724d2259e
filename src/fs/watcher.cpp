// src/fs/watcher.cpp: inotify, with the halves of a renaming put together.
#include <torus/fs/watcher.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>
#include <utility>

#include <torus/core/file_calls.hpp>

#include "fs/request.hpp"
#include "fs/turn.hpp"

#include <poll.h>
#include <sys/inotify.h>

namespace torus::inline v0::fs {

namespace {

constexpr std::uint32_t watched_events =
    IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

// Some hundred events with usual names; one with the longest name takes 272 bytes.
constexpr std::size_t events_buffer = 16 * 1024;  // bytes

}  // namespace

class watcher::state {
public:
    state() {
        require_disk("watch", "");
        const int opened = files().open_watch();
        check(opened, "watch", "");
        descriptor_ = torus::descriptor(opened);
    }

    void add(const std::string& path) {
        require_disk("watch", path);
        const int watch = files().add_watch(descriptor_.number(), path.c_str(), watched_events);
        check(watch, "watch", path);
        try {
            paths_[watch] = path;
        } catch (...) {
            files().remove_watch(descriptor_.number(), watch);
            throw;
        }
    }

    void remove(std::string_view path) noexcept {
        for (auto each = paths_.begin(); each != paths_.end(); ++each) {
            if (each->second != path) continue;
            files().remove_watch(descriptor_.number(), each->first);  // says IN_IGNORED, which ends a wait for nothing
            paths_.erase(each);
            return;
        }
    }

    void close() noexcept {
        paths_.clear();
        begin_ = end_ = 0;
        moved_away_.reset();
        descriptor_.close();
    }

    async<std::optional<watch_event>> next();

private:
    struct half {
        std::uint32_t cookie;
        watch_event event;
    };

    bool fetch();
    std::optional<watch_event> take();
    std::optional<watch_event> digest(const inotify_event& raw, const char* name);
    std::optional<watch_event> digest_ended(const inotify_event& raw, const std::string& path);

    torus::descriptor descriptor_;
    std::map<int, std::string> paths_;
    bool in_use_ = false;
    std::optional<half> moved_away_;  // whose other half may follow
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    alignas(inotify_event) std::array<char, events_buffer> fetched_;
};

/// False if nothing has happened.
bool watcher::state::fetch() {
    const std::int64_t outcome = files().read(descriptor_.number(), fetched_.data(), fetched_.size());
    if (outcome == -EAGAIN) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(check(outcome, "watch", ""));
    return true;
}

std::optional<watch_event> watcher::state::take() {
    while (begin_ < end_) {
        inotify_event raw{};
        std::memcpy(&raw, fetched_.data() + begin_, sizeof raw);
        if (moved_away_ && !(raw.mask & IN_MOVED_TO && raw.cookie == moved_away_->cookie))
            return std::exchange(moved_away_, std::nullopt)->event;  // and then this one
        const char* const name = raw.len > 0 ? fetched_.data() + begin_ + sizeof raw : "";
        begin_ += sizeof raw + raw.len;
        if (auto event = digest(raw, name)) return event;
    }
    return std::nullopt;
}

std::optional<watch_event> watcher::state::digest(const inotify_event& raw, const char* name) {
    if (raw.mask & IN_Q_OVERFLOW) return watch_event{};
    const auto watched = paths_.find(raw.wd);
    if (watched == paths_.end()) return std::nullopt;  // no longer
    const std::string& given = watched->second;
    if (raw.mask & (IN_IGNORED | IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT)) return digest_ended(raw, given);
    watch_event event;
    event.path = *name ? given + (given.ends_with('/') ? "" : "/") + name : given;
    event.is_directory = raw.mask & IN_ISDIR;
    if (raw.mask & IN_MOVED_FROM) {
        event.what = change::removed;
        moved_away_ = half{raw.cookie, std::move(event)};
        return std::nullopt;
    }
    if (raw.mask & IN_MOVED_TO && moved_away_) {
        event.what = change::renamed;
        event.former_path = std::exchange(moved_away_, std::nullopt)->event.path;
    } else if (raw.mask & (IN_CREATE | IN_MOVED_TO)) event.what = change::created;
    else if (raw.mask & IN_DELETE) event.what = change::removed;
    else if (raw.mask & IN_MODIFY) event.what = change::modified;
    else if (raw.mask & IN_CLOSE_WRITE) event.what = change::written;
    else event.what = change::attributes;
    return event;
}

/// What is watched has gone, or has another name now. The kernel says so several times; the first counts.
std::optional<watch_event> watcher::state::digest_ended(const inotify_event& raw, const std::string& path) {
    watch_event event;
    event.what = change::ended;
    event.path = path;
    event.is_directory = raw.mask & IN_ISDIR;
    if (!(raw.mask & IN_IGNORED)) ::inotify_rm_watch(descriptor_.number(), raw.wd);
    paths_.erase(raw.wd);
    return event;
}

async<std::optional<watch_event>> watcher::state::next() {
    const turn held(in_use_, "torus: two tasks wait for the next event of one watcher");
    for (;;) {
        std::optional<watch_event> event = take();
        if (event) co_return event;
        if (moved_away_) {
            // The halves are made together: if the second one isn't there now, it won't come.
            if (!fetch()) co_return std::exchange(moved_away_, std::nullopt)->event;
            continue;
        }
        if (paths_.empty()) co_return std::nullopt;
        const std::int32_t outcome = co_await request(verb::poll, descriptor_.number(), nullptr, 0, POLLIN);
        if (!descriptor_) co_return std::nullopt;
        check(outcome, "watch", "");
        fetch();
    }
}

watcher::watcher(std::nullptr_t) : state_(std::make_shared<state>()) {}

watcher& watcher::operator=(watcher&& other) noexcept {
    if (state_ && state_ != other.state_) state_->close();
    state_ = std::move(other.state_);
    return *this;
}

watcher::~watcher() {
    if (state_) state_->close();
}

void watcher::add(const std::string& path) { state_->add(path); }

void watcher::remove(std::string_view path) noexcept { state_->remove(path); }

async<std::optional<watch_event>> watcher::next() {
    return
        [](std::shared_ptr<state> of) -> async<std::optional<watch_event>> { co_return co_await of->next(); }(state_);
}

void watcher::close() noexcept { state_->close(); }

}  // namespace torus::inline v0::fs
