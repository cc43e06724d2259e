// torus/fs/watcher.hpp: hearing of what happens to files.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <torus/core/async.hpp>
#include <torus/fs/error.hpp>

namespace torus::inline v0::fs {

enum class change : std::uint8_t {
    created,     // or moved here from where nobody watches
    modified,    // something of its content; there will be more of these
    written,     // who wrote it has closed it: it is complete
    attributes,  // permissions, times, the number of its names
    removed,     // or moved to where nobody watches
    renamed,     // from `former_path` to `path`
    ended,       // a path that was given is gone or stands for something else: nothing more of it will come
    overflow,    // more has happened than the kernel could keep: look at everything anew. It has no path
};

struct watch_event {
    change what = change::overflow;
    std::string path;         // the path that was given; in a directory, with the name behind it
    std::string former_path;  // of what was renamed
    bool is_directory = false;
};

/// Reports what happens to files, and in directories; not to what is in directories below those.
///
///     fs::watcher changes("/etc/app");
///     while (auto e = co_await changes.next())
///         if (e->what == fs::change::written) reload(e->path);
///
/// Files are often replaced, not written (so does `write_text`): to follow one by its name, watch its directory.
/// What happens before `add` returns may show or not, what happens later does. Equal events in a row are reported once.
class watcher {
public:
    /// @throws fs::error  as add(); EMFILE where this user has too many watchers
    template <std::convertible_to<std::string_view>... Paths>
    explicit watcher(const Paths&... paths) : watcher(nullptr) {
        (add(std::string(std::string_view(paths))), ...);
    }
    watcher(watcher&&) noexcept = default;
    watcher& operator=(watcher&& other) noexcept;
    ~watcher();

    /// Watches a file or a directory, too. One that is watched already goes by its last path.
    /// @throws fs::error  ENOENT, EACCES; ENOSPC where this user watches too much
    /// @cost   looks the path up on the loop's thread
    /// @source inotify_add_watch(2)
    void add(const std::string& path);

    /// Watches it no longer; nothing more of it is reported. Harmless where it isn't watched.
    void remove(std::string_view path) noexcept;

    /// The next event; none once nothing is watched any more, or this was closed.
    /// @throws std::runtime_error  another task waits for it
    /// @cancel no event is lost
    async<std::optional<watch_event>> next();

    /// Watches nothing any longer; a waiting `next()` ends.
    void close() noexcept;

private:
    class state;
    explicit watcher(std::nullptr_t);

    std::shared_ptr<state> state_;  // with the next() under way, should this object go
};

}  // namespace torus::inline v0::fs
