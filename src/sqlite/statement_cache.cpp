// src/sqlite/statement_cache.cpp: the statements used most recently stay prepared.
#include <utility>

#include "sqlite/statement.hpp"

namespace torus::inline v0::sqlite {

namespace {

// Longer texts are made by programs, for one use; keeping them would keep megabytes.
constexpr std::size_t longest_kept_text = 16 * 1024;

}  // namespace

statement_cache::lease::~lease() {
    if (entry_) cache_->put_back(*entry_);
}

statement_cache::lease statement_cache::take(sqlite3* db, std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found != by_text_.end() && !found->second->in_use) {
        entries_.splice(entries_.begin(), entries_, found->second);
        entries_.front().in_use = true;
        return lease(*this, entries_.front());
    }
    const bool kept = found == by_text_.end() && capacity_ > 0 && sql.size() <= longest_kept_text;
    std::list<entry>& home = kept ? entries_ : unkept_;
    home.push_front(entry{statement(db, sql, kept), true});
    if (kept) {
        try {
            by_text_.emplace(home.front().prepared.text(), home.begin());
        } catch (...) {
            home.pop_front();
            throw;
        }
        make_room();
    }
    return lease(*this, home.front());
}

void statement_cache::put_back(entry& used) noexcept {
    used.prepared.reset();
    used.in_use = false;
    unkept_.remove_if([&](const entry& e) { return &e == &used; });
    make_room();
}

void statement_cache::make_room() noexcept {
    for (auto oldest = entries_.end(); entries_.size() > capacity_ && oldest != entries_.begin();) {
        --oldest;
        if (oldest->in_use) continue;
        by_text_.erase(oldest->prepared.text());
        oldest = entries_.erase(oldest);
    }
}

void statement_cache::clear() noexcept {
    by_text_.clear();
    entries_.clear();
    unkept_.clear();
}

}  // namespace torus::inline v0::sqlite
