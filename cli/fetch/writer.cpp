// cli/fetch/writer.cpp: rows on their way into the output, many at a time.
#include "cli/fetch/writer.hpp"

#include <utility>

#include <torus/core/time.hpp>

namespace torus::inline v0::cli {

void row_writer::add(result_row row, std::unique_ptr<body_budget::lease> held) {
    if (failure_) return;
    waiting_bytes_ += row.body.size();
    waiting_.rows.push_back(std::move(row));
    if (held) waiting_memory_.push_back(std::move(held));
    arrived_.set();
    if (is_urgent()) urgent_.set();
}

async<> row_writer::record_start(std::int64_t line) {
    if (!failure_) {
        waiting_.started.push_back(line);
        arrived_.set();
        urgent_.set();
        const std::shared_ptr<event> written = next_written_;
        co_await written->wait();
    }
    if (failure_) std::rethrow_exception(failure_);
}

bool row_writer::is_urgent() const noexcept {
    return closed_ || !waiting_.started.empty() || waiting_.rows.size() >= batch_rows || waiting_bytes_ >= batch_bytes;
}

void row_writer::close() {
    closed_ = true;
    arrived_.set();
    urgent_.set();
}

async<> row_writer::run() {
    for (;;) {
        co_await arrived_.wait();
        if (waiting_.empty() && closed_) break;
        co_await wait_for_company();
        co_await write();
    }
}

async<> row_writer::wait_for_company() {
    if (is_urgent()) co_return;
    urgent_.clear();
    const bool full = co_await move_on_after(batch_patience, urgent_.wait());
    static_cast<void>(full);
}

async<> row_writer::write() {
    const auto writing = std::make_shared<const batch>(std::exchange(waiting_, {}));
    const auto memory = std::exchange(waiting_memory_, {});
    const std::shared_ptr<event> written = std::exchange(next_written_, std::make_shared<event>());
    waiting_bytes_ = 0;
    if (!closed_) arrived_.clear();
    try {
        if (!failure_) co_await store_.commit(writing);
        for (const result_row& row : writing->rows)
            if (!failure_) counted_.count(row);
    } catch (const std::exception&) {
        failure_ = std::current_exception();
    }
    written->set();
    changed_.set();
}

}  // namespace torus::inline v0::cli
