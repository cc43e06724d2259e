// src/process/environment.cpp: environment variables as a list of words.
#include <torus/process/environment.hpp>

#include <algorithm>
#include <stdexcept>

#include <unistd.h>

namespace torus::inline v0 {

namespace {

bool is_of(std::string_view entry, std::string_view name) noexcept {
    return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
}

}  // namespace

environment environment::current() {
    environment copy;
    for (char** each = ::environ; each && *each; ++each) copy.entries_.emplace_back(*each);
    return copy;
}

std::vector<std::string>::iterator environment::place_of(std::string_view name) noexcept {
    return std::find_if(entries_.begin(), entries_.end(), [&](const std::string& each) { return is_of(each, name); });
}

environment& environment::set(std::string_view name, std::string_view value) {
    constexpr std::string_view forbidden("=\0", 2);
    if (name.empty() || name.find_first_of(forbidden) != name.npos || value.find('\0') != value.npos)
        throw std::invalid_argument("torus: not the name, or not the value, of an environment variable");
    std::string entry;
    entry.reserve(name.size() + 1 + value.size());
    entry.append(name).append("=").append(value);
    const auto place = place_of(name);
    if (place == entries_.end()) entries_.push_back(std::move(entry));
    else *place = std::move(entry);
    return *this;
}

bool environment::erase(std::string_view name) noexcept {
    const auto place = place_of(name);
    if (place == entries_.end()) return false;
    entries_.erase(place);
    return true;
}

std::optional<std::string_view> environment::find(std::string_view name) const noexcept {
    for (const std::string& each : entries_)
        if (is_of(each, name)) return std::string_view(each).substr(name.size() + 1);
    return std::nullopt;
}

}  // namespace torus::inline v0
