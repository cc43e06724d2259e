// torus/fs/directory.hpp: what is in a directory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/fs/error.hpp>
#include <torus/fs/status.hpp>

namespace torus::inline v0::fs {

class listing;

/// A name in a directory.
struct directory_entry {
    std::string name;
    fs::kind kind = fs::kind::unknown;  // of a symbolic link itself
};

/// The entries of a directory, one after the other, in no order; "." and ".." are left out. However many there are, some
/// hundred are in memory. What is made or removed meanwhile may show or not.
///
///     fs::directory photos("/var/photos");
///     while (auto entry = co_await photos.next())
///         if (entry->kind == fs::kind::file) show(photos.path() + "/" + entry->name);
class directory {
public:
    /// Nothing happens before the first `next()`.
    explicit directory(std::string path);
    directory(directory&&) noexcept = default;
    directory& operator=(directory&&) noexcept = default;
    ~directory();

    /// The next entry; none at the end.
    /// @throws fs::error  ENOENT, ENOTDIR, EACCES …
    /// @throws std::runtime_error  another task waits for the next one
    /// @cancel no entry is lost
    /// @source getdents64(2); os.scandir
    async<std::optional<directory_entry>> next();

    const std::string& path() const noexcept;

private:
    std::shared_ptr<listing> listing_;  // with the next() under way, should this object go
};

/// The names in a directory, sorted.
/// @throws fs::error  as directory::next()
/// @cancel nothing has happened
/// @source os.listdir
async<std::vector<std::string>> list(std::string path);

}  // namespace torus::inline v0::fs
