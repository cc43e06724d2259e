// src/sqlite/database.hpp: a database file and what can be done with it, on one thread and without waiting for anybody.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torus/sql/error.hpp>
#include <torus/sql/parameters.hpp>
#include <torus/sql/row.hpp>
#include <torus/sqlite/options.hpp>

#include "sqlite/interruption.hpp"
#include "sqlite/statement.hpp"

struct sqlite3;

namespace torus::inline v0::sqlite {

class cursor;

/// One connection to a database file. Everything but `interrupt()` belongs to one thread at a time.
///
/// Every function throws `sql::error` for what SQLite reports (`sql::statement_error` when the database is closed), and
/// leaves no statement running: what fails is reset.
class database {
public:
    database() = default;
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database() { close(); }

    /// Opens the file, and makes sure that it is a database.
    void open(const std::string& path, const open_options& options);

    /// Rolls back what isn't committed, finalizes every statement, cursors' included, and closes the file.
    void close() noexcept;

    /// Runs one statement to its end. Rows that it returns are dropped.
    sql::result execute(std::string_view sql, std::span<const sql::value_view> parameters = {});

    /// Runs one statement for each row, all of them or none, in a transaction of its own or in a part of the one that
    /// is open.
    sql::result execute_many(std::string_view sql, const sql::parameter_rows& rows);

    /// Runs many statements, without parameters. One that fails ends the script; what it did before is done, but a
    /// transaction that the script itself has left open is rolled back.
    void execute_script(std::string_view sql);

    sql::rows query(std::string_view sql, std::span<const sql::value_view> parameters = {});

    /// The first row, if there is one. A statement that also writes is run to its end.
    std::optional<sql::row> query_one(std::string_view sql, std::span<const sql::value_view> parameters = {});

    /// Begins a transaction, or within one a part that can be undone by itself (a savepoint).
    void begin(transaction_kind kind);

    /// Ends what the latest begin() began. If that fails, it has been rolled back.
    void commit();

    /// Undoes what the latest begin() began.
    void rollback() noexcept;

    /// How many begin() are open.
    int depth() const noexcept { return depth_; }

    /// Stops what runs, and what is started before `allow()`. For every thread, at any time.
    void interrupt() noexcept { interruption_.request(); }
    void allow() noexcept { interruption_.clear(); }

    bool is_open() const noexcept { return handle_ != nullptr; }

private:
    friend class cursor;

    struct closer {
        void operator()(sqlite3* db) const noexcept;
    };

    template <class Work> auto guarded(Work work) -> decltype(work());
    void enter();
    void leave() noexcept;
    void stop_if_requested() const;

    bool advance(statement& s);
    sql::result run(statement& s);
    sql::result run_each(std::string_view sql, const sql::parameter_rows& rows);
    bool in_transaction() const noexcept;
    void undo_all() noexcept;
    void control(const char* sql);
    std::string control_text(const char* verb) const;
    void verify(const open_options& options);
    std::string pragma(const char* sql);
    std::string set_journal(const open_options& options);

    interruption interruption_;
    std::unique_ptr<sqlite3, closer> handle_;
    statement_cache cache_;
    std::vector<cursor*> cursors_;

    int depth_ = 0;
    bool within_foreign_ = false;  // the outermost begin() found a transaction that a statement had begun
    bool lost_ = false;  // the transaction has ended otherwise than by commit() or rollback()
};

/// The rows of a query, a batch at a time. Reads hold a snapshot of the database until the end is reached or the cursor
/// goes; it may outlive the database, and is at its end then.
class cursor {
public:
    /// @param parameters  kept, since the statement refers to them
    cursor(database& db, std::string_view sql, sql::parameters parameters);
    ~cursor() { finish(); }
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    /// The next rows, at least one; none at the end.
    sql::rows next();

    /// Ends it early.
    void finish() noexcept;

    std::unique_ptr<cursor> next_unwanted;  // in a list of cursors to be destroyed

private:
    friend class database;

    database* db_;  // null at the end
    sql::parameters parameters_;
    std::optional<interruption::indirect> indirect_;
    std::optional<statement_cache::lease> running_;
    std::shared_ptr<const sql::columns> names_;
    bool closed_ = false;  // by the database
    bool failed_ = false;
};

// ---------------------------------------------------------------------------------------------------------------------

/// Does `work` between looks at the state of the connection before and after.
template <class Work> auto database::guarded(Work work) -> decltype(work()) {
    enter();
    const struct leaving {
        database& left;
        ~leaving() { left.leave(); }
    } at_the_end{*this};
    try {
        return work();
    } catch (const sql::busy_error& e) {
        // A stop ends the wait for a lock as if the time were up.
        if (!interruption_.requested()) throw;
        throw sql::interrupted_error(sql::error_kind::interrupted, e.code(), e.what());
    }
}

}  // namespace torus::inline v0::sqlite
