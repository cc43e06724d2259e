// src/net/name_cache.cpp: names that were looked up lately.
#include "net/name_cache.hpp"

namespace torus::inline v0 {

std::shared_ptr<name_entry> name_cache::find(const std::string& name) {
    const auto found = names_.find(name);
    if (found == names_.end()) return nullptr;
    if ((*found->second)->expires <= clock::now()) {
        recent_.erase(found->second);
        names_.erase(found);
        return nullptr;
    }
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front();
}

void name_cache::insert(std::shared_ptr<name_entry> entry) {
    const std::string& name = entry->name;
    if (const auto former = names_.find(name); former != names_.end()) {
        recent_.erase(former->second);
        names_.erase(former);
    }
    if (names_.size() >= dns_cache_names) {
        names_.erase(recent_.back()->name);
        recent_.pop_back();
    }
    recent_.push_front(std::move(entry));
    try {
        names_.emplace(recent_.front()->name, recent_.begin());
    } catch (...) {
        recent_.pop_front();
        throw;
    }
}

void name_cache::clear() noexcept {
    names_.clear();
    recent_.clear();
}

}  // namespace torus::inline v0
