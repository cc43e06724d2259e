// src/sqlite/cursor.cpp: the rows of a query, a batch at a time.
#include <algorithm>
#include <utility>

#include "sqlite/database.hpp"

namespace torus::inline v0::sqlite {

namespace {

// A batch ends with the first of these: enough that handing it over between threads costs little for each row, and
// little enough that a stream of rows of any length takes constant memory.
constexpr std::size_t rows_per_batch = 256;
constexpr std::size_t bytes_per_batch = 256 * 1024;

}  // namespace

cursor::cursor(database& db, std::string_view sql, sql::parameters parameters)
    : db_(&db), parameters_(std::move(parameters)) {
    db.guarded([&] {
        indirect_.emplace(db.interruption_);
        running_.emplace(db.cache_.take(db.handle_.get(), sql));
        const std::vector<sql::value_view> views(parameters_.begin(), parameters_.end());
        (*running_)->bind(views);
        db.cursors_.push_back(this);
    });
}

sql::rows cursor::next() {
    if (closed_) throw sql::statement_error(sql::error_kind::closed, 0, "the database was closed under the cursor");
    if (failed_) throw sql::statement_error(sql::error_kind::rolled_back, 0, "an error has ended these rows");
    if (!db_) return sql::rows_builder(names_).finish();
    try {
        return db_->guarded([&] {
            statement& running = **running_;
            db_->interruption_.begin_statement();
            bool more = db_->advance(running);
            if (!names_) names_ = running.names();
            sql::rows_builder builder(names_);
            while (more) {
                running.read(builder);
                if (builder.row_count() >= rows_per_batch || builder.byte_count() >= bytes_per_batch) break;
                more = db_->advance(running);
            }
            sql::rows batch = std::move(builder).finish();
            if (!more) finish();
            return batch;
        });
    } catch (...) {
        failed_ = true;
        finish();  // another step would begin the query anew
        throw;
    }
}

void cursor::finish() noexcept {
    if (!db_) return;
    running_.reset();
    indirect_.reset();
    std::erase(db_->cursors_, this);
    db_ = nullptr;
    if (!names_) names_ = std::make_shared<const sql::columns>(std::vector<std::string>());
}

}  // namespace torus::inline v0::sqlite
