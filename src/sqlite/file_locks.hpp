// src/sqlite/file_locks.hpp: what connections to one simulated file share: its locks, and the index of its log.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace torus::inline v0::sqlite {

/// The locks of a database file, https://www.sqlite.org/lockingv3.html, and those of its write-ahead log, of which
/// https://www.sqlite.org/walformat.html tells in section 2. Functions return SQLite's codes: SQLITE_OK, or SQLITE_BUSY.
class file_locks {
public:
    /// One connection's part of them.
    class holder;

    /// Those of the file with that number in the world of this thread: everybody who asks has the same ones.
    static std::shared_ptr<file_locks> of(std::uint64_t number);

private:
    static constexpr int log_locks = 8;  // SQLITE_SHM_NLOCK

    std::size_t readers_ = 0;
    const holder* reserved_ = nullptr;
    const holder* pending_ = nullptr;  // has, or is to have, the file for itself
    std::array<std::size_t, log_locks> log_readers_{};
    std::array<const holder*, log_locks> log_writers_{};
    std::vector<std::unique_ptr<std::byte[]>> log_index_;
    std::size_t log_users_ = 0;
};

class file_locks::holder {
public:
    explicit holder(std::shared_ptr<file_locks> of) noexcept : all_(std::move(of)) {}
    ~holder();
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;

    /// @{ Locks of the file: up to `level`, down to it; whether anybody is about to write.
    int lock(int level);
    void unlock(int level) noexcept;
    bool is_reserved() const noexcept { return all_->reserved_ || all_->pending_; }
    /// @}

    /// A part of the index; null where there is none yet and none is to be made.
    void* map_log_index(std::size_t part, std::size_t size, bool extend);
    int lock_log(int first, int count, bool shared);
    void unlock_log(int first, int count) noexcept;
    /// The index is forgotten when nobody uses it any more.
    void leave_log() noexcept;

private:
    const std::shared_ptr<file_locks> all_;
    int level_ = 0;  // SQLITE_LOCK_NONE and so on
    unsigned log_reads_ = 0;  // a bit for each lock
    bool uses_log_ = false;
};

}  // namespace torus::inline v0::sqlite
