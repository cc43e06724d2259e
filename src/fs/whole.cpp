// src/fs/whole.cpp: whole files, read, and replaced so that nobody sees half of one.
#include <torus/fs/whole.hpp>

#include <algorithm>
#include <climits>
#include <cstring>

#include <torus/fs/temporary.hpp>

#include "fs/blocking.hpp"
#include "fs/request.hpp"

namespace torus::inline v0::fs {

namespace {

/// Where the new content goes, and what is there now.
struct target {
    std::string path;
    std::optional<file_status> former;
    bool is_replaceable = true;
};

async<std::optional<file_status>> status_if_any(std::string path) {
    try {
        co_return co_await link_status(std::move(path));
    } catch (const error& e) {
        if (e.code().value() != ENOENT) throw;
    }
    co_return std::nullopt;
}

/// Follows symbolic links: what they lead to is replaced, not they.
async<target> find_target(std::string path) {
    target found;
    found.former = co_await status_if_any(path);
    found.path = std::move(path);
    if (found.former && found.former->is_symlink()) {
        const bool leads_somewhere = co_await exists(found.path);
        found.is_replaceable = leads_somewhere;  // else whoever opens it finds out where it is to be
        if (!leads_somewhere) co_return found;
        std::string real = co_await resolve(found.path);
        found.path = std::move(real);
        found.former = co_await status_if_any(found.path);
    }
    if (found.former) found.is_replaceable = found.former->is_file();
    co_return found;
}

/// The new file looks like the former one. A file can be given away by root only; who is not keeps it.
int take_over(file_calls& disk, int number, const file_status& former) noexcept {
    const int given = disk.set_owner(number, former.owner, former.group);
    if (given < 0 && given != -EPERM) return given;
    return disk.set_permissions(number, former.permissions);
}

async<> look_like(const file_status& former, const file& made) {
    const int number = made.number();
    const file_status* const like = &former;
    const auto call = [&disk = files(), number, like]() noexcept { return take_over(disk, number, *like); };
    const std::int64_t outcome = co_await blocking(call);
    check(outcome, "write", made.path());
}

/// What has happened in a directory is on the disk when the directory is.
async<> sync_directory(std::string path) {
    const std::int32_t opened = co_await opening(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY);
    check(opened, "sync", path);
    file directory(torus::descriptor(opened), std::move(path));
    co_await directory.sync();
}

/// The name of a new file, wherever links have led to.
async<> sync_name(const std::string& path) {
    std::string real = co_await resolve(path);
    real.resize(std::max<std::size_t>(real.find_last_of('/'), 1));
    co_await sync_directory(std::move(real));
}

async<> write_in_place(std::string path, bytes_view content, write_options options) {
    const open_options how{.permissions = options.permissions};
    const bool is_new = options.durable && !co_await exists(path);
    file to = co_await open(std::move(path), mode::write, how);
    co_await to.write(content);
    if (options.durable) {
        const file_status status = co_await to.status();
        if (status.is_file()) co_await to.sync();
        if (is_new) co_await sync_name(to.path());
    }
    co_await to.close();
}

/// ".name.", so that it is found beside its file, and no pattern for that finds it.
std::string prefix_beside(std::string_view name) {
    constexpr std::size_t room_for_random = 20;  // characters: sixteen, and dots
    return "." + std::string(name.substr(0, NAME_MAX - room_for_random)) + ".";
}

async<> replace(const target& what, bytes_view content, write_options options) {
    const std::size_t slash = what.path.find_last_of('/');
    const bool has_folder = slash != std::string::npos;
    std::string within = has_folder ? what.path.substr(0, std::max<std::size_t>(slash, 1)) : ".";
    std::string prefix = prefix_beside(std::string_view(what.path).substr(has_folder ? slash + 1 : 0));
    named_temporary_file made = co_await make_named_temporary_file(within, std::move(prefix), options.permissions);
    if (what.former) co_await look_like(*what.former, made.file());
    co_await made.file().write(content);
    if (options.durable) co_await made.file().sync();
    co_await made.file().close();
    co_await made.keep_as(what.path);
    if (options.durable) co_await sync_directory(std::move(within));
}

}  // namespace

async<std::string> read_text(std::string path, std::size_t at_most) {
    file from = co_await open(std::move(path));
    co_return co_await from.read_all(at_most);
}

async<std::vector<std::byte>> read_bytes(std::string path, std::size_t at_most) {
    const std::string text = co_await read_text(std::move(path), at_most);
    std::vector<std::byte> bytes(text.size());
    if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
    co_return bytes;
}

async<> write_bytes(std::string path, bytes_view content, write_options options) {
    require_disk("write", path);
    if (!options.atomic) {
        co_await write_in_place(std::move(path), content, options);
        co_return;
    }
    const target found = co_await find_target(std::move(path));
    if (found.is_replaceable) co_await replace(found, content, options);
    else co_await write_in_place(found.path, content, options);
}

async<> write_text(std::string path, std::string_view content, write_options options) {
    return write_bytes(std::move(path), content, options);
}

async<> append(std::string path, bytes_view content) {
    file to = co_await open(std::move(path), mode::append);
    co_await to.write(content);
    co_await to.close();
}

}  // namespace torus::inline v0::fs
