// src/sim/disk.cpp: changes of files and names, and when they are on the disk.
#include "sim/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <utility>

namespace torus::inline v0::sim {

namespace {

constexpr std::uint64_t sector = 512;  // bytes that a disk writes as a whole

bool is_among(const std::vector<const inode*>& directories, const inode* one) noexcept {
    return std::ranges::find(directories, one) != directories.end();
}

}  // namespace

disk::disk(wire& on, int host, std::shared_ptr<const disk_options> options)
    : wire_(on), host_(host), options_(std::move(options)),
      root_(std::make_shared<inode>(1, attributes{.mode = S_IFDIR | 0755})) {
    root_->names = 1;
    root_->parent = root_.get();
    const std::shared_ptr<inode> temporary = make(S_IFDIR | S_ISVTX | 0777);
    add_name(*root_, "tmp", temporary);
    root_->durable_entries = root_->entries;
    unsynced_names_.clear();
}

/// What directories hold now and what they hold on the disk may go round in circles.
disk::~disk() {
    std::vector<std::shared_ptr<inode>> left{root_};
    while (!left.empty()) {
        const std::shared_ptr<inode> one = std::move(left.back());
        left.pop_back();
        for (name_map* each : {&one->entries, &one->durable_entries})
            for (auto& [name, below] : std::exchange(*each, {})) left.push_back(std::move(below));
    }
}

std::shared_ptr<inode> disk::make(unsigned mode) {
    return std::make_shared<inode>(++last_number_,
                                   attributes{.mode = mode, .modified = now(), .accessed = now(), .changed = now()});
}

// ------------------------------------------------------------------------------------------------------------------
// Names

void disk::set_entry(inode& in, std::string_view name, std::shared_ptr<inode> what) {
    in.now.modified = in.now.changed = now();
    const auto former = in.entries.find(name);
    if (former != in.entries.end()) {
        const std::shared_ptr<inode> gone = std::move(former->second);
        in.entries.erase(former);
        --gone->names;
        if (gone->is_directory() && gone->parent == &in && gone->name == name) gone->parent = nullptr;
        gone->now.changed = now();
        release_unused(*gone);
    }
    if (!what) return;
    ++what->names;
    what->parent = &in;
    what->name = name;
    in.entries.emplace(name, std::move(what));
}

void disk::add_name(inode& in, std::string_view name, std::shared_ptr<inode> of) {
    unsynced_names_.push_back({{{in.shared_from_this(), std::string(name), of}}});
    set_entry(in, name, std::move(of));
}

void disk::remove_name(inode& from, std::string_view name) {
    unsynced_names_.push_back({{{from.shared_from_this(), std::string(name), nullptr}}});
    set_entry(from, name, nullptr);
}

void disk::rename(inode& from, std::string_view name, inode& to, std::string_view new_name) {
    const std::shared_ptr<inode> moved = from.entries.find(name)->second;
    unsynced_names_.push_back(
        {{{from.shared_from_this(), std::string(name), nullptr}, {to.shared_from_this(), std::string(new_name), moved}},
         moved->is_directory()});
    ++moved->opens;  // not unused in between
    set_entry(from, name, nullptr);
    set_entry(to, new_name, moved);
    --moved->opens;
}

void disk::commit(const name_change& change) {
    for (const name_change::entry& each : change.entries)
        if (each.what) each.directory->durable_entries.insert_or_assign(each.name, each.what);
        else each.directory->durable_entries.erase(each.name);
}

/// The changes in a directory, and those that came before them in other directories that they concern. When a directory was
/// moved, all that came before: else one could come to lie within itself.
void disk::sync_names(const inode& of) {
    std::vector<const inode*> concerned{&of};
    bool all = false;
    std::vector<bool> wanted(unsynced_names_.size());
    for (std::size_t i = unsynced_names_.size(); i-- > 0;) {
        const name_change& each = unsynced_names_[i];
        wanted[i] = all || std::ranges::any_of(each.entries, [&](const name_change::entry& e) {
                        return is_among(concerned, e.directory.get());
                    });
        if (!wanted[i]) continue;
        all |= each.moves_directory;
        for (const name_change::entry& e : each.entries) concerned.push_back(e.directory.get());
    }
    std::deque<name_change> left;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i]) commit(unsynced_names_[i]);
        else left.push_back(std::move(unsynced_names_[i]));
    unsynced_names_ = std::move(left);
}

// ------------------------------------------------------------------------------------------------------------------
// Bytes

void disk::closed(inode& one) noexcept {
    --one.opens;
    release_unused(one);
}

void disk::release_unused(inode& one) noexcept {
    if (one.is_in_use()) return;
    used_ -= one.bytes.room();
    one.bytes = {};
}

