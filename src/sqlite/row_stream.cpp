// src/sqlite/row_stream.cpp: rows are fetched a batch ahead of their reader.
#include <torus/sqlite/row_stream.hpp>

#include <utility>

#include <torus/core/running.hpp>

#include "sqlite/session.hpp"

namespace torus::inline v0::sqlite {

/// What a stream shares with the call that fetches for it.
struct stream_state {
    stream_state(session_scope asked, std::string_view text, sql::parameters given)
        : where(std::move(asked)), sql(text), parameters(std::move(given)) {}
    ~stream_state() {
        if (reading) where.session->dispose(std::move(reading));
    }
    stream_state(const stream_state&) = delete;
    stream_state& operator=(const stream_state&) = delete;

    bool has_row() const noexcept { return batch && next < batch->size(); }

    session_scope where;
    std::string sql;
    sql::parameters parameters;

    // Of the thread while a batch is fetched, and of the loop otherwise.
    std::unique_ptr<cursor> reading;
    std::optional<sql::rows> batch;

    std::size_t next = 0;  // in the batch
};

row_stream::row_stream(session_scope where, std::string_view sql, sql::parameters parameters)
    : state_(std::make_shared<stream_state>(std::move(where), sql, std::move(parameters))) {}
row_stream::row_stream(row_stream&&) noexcept = default;
row_stream& row_stream::operator=(row_stream&&) noexcept = default;
row_stream::~row_stream() = default;

fetching row_stream::next() { return fetching(state_); }

fetching::fetching(std::shared_ptr<stream_state> state) noexcept : call(state->where), state_(std::move(state)) {}

bool fetching::await_ready() const noexcept {
    if (!state_->has_row() || running.completions_left == 0) return false;
    --running.completions_left;
    return true;
}

bool fetching::await_suspend(std::coroutine_handle<> h) {
    if (!state_->has_row()) return call::await_suspend(h);
    // A row is there, but others have waited long enough.
    if (!begin_wait(h)) return false;
    make_ready();
    return true;
}

void fetching::perform(database& db) {
    if (!state_->reading) state_->reading = std::make_unique<cursor>(db, state_->sql, std::move(state_->parameters));
    state_->next = 0;
    state_->batch.emplace(state_->reading->next());
}

std::optional<sql::row> fetching::await_resume() {
    finish();
    if (!state_->has_row()) return std::nullopt;
    return (*state_->batch)[state_->next++];
}

}  // namespace torus::inline v0::sqlite
