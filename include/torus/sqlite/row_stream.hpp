// torus/sqlite/row_stream.hpp: the rows of a query of any length, in constant memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <torus/sqlite/call.hpp>

namespace torus::inline v0::sqlite {

class fetching;
struct stream_state;

/// The rows of a query as they come: what `connection::select` returns.
///
///     auto pages = db.select("select url, body from pages");
///     while (auto page = co_await pages.next()) use(page->get<std::string>("url"));
///
/// The query begins with the first `next()`. Rows are fetched in batches of 256, or of 256 KiB; between two batches
/// other statements of the connection have their turn. The rows are those that were there when the query began, unless
/// this same connection changes them meanwhile: then SQLite leaves open which it sees. An unfinished stream keeps its
/// snapshot, and with it the log from being cleared, until it is destroyed.
class row_stream {
public:
    row_stream(row_stream&&) noexcept;
    row_stream& operator=(row_stream&&) noexcept;
    ~row_stream();

    /// The next row; none at the end.
    ///
    /// @throws sql::error            what SQLite reports; the stream has ended then
    /// @throws sql::statement_error  the connection was closed, or the transaction of the stream is over
    /// @cancel no row is lost where the batch had not been begun; one that runs is interrupted, and the stream has ended
    /// @cost   a trip to the connection's thread for each batch, none for the other rows
    fetching next();

private:
    friend class connection;
    friend class fetching;
    row_stream(session_scope where, std::string_view sql, sql::parameters parameters);

    std::shared_ptr<stream_state> state_;
};

/// What `row_stream::next` returns.
class [[nodiscard("co_await it")]] fetching final : public call {
public:
    explicit fetching(std::shared_ptr<stream_state> state) noexcept;
    fetching(fetching&&) noexcept = default;
    ~fetching() { leave(); }

    bool await_ready() const noexcept;
    bool await_suspend(std::coroutine_handle<> h);
    std::optional<sql::row> await_resume();

private:
    void perform(database& db) override;
    std::shared_ptr<stream_state> state_;
};

}  // namespace torus::inline v0::sqlite