std::int64_t disk::read(inode& of, std::uint64_t at, std::span<std::byte> into) {
    if (luck().happens(options_->failures)) return -EIO;
    of.now.accessed = now();
    return static_cast<std::int64_t>(of.bytes.read(at, into.first(luck().portion(into.size(), options_->split))));
}

/// Remembers what was done, for when it is synced.
void disk::change(inode& of, file_change what) {
    used_ -= of.bytes.room();
    apply(what, of.bytes);
    used_ += of.bytes.room();
    of.now.modified = of.now.changed = now();
    wire_.history().note(now(), trace::kind::wrote, host_, of.number);
    of.unsynced.push_back(std::move(what));
}

void disk::apply(const file_change& what, content& to) {
    if (what.bytes.empty()) to.resize(what.at);
    else to.write(what.at, what.bytes);
}

std::int64_t disk::write(inode& to, std::uint64_t at, std::span<const std::byte> bytes) {
    if (luck().happens(options_->failures)) return -EIO;
    std::span<const std::byte> fitting = bytes.first(luck().portion(bytes.size(), options_->split));
    const std::uint64_t free = options_->capacity - std::min(used_, options_->capacity);
    while (to.bytes.missing(at, fitting.size()) > free) {  // page by page, from the end
        const std::uint64_t end = (at + fitting.size() - 1) / content::page_size * content::page_size;
        fitting = fitting.first(end > at ? static_cast<std::size_t>(end - at) : 0);
    }
    if (fitting.empty()) return bytes.empty() ? 0 : -ENOSPC;
    change(to, {at, {fitting.begin(), fitting.end()}});
    return static_cast<std::int64_t>(fitting.size());
}

void disk::resize(inode& of, std::uint64_t size) { change(of, {size, {}}); }

/// Room is nothing that a crash could take; a file that grows is.
int disk::allocate(inode& of, std::uint64_t at, std::uint64_t count) {
    const std::uint64_t free = options_->capacity - std::min(used_, options_->capacity);
    if (count > free + of.bytes.room() || of.bytes.missing(at, count) > free) return -ENOSPC;
    if (at + count > of.bytes.size()) change(of, {at + count, {}});
    used_ -= of.bytes.room();
    of.bytes.allocate(at, count);
    used_ += of.bytes.room();
    return 0;
}

void disk::set_permissions(inode& of, unsigned permissions) {
    of.now.mode = (of.now.mode & S_IFMT) | (permissions & 07777U);
    of.now.changed = now();
}

void disk::set_owner(inode& of, std::uint32_t owner, std::uint32_t group) {
    constexpr std::uint32_t as_it_is = UINT32_MAX;
    if (owner != as_it_is) of.now.owner = owner;
    if (group != as_it_is) of.now.group = group;
    of.now.changed = now();
}

// ------------------------------------------------------------------------------------------------------------------
// Power

int disk::sync(inode& of) {
    if (luck().happens(options_->failures)) {
        of.unsynced.clear();  // Linux marks it clean, so that the next sync succeeds
        return -EIO;
    }
    for (const file_change& each : std::exchange(of.unsynced, {})) apply(each, of.durable_bytes);
    of.durable = of.now;
    if (of.is_directory()) sync_names(of);
    wire_.history().note(now(), trace::kind::synced, host_, of.number);
    return 0;
}

void disk::lose_power() {
    for (const name_change& each : unsynced_names_) {  // a journal, of which the beginning is left
        if (!luck().happens(options_->survival)) break;
        commit(each);
    }
    unsynced_names_.clear();
    used_ = 0;
    std::set<const inode*> seen;
    reload(root_, seen);
}

void disk::reload(const std::shared_ptr<inode>& one, std::set<const inode*>& seen) {
    if (!seen.insert(one.get()).second) return;
    one->now = one->durable;
    one->opens = 0;
    one->names = one == root_ ? 1 : 0;
    if (one->is_file()) reload_bytes(*one);
    one->entries = one->durable_entries;
    for (const auto& [name, below] : one->entries) {
        reload(below, seen);
        ++below->names;
        below->parent = one.get();
        below->name = name;
    }
}

void disk::reload_bytes(inode& of) {
    for (const file_change& each : std::exchange(of.unsynced, {})) {
        if (!luck().happens(options_->survival)) continue;
        if (!each.bytes.empty() && luck().happens(options_->torn)) tear(each, of.durable_bytes);
        else apply(each, of.durable_bytes);
    }
    of.bytes = of.durable_bytes;
    used_ += of.bytes.room();
}

void disk::tear(const file_change& what, content& to) {
    const std::span<const std::byte> all = what.bytes;
    for (std::size_t done = 0; done < all.size();) {
        const std::uint64_t at = what.at + done;
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(all.size() - done, sector - at % sector));
        if (luck().happens(0.5)) to.write(at, all.subspan(done, part));
        done += part;
    }
}

}  // namespace torus::inline v0::sim
