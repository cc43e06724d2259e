// src/sim/path.cpp: names, dots, slashes and links.
#include "sim/path.hpp"

#include <cerrno>
#include <climits>
#include <utility>

namespace torus::inline v0::sim {

namespace {

constexpr int most_links = 40;  // as in Linux, over the whole path

class walk {
public:
    walk(const std::shared_ptr<inode>& root, const std::shared_ptr<inode>& start, last_link last)
        : root_(root), at_(start), last_(last) {}

    place go(std::string path) {
        if (path.empty()) return {.error = -ENOENT};
        if (path.size() >= PATH_MAX) return {.error = -ENAMETOOLONG};
        left_ = std::move(path);
        if (left_.front() == '/') begin_at_root();
        while (result_.error == 0 && !left_.empty()) step();
        if (result_.error != 0) return {.error = result_.error};
        return std::move(result_);
    }

private:
    void begin_at_root() {
        at_ = root_;
        result_ = {.directory = root_, .found = root_, .dots = "/"};
        left_.erase(0, left_.find_first_not_of('/'));
    }

    /// The next name, and the slashes after it.
    void step() {
        const std::size_t end = left_.find('/');
        const std::string name = left_.substr(0, end);
        const bool has_slash = end != std::string::npos;
        left_.erase(0, has_slash ? left_.find_first_not_of('/', end) : end);
        if (!at_->is_directory()) result_.error = -ENOTDIR;
        else if (name.size() > NAME_MAX) result_.error = -ENAMETOOLONG;
        else if (name == "." || name == "..") step_on_dots(name.size() == 1);
        else step_to(name, has_slash);
    }

    void step_on_dots(bool stays) {
        if (!stays && !at_->parent) {
            result_.error = -ENOENT;
            return;
        }
        if (!stays) at_ = at_->parent->shared_from_this();
        result_ = {.directory = at_, .found = at_, .dots = stays ? "." : ".."};
    }

    void step_to(const std::string& name, bool has_slash) {
        const auto entry = at_->entries.find(name);
        const std::shared_ptr<inode> found = entry == at_->entries.end() ? nullptr : entry->second;
        const bool is_last = left_.empty();
        if (is_last && has_slash && last_ == last_link::created) {
            result_.error = -EISDIR;
        } else if (!found && !is_last) {
            result_.error = -ENOENT;
        } else if (found && found->is_link() && (!is_last || is_followed(has_slash))) {
            follow(*found, has_slash);
        } else {
            result_ = {.directory = at_, .name = name, .found = found, .ends_with_slash = has_slash};
            if (found && !is_last) at_ = found;
        }
    }

    bool is_followed(bool has_slash) const noexcept {
        if (last_ == last_link::itself) return has_slash;
        return last_ == last_link::followed || last_ == last_link::created;
    }

    void follow(const inode& link, bool has_slash) {
        if (++links_ > most_links) {
            result_.error = -ELOOP;
            return;
        }
        left_ = link.target + (has_slash ? "/" : "") + left_;
        if (left_.front() == '/') begin_at_root();
    }

    const std::shared_ptr<inode>& root_;
    std::shared_ptr<inode> at_;
    const last_link last_;
    std::string left_;
    int links_ = 0;
    place result_;
};

}  // namespace

int place::existing() const noexcept {
    if (error != 0) return error;
    if (!found) return -ENOENT;
    return ends_with_slash && !found->is_directory() ? -ENOTDIR : 0;
}

place find_place(const std::shared_ptr<inode>& root, const std::shared_ptr<inode>& start, std::string_view path,
                 last_link last) {
    return walk(root, start, last).go(std::string(path));
}

std::string path_of(const inode& directory, const inode& root) {
    if (&directory == &root) return "/";
    std::string path;
    for (const inode* each = &directory; each != &root; each = each->parent) {
        if (!each->parent) return {};
        path = "/" + each->name + path;
    }
    return path;
}

}  // namespace torus::inline v0::sim
