// src/net/name_cache.hpp: names that were looked up lately.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/name_entry.hpp"

namespace torus::inline v0 {

/// As many names as dns_cache_names, the most recently used ones, until they expire.
class name_cache {
public:
    /// Null if it is not there, or not any more.
    std::shared_ptr<name_entry> find(const std::string& name);
    void insert(std::shared_ptr<name_entry> entry);
    void clear() noexcept;
    std::size_t size() const noexcept { return names_.size(); }

private:
    using list = std::list<std::shared_ptr<name_entry>>;

    list recent_;  // the last used one first
    std::unordered_map<std::string, list::iterator> names_;
};

}  // namespace torus::inline v0
