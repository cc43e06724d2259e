// torus/sqlite/connection.hpp: a SQLite database, without blocking the loop.
#pragma once

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <torus/core/awaitable.hpp>
#include <torus/sqlite/call.hpp>
#include <torus/sqlite/options.hpp>
#include <torus/sqlite/row_stream.hpp>

namespace torus::inline v0::sqlite {

class connection;

/// Opens a database file, by default for reading and writing, and creates it where there is none.
///
///     auto db = co_await sqlite::open("pages.db");
///     co_await db.execute("insert into pages (url, status) values (?, ?)", url, 200);
///     for (const auto& row : co_await db.query("select url from pages where status = ?", 200))
///         print(row.get<std::string_view>("url"));
///
/// `":memory:"` is a database that lives as long as its connection. A program that writes from many tasks needs no more
/// than one connection; a second one, read only, lets long queries run beside the writes.
///
/// @throws sql::storage_error  there is no such file, it is no database, or it may not be opened
/// @throws sql::busy_error     another program kept it locked for the whole busy timeout
/// @throws std::system_error   there can be no more threads
/// @cancel interrupts; nothing stays open
/// @cost   a thread for each connection
async<connection> open(std::string path, open_options options = {});

/// A database file and the thread that works on it.
///
/// Statements of one connection run in the order in which they were asked for. Their texts and arguments stay where
/// the caller has them and are not copied: await a statement where it is made. All functions belong to the loop that
/// opened the connection; tasks share it freely.
///
/// Statements take `?`, `?1` or `:name` for parameters; these are numbered as SQLite does, in order of appearance.
/// `sql::value_view` says what may be passed; one `sql::parameters` stands for a list.
///
/// Cancelling a task takes its statement out of the queue, or interrupts it if it runs, and waits until it has ended.
/// The result wins: `cancelled_error` means that the statement has done nothing. An interrupted write in a transaction
/// takes the whole transaction with it.
///
/// Every statement throws `sql::error`: `constraint_violation`, `busy_error`, `statement_error`, `storage_error`,
/// `type_error`.
///
/// @source sqlite3.Connection; aiosqlite
class connection {
public:
    connection(connection&& other) noexcept : where_(std::move(other.where_)) {}
    connection& operator=(connection&& other) noexcept {
        std::swap(where_, other.where_);
        return *this;
    }

    /// Closes the file, if `close()` hasn't: interrupts what runs, refuses what waits, rolls back what is open, and
    /// waits for the thread, for at most five seconds.
    ~connection();

    /// Runs one statement to its end; rows that it returns are dropped.
    ///
    ///     auto done = co_await db.execute("delete from pages where status = ?", 404);
    ///     print(done.changes, " deleted");
    ///
    /// @cancel it hasn't happened
    /// @cost   a trip to the thread and back; no allocation for up to eight arguments
    template <class... Arguments> executing execute(std::string_view sql, const Arguments&... arguments) {
        return {where_, sql, sql::arguments(arguments...)};
    }

    /// Runs one statement for each row of parameters: all of them or none, prepared once, in one transaction.
    ///
    ///     std::vector<std::tuple<int, std::string>> users = …;
    ///     co_await db.execute_many("insert into users values (?, ?)", users);
    ///
    /// @return the sum of the changes
    /// @throws sql::error  of the first row that fails; its number is in the message
    /// @cancel nothing has happened
    executing_many execute_many(std::string_view sql, sql::parameter_rows rows) {
        return {where_, sql, std::move(rows)};
    }

    /// Runs many statements, without parameters, one after the other. What one that fails has left before it is done.
    /// @cancel what was run is done, but a transaction that the script began is rolled back
    executing_script execute_script(std::string_view sql) { return {where_, sql}; }

    /// All rows of a query; see `select` for more than fits into memory.
    /// @cancel interrupts the query
    template <class... Arguments> querying query(std::string_view sql, const Arguments&... arguments) {
        return {where_, sql, sql::arguments(arguments...)};
    }

    /// The first row of a query, if there is one.
    ///
    ///     auto user = co_await db.query_one("select name from users where id = ?", id);
    ///     if (user) print(user->get<std::string>("name"));
    ///
    /// @cancel interrupts the query
    template <class... Arguments> querying_one query_one(std::string_view sql, const Arguments&... arguments) {
        return {where_, sql, sql::arguments(arguments...)};
    }

    /// The rows of a query of any length, as they come. Text and arguments are copied.
    template <class... Arguments> row_stream select(std::string_view sql, const Arguments&... arguments) {
        return {where_, sql, sql::parameters(arguments...)};  // one sql::parameters is copied
    }

    /// Runs a closure in a transaction: commits when it returns, rolls back when it throws, cancellations included.
    ///
    ///     co_await db.transaction([&](sqlite::connection& tx) -> async<> {
    ///         co_await tx.execute("update accounts set n = n - ? where id = ?", 10, 1);
    ///         co_await tx.execute("update accounts set n = n + ? where id = ?", 10, 2);
    ///     });
    ///
    /// Statements that other tasks ask of the connection wait until it is over. The closure must use `tx`, within which
    /// a transaction can be part of another one, and be rolled back by itself. What makes SQLite roll back everything (a
    /// full disk, an interrupted write) ends the transaction: later statements of it throw, even if the closure goes on.
    ///
    /// @return what the closure returns
    /// @throws sql::busy_error       another connection kept the write lock for the whole busy timeout
    /// @throws sql::statement_error  the closure's own task asks something of the outer connection
    /// @throws sql::error            the commit has failed, and all was rolled back
    /// @throws what the closure throws
    /// @cancel rolled back, unless the commit was quicker
    template <class Closure>
    auto transaction(Closure&& body, transaction_kind kind = transaction_kind::immediate) {
        static_assert(safe_temporary<Closure>, "g++ 12 destroys this closure twice: name it first");
        return run_transaction<std::decay_t<Closure>>(where_, std::forward<Closure>(body), kind);
    }

    /// Closes the file when everything asked for before is done; transactions that are open are waited for.
    /// Harmless when repeated.
    ///
    /// @throws sql::statement_error  called within a transaction
    /// @cancel it stays open, if its turn hasn't come
    async<> close();

    bool is_open() const noexcept;

private:
    friend async<connection> open(std::string path, open_options options);
    explicit connection(session_scope where) noexcept : where_(std::move(where)) {}

    template <class Closure> using closure_result = await_result_t<std::invoke_result_t<Closure&, connection&>>;
    template <class Closure>
    static async<closure_result<Closure>> run_transaction(session_scope outer, Closure body, transaction_kind kind);
    static async<session_scope> begin(session_scope outer, transaction_kind kind);
    static async<> end(session_scope within, std::exception_ptr error);

    session_scope where_;
};

// ---------------------------------------------------------------------------------------------------------------------

template <class Closure>
async<connection::closure_result<Closure>> connection::run_transaction(session_scope outer, Closure body,
                                                                       transaction_kind kind) {
    using result_type = closure_result<Closure>;
    constexpr bool returns_nothing = std::is_void_v<result_type>;
    const session_scope within = co_await begin(std::move(outer), kind);
    connection tx(within);
    std::conditional_t<returns_nothing, std::monostate, std::optional<result_type>> result;
    std::exception_ptr error;
    try {
        if constexpr (returns_nothing) co_await body(tx);
        else result.emplace(co_await body(tx));
    } catch (...) {
        error = std::current_exception();
    }
    co_await end(within, std::move(error));
    if constexpr (!returns_nothing) co_return std::move(*result);
}

}  // namespace torus::inline v0::sqlite
