// src/net/hosts_file.cpp: reading a hosts file: lines of an address and its names.
#include "net/hosts_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/io/descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

// How often the file is looked at: who edits it by hand does not notice, and looking costs a microsecond.
constexpr duration look_interval = std::chrono::seconds(5);

// Block lists of a hundred thousand names have 3 MB. What is longer is read up to here.
constexpr std::size_t longest_file = 16 * 1024 * 1024;  // bytes

constexpr std::string_view blanks = " \t\r";

std::string_view next_word(std::string_view& line) noexcept {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

std::string content_of(const std::string& path) {
    std::string text;
    // Closed with a plain close(2), as what no operation is in flight on.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return text;
    std::array<char, 16 * 1024> chunk;
    for (ssize_t n = 1; n > 0 && text.size() < longest_file;) {
        n = ::read(file, chunk.data(), chunk.size());
        if (n > 0) text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    ::close(file);
    return text;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

const std::vector<address>& hosts_file::find(const std::string& name) {
    static const std::vector<address> none;
    look();
    const auto found = names_.find(name);
    return found == names_.end() ? none : found->second;
}

const std::string& hosts_file::name_of(const address& of) {
    static const std::string none;
    look();
    const auto found = addresses_.find(of);
    return found == addresses_.end() ? none : found->second;
}

void hosts_file::set_path(std::string_view path) {
    path_ = path;
    is_chosen_ = true;
    seen_ = {};
    next_look_ = time_point::min();
}

void hosts_file::look() {
    const std::string* const simulated = is_chosen_ ? nullptr : event_loop::current().world().hosts();
    if (simulated) {
        if (std::exchange(simulated_size_, simulated->size()) != simulated->size()) read(*simulated);
    } else if (clock::now() >= next_look_) {
        refresh();
    }
}

void hosts_file::refresh() {
    next_look_ = later(clock::now(), look_interval);
    struct stat file{};
    stamp now;
    if (::stat(path_.c_str(), &file) == 0) now = {file.st_mtim.tv_sec, file.st_mtim.tv_nsec, file.st_size, file.st_ino};
    if (now == seen_ && now.size >= 0) return;
    read(content_of(path_));
    seen_ = now;
}

void hosts_file::read(std::string_view text) {
    names_.clear();
    addresses_.clear();
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        add_line(line.substr(0, line.find('#')));
        begin = end + 1;
    }
}

void hosts_file::add_line(std::string_view line) {
    const auto where = address::ip(next_word(line), 0);
    if (!where) return;
    for (std::string_view name = next_word(line); !name.empty(); name = next_word(line)) {
        addresses_.try_emplace(*where, name);
        std::vector<address>& known = names_[lower_case(name)];
        if (std::find(known.begin(), known.end(), *where) == known.end()) known.push_back(*where);
    }
}

}  // namespace torus::inline v0
