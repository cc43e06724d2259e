// src/sqlite/file_locks.cpp: who may read and write a simulated database.
#include "sqlite/file_locks.hpp"

#include <map>
#include <mutex>
#include <utility>

#include <torus/core/thread_calls.hpp>

#include <sqlite3.h>

namespace torus::inline v0::sqlite {

/// Worlds may run on several threads at once; the files of one never do.
std::shared_ptr<file_locks> file_locks::of(std::uint64_t number) {
    static std::mutex mutex;
    static std::map<std::pair<const thread_calls*, std::uint64_t>, std::weak_ptr<file_locks>> known;
    const std::lock_guard held(mutex);
    std::erase_if(known, [](const auto& each) { return each.second.expired(); });
    std::weak_ptr<file_locks>& place = known[{&threads(), number}];
    std::shared_ptr<file_locks> found = place.lock();
    if (!found) place = found = std::make_shared<file_locks>();
    return found;
}

file_locks::holder::~holder() {
    unlock(SQLITE_LOCK_NONE);
    leave_log();
}

int file_locks::holder::lock(int level) {
    if (level_ >= level) return SQLITE_OK;
    if (level_ == SQLITE_LOCK_NONE) {
        if (all_->pending_) return SQLITE_BUSY;
        ++all_->readers_;
        level_ = SQLITE_LOCK_SHARED;
    }
    if (level == SQLITE_LOCK_RESERVED) {
        if (is_reserved()) return SQLITE_BUSY;
        all_->reserved_ = this;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        if (all_->pending_ && all_->pending_ != this) return SQLITE_BUSY;
        all_->pending_ = this;  // no new readers come
        level_ = SQLITE_LOCK_PENDING;
        if (all_->readers_ > 1) return SQLITE_BUSY;
    }
    level_ = level;
    return SQLITE_OK;
}

void file_locks::holder::unlock(int level) noexcept {
    if (level_ <= level) return;
    if (all_->reserved_ == this) all_->reserved_ = nullptr;
    if (all_->pending_ == this) all_->pending_ = nullptr;
    if (level == SQLITE_LOCK_NONE) --all_->readers_;
    level_ = level;
}

void* file_locks::holder::map_log_index(std::size_t part, std::size_t size, bool extend) {
    if (!std::exchange(uses_log_, true)) ++all_->log_users_;
    auto& index = all_->log_index_;
    if (part >= index.size() && !extend) return nullptr;
    while (part >= index.size()) index.push_back(std::make_unique<std::byte[]>(size));
    return index[part].get();
}

int file_locks::holder::lock_log(int first, int count, bool shared) {
    for (int i = first; i < first + count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const std::size_t own = log_reads_ >> i & 1U;
        const bool is_free = !all_->log_writers_[at] && (shared || all_->log_readers_[at] == own);
        if (!is_free && all_->log_writers_[at] != this) return SQLITE_BUSY;
    }
    for (int i = first; i < first + count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (!shared) {
            all_->log_writers_[at] = this;
        } else if (!(log_reads_ >> i & 1U)) {
            log_reads_ |= 1U << i;
            ++all_->log_readers_[at];
        }
    }
    return SQLITE_OK;
}

void file_locks::holder::unlock_log(int first, int count) noexcept {
    for (int i = first; i < first + count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (all_->log_writers_[at] == this) all_->log_writers_[at] = nullptr;
        if (log_reads_ >> i & 1U) --all_->log_readers_[at];
        log_reads_ &= ~(1U << i);
    }
}

void file_locks::holder::leave_log() noexcept {
    if (!std::exchange(uses_log_, false)) return;
    unlock_log(0, log_locks);
    if (--all_->log_users_ == 0) all_->log_index_.clear();
}

}  // namespace torus::inline v0::sqlite
