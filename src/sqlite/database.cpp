// src/sqlite/database.cpp: statements run on a database, alone and in transactions.
#include "sqlite/database.hpp"

#include <algorithm>

#include <sqlite3.h>

#include "sqlite/failure.hpp"

namespace torus::inline v0::sqlite {

void database::closer::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

void database::close() noexcept {
    while (!cursors_.empty()) {
        cursors_.back()->closed_ = true;
        cursors_.back()->finish();
    }
    cache_.clear();
    interruption_.uninstall();
    // An interruption stays with SQLite until the next statement begins. It would keep the log from being written back.
    if (handle_) sqlite3_exec(handle_.get(), in_transaction() ? "ROLLBACK" : "SELECT 1", nullptr, nullptr, nullptr);
    handle_.reset();
    depth_ = 0;
    lost_ = false;
}

void database::enter() {
    if (!handle_) throw sql::statement_error(sql::error_kind::closed, 0, "the database is closed");
    if (lost_)
        throw sql::statement_error(sql::error_kind::rolled_back, 0,
                                   "the transaction is over: an error has rolled it back, or a statement has ended it");
    stop_if_requested();
}

void database::stop_if_requested() const {
    if (interruption_.requested())
        throw sql::interrupted_error(sql::error_kind::interrupted, SQLITE_INTERRUPT, "stopped on request");
}

// What comes next in the transaction must not run outside of it, one statement at a time.
void database::leave() noexcept {
    if (handle_ && depth_ > 0 && !in_transaction()) lost_ = true;
}

bool database::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_.get()) == 0; }

bool database::advance(statement& s) {
    try {
        return s.step();
    } catch (const sql::interrupted_error&) {
        // SQLite rolls a transaction back whose write is interrupted, unless the write had just ended: then nobody
        // could tell whether it has happened. Make it one thing.
        if (!s.only_reads()) undo_all();
        throw;
    }
}

void database::undo_all() noexcept {
    if (!in_transaction()) return;
    const interruption::indivisible whole(interruption_);
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

sql::result database::run(statement& s) {
    interruption_.begin_statement();
    const std::int64_t before = sqlite3_total_changes64(handle_.get());
    while (advance(s)) {}
    // SQLite goes on reporting the changes of the latest statement that made any.
    const bool changed = sqlite3_total_changes64(handle_.get()) != before;
    return {changed ? sqlite3_changes64(handle_.get()) : 0, sqlite3_last_insert_rowid(handle_.get())};
}

sql::result database::execute(std::string_view sql, std::span<const sql::value_view> parameters) {
    return guarded([&] {
        const auto running = cache_.take(handle_.get(), sql);
        running->bind(parameters);
        return run(*running);
    });
}

sql::result database::execute_many(std::string_view sql, const sql::parameter_rows& rows) {
    begin(transaction_kind::immediate);
    sql::result all;
    try {
        all = guarded([&] { return run_each(sql, rows); });
    } catch (...) {
        rollback();
        throw;
    }
    commit();
    return all;
}

sql::result database::run_each(std::string_view sql, const sql::parameter_rows& rows) {
    const auto running = cache_.take(handle_.get(), sql);
    sql::result all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        stop_if_requested();
        try {
            running->bind(rows[i]);
            const sql::result one = run(*running);
            all.changes += one.changes;
            all.last_insert_id = one.last_insert_id;
        } catch (const sql::error& e) {
            sql::throw_error(e.kind(), e.code(), "row " + std::to_string(i) + ": " + e.what());
        }
        running->reset();
    }
    return all;
}

void database::execute_script(std::string_view sql) {
    const bool within = handle_ && in_transaction();
    try {
        guarded([&] {
            while (auto next = statement::first_of(handle_.get(), sql, false)) {
                stop_if_requested();
                next->bind({});
                run(*next);
            }
        });
    } catch (...) {
        if (handle_ && !within) undo_all();
        throw;
    }
}

sql::rows database::query(std::string_view sql, std::span<const sql::value_view> parameters) {
    return guarded([&] {
        const auto running = cache_.take(handle_.get(), sql);
        running->bind(parameters);
        interruption_.begin_statement();
        bool more = advance(*running);
        sql::rows_builder builder(running->names());
        for (; more; more = advance(*running)) running->read(builder);
        return std::move(builder).finish();
    });
}

std::optional<sql::row> database::query_one(std::string_view sql, std::span<const sql::value_view> parameters) {
    return guarded([&]() -> std::optional<sql::row> {
        const auto running = cache_.take(handle_.get(), sql);
        running->bind(parameters);
        interruption_.begin_statement();
        if (!advance(*running)) return std::nullopt;
        sql::rows_builder builder(running->names());
        running->read(builder);
        while (!running->only_reads() && advance(*running)) {}
        return std::move(builder).finish()[0];
    });
}

// ---------------------------------------------------------------------------------------------------------------------

void database::control(const char* sql) {
    const interruption::indivisible whole(interruption_);
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code, sql);
}

// Savepoints are named by their depth.
std::string database::control_text(const char* verb) const {
    return std::string(verb) + " torus_" + std::to_string(depth_);
}

void database::begin(transaction_kind kind) {
    guarded([&] {
        if (depth_ == 0) within_foreign_ = in_transaction();
        if (depth_ > 0 || within_foreign_) {
            ++depth_;
            try {
                control(control_text("SAVEPOINT").c_str());
            } catch (...) {
                --depth_;
                throw;
            }
            return;
        }
        // Where nothing can be written there is no write lock to take.
        const bool may_write = sqlite3_db_readonly(handle_.get(), "main") == 0;
        control(kind == transaction_kind::immediate && may_write ? "BEGIN IMMEDIATE" : "BEGIN");
        ++depth_;
    });
}

void database::commit() {
    try {
        guarded([&] {
            if (depth_ == 0)
                throw sql::statement_error(sql::error_kind::statement, 0, "there is no transaction to commit");
            control(depth_ == 1 && !within_foreign_ ? "COMMIT" : control_text("RELEASE").c_str());
            --depth_;
        });
    } catch (...) {
        rollback();
        throw;
    }
}

void database::rollback() noexcept {
    if (depth_ == 0) return;
    if (!lost_) {
        try {
            control(depth_ == 1 && !within_foreign_
                        ? "ROLLBACK"
                        : (control_text("ROLLBACK TO") + "; " + control_text("RELEASE")).c_str());
        } catch (...) {
            lost_ = true;
        }
    }
    if (--depth_ > 0) return;
    // What can't be undone must not be committed by what comes next: closing rolls back whatever is open.
    if (lost_ && in_transaction()) close();
    lost_ = false;
}

}  // namespace torus::inline v0::sqlite
