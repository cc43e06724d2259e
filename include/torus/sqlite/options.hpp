// torus/sqlite/options.hpp: how a database file is opened.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <torus/core/clock.hpp>

namespace torus::inline v0::sqlite {

/// What may be done with the file.
enum class access : std::uint8_t {
    create,      // read and write it, and create it where there is none
    read_write,  // read and write it; it must be there
    read_only,
};

/// How a commit is made atomic.
enum class journal : std::uint8_t {
    unchanged,  // as the file says
    wal,        // a log beside the file: readers and a writer don't wait for each other
    rollback,   // SQLite's original: the file alone is complete, and a writer shuts readers out while it commits
};

/// What a commit waits for.
enum class durability : std::uint8_t {
    /// The file survives anything, but the latest commits may be missing after a power failure (never after a crash of
    /// the program). With `journal::wal` a commit doesn't wait for the disk.
    consistent,
    /// A commit returns when it is on the disk.
    full,
};

/// Defaults for a file that one program writes while others look on.
struct open_options {
    sqlite::access access = sqlite::access::create;
    sqlite::journal journal = sqlite::journal::wal;
    sqlite::durability durability = sqlite::durability::consistent;

    /// Whether REFERENCES clauses hold. SQLite's own default, for compatibility with its second version, is no.
    bool foreign_keys = true;

    /// How long a statement waits for another connection's lock before it throws `sql::busy_error`.
    /// 5 seconds is longer than sane transactions take, and shorter than people wait.
    duration busy_timeout = std::chrono::seconds(5);

    /// Prepared statements kept for reuse, the most recently used ones. A hundred is more than most programs have;
    /// each takes a few KiB.
    std::size_t cached_statements = 100;
};

/// Which lock a transaction takes, and when.
enum class transaction_kind : std::uint8_t {
    /// The write lock, at once: what waits, waits here, and no later statement fails because somebody else wrote.
    immediate,
    /// A read lock with the first read. All reads see one moment of the database. A first write takes the write lock,
    /// and throws `sql::busy_error` at once if anybody has written in between.
    deferred,
};

}  // namespace torus::inline v0::sqlite
