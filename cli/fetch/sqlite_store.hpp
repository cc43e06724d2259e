// cli/fetch/sqlite_store.hpp: rows of a table in a database file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <torus/sqlite/connection.hpp>

#include "cli/fetch/output_file.hpp"
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

/// What marks a database as ours: the application id "tofe", and as its version that of the tables.
inline constexpr std::int64_t store_application_id = 0x746f6665;
inline constexpr std::int64_t store_schema_version = 1;

/// A database with the table `results`, and beside it
///
///     run       the run's record
///     input     the input, if it came from a pipe or the command line
///     started   lines whose requests must not be sent twice, and are on their way
///
/// Anybody may read it meanwhile, and add tables of his own. A batch is a transaction, which is on the disk when it is
/// committed. Other runs are kept out by a lock on the file that SQLite doesn't know.
class sqlite_store final : public result_store {
public:
    /// @throws output_refused  it is in use, is no database, or one of something else
    /// @throws sql::error      it can't be opened
    static async<std::unique_ptr<result_store>> open(std::string path);

    std::optional<run_record> found() const override { return record_; }
    async<> clear() override;
    async<> keep_input(std::string piece) override;
    async<> begin(run_record record) override;
    std::unique_ptr<byte_source> kept_input() override;
    async<earlier_rows> resume(again which) override;
    async<> commit(std::shared_ptr<const batch> written) override;
    async<> close() override;

private:
    sqlite_store(output_file lock, sqlite::connection db) noexcept : lock_(std::move(lock)), db_(std::move(db)) {}
    async<> recognize();
    async<> create();
    async<> flush_input();

    output_file lock_;  // outlives the connection: closing it would give up SQLite's locks as well, fcntl(2)
    sqlite::connection db_;
    std::optional<run_record> record_;
    std::string pending_input_;
};

}  // namespace torus::inline v0::cli
