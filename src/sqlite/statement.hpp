// src/sqlite/statement.hpp: a prepared statement, and the ones kept for reuse.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <torus/sql/row.hpp>
#include <torus/sql/value.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace torus::inline v0::sqlite {

/// One prepared statement. What fails throws, and leaves it to be reset.
class statement {
public:
    /// Prepares the first statement of `sql`, and takes it off its front. Empty if only blanks and comments are left.
    static std::optional<statement> first_of(sqlite3* db, std::string_view& sql, bool kept);

    /// Prepares `sql`, which must be one statement.
    /// @throws sql::statement_error  it is wrong, or none, or more than one
    statement(sqlite3* db, std::string_view sql, bool kept);

    /// Binds the values where they are: they must stay until `reset()`.
    /// @throws sql::statement_error  another number of values
    /// @throws sql::type_error       not a number
    void bind(std::span<const sql::value_view> values);

    /// Runs to the next row. False at the end.
    bool step();

    /// Back to the start, without values. After every run, whatever its end: locks are held until then.
    void reset() noexcept;

    /// The names of the columns; after the first `step()`, which may find that the schema has changed.
    const std::shared_ptr<const sql::columns>& names();

    /// Adds the current row.
    void read(sql::rows_builder& into);

    /// Whether it leaves the database as it is.
    bool only_reads() const noexcept;
    const std::string& text() const noexcept { return text_; }

private:
    struct finalize {
        void operator()(sqlite3_stmt* s) const noexcept;
    };

    statement(std::unique_ptr<sqlite3_stmt, finalize> prepared, std::string_view text);
    void bind_one(int index, const sql::value_view& value);

    std::unique_ptr<sqlite3_stmt, finalize> prepared_;
    std::string text_;
    std::shared_ptr<const sql::columns> names_;
    int names_as_prepared_ = 0;  // how often SQLite had prepared it again when names_ was read
};

/// The statements used most recently, prepared.
class statement_cache {
    struct entry {
        statement prepared;
        bool in_use = false;
    };

public:
    /// How many are kept at most; none at first.
    void keep(std::size_t capacity) noexcept {
        capacity_ = capacity;
        make_room();
    }

    /// A statement for one run; resets it when it goes. Must go before the cache does.
    class lease {
    public:
        lease(lease&& other) noexcept : cache_(other.cache_), entry_(std::exchange(other.entry_, nullptr)) {}
        lease& operator=(lease&&) = delete;
        ~lease();
        statement& operator*() const noexcept { return entry_->prepared; }
        statement* operator->() const noexcept { return &entry_->prepared; }

    private:
        friend class statement_cache;
        lease(statement_cache& cache, entry& taken) noexcept : cache_(&cache), entry_(&taken) {}

        statement_cache* cache_;
        entry* entry_;
    };

    /// The statement for `sql`, prepared now if it isn't there, or is in use.
    lease take(sqlite3* db, std::string_view sql);

    /// Finalizes all; no lease may be out.
    void clear() noexcept;

private:
    void put_back(entry& used) noexcept;
    void make_room() noexcept;

    std::size_t capacity_ = 0;
    std::list<entry> entries_;  // the latest first
    std::list<entry> unkept_;  // in use, and finalized afterwards
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_text_;  // of entries_
};

}  // namespace torus::inline v0::sqlite
