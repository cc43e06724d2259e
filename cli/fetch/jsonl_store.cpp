// cli/fetch/jsonl_store.cpp: rows as lines of JSON in a file.
#include "cli/fetch/jsonl_store.hpp"

#include <cerrno>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <torus/core/shield.hpp>
#include <torus/core/thread.hpp>

#include <nlohmann/json.hpp>

#include "cli/fetch/jsonl_scan.hpp"

#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

std::string log_path(const output_file& rows) { return rows.path() + ".run"; }
std::string input_path(const output_file& rows) { return rows.path() + ".input"; }

/// Rows are written in pieces of this size: many small ones at once, and never two large bodies.
constexpr std::size_t written_piece_bytes = 256 * 1024;

/// How every database of SQLite begins (its file format, section 1.3).
constexpr std::string_view database_mark("SQLite format 3\0", 16);

template <class Write> void in_pieces(const batch& rows, Write write) {
    std::string lines;
    for (const result_row& row : rows.rows) {
        const std::string line = as_json_line(row);
        if (lines.size() + line.size() < written_piece_bytes) {
            lines += line;
            continue;
        }
        write(lines);
        write(line);  // as it is: it may be large
        lines.clear();
    }
    write(lines);
}

/// Calls a function on a thread and waits for its end, come what may: it works on what the caller owns.
template <class... Function> auto on_thread(Function... function) { return shield(to_thread(std::move(function)...)); }

void append_to(output_file& file, std::string_view piece) { file.append(piece); }
void sync(output_file& file) { file.sync(); }

/// A file that can't be shortened either keeps whole lines of a batch that failed: those rows are done all the same.
void take_back(output_file& rows, std::uint64_t size) noexcept {
    try {
        rows.truncate(size);
    } catch (const std::system_error&) {}
}

void write_rows(output_file& rows, output_file& log, std::shared_ptr<const batch> written) {
    if (!written->started.empty()) {
        log.append(nlohmann::json({{"started", written->started}}).dump() + '\n');
        log.sync();
    }
    if (written->rows.empty()) return;
    const std::uint64_t before = rows.size();
    try {
        in_pieces(*written, [&](std::string_view lines) { rows.append(lines); });
        rows.sync();
    } catch (const std::system_error&) {
        take_back(rows, before);
        throw;
    }
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::system_error(errno, std::system_category(), "cannot write the output");
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

void write_descriptor(int descriptor, std::shared_ptr<const batch> written) {
    in_pieces(*written, [&](std::string_view lines) { write_all(descriptor, lines); });
}

}  // namespace

// ---- A file

jsonl_store::jsonl_store(output_file rows) : rows_(std::move(rows)) { read_record(); }

std::unique_ptr<result_store> jsonl_store::open(const std::string& path) {
    return std::unique_ptr<result_store>(new jsonl_store(output_file::open_locked(path)));
}

void jsonl_store::read_record() {
    if (rows_.read(0, database_mark.size()) == database_mark)
        throw output_refused(rows_.path() + " is a database, of which --format is sqlite");
    if (!file_exists(log_path(rows_))) {
        if (rows_.size() == 0) return;
        throw output_refused(rows_.path() + " exists and is not of torus fetch: there is no " + log_path(rows_) +
                             " beside it");
    }
    log_ = output_file::open(log_path(rows_));
    const std::string text = log_.read(0, log_.size());
    try {
        record_ = parse_run_record(std::string_view(text).substr(0, text.find('\n')));
    } catch (const std::invalid_argument& e) {
        throw output_refused(log_path(rows_) + ": " + e.what());
    }
}

async<> jsonl_store::clear() {
    // In this order: as long as there are rows there is the file that says whose they are.
    rows_.truncate(0);
    rows_.sync();
    log_.close();
    remove_file(log_path(rows_));
    remove_file(input_path(rows_));
    record_.reset();
    co_return;
}

async<> jsonl_store::keep_input(std::string piece) {
    if (!input_.is_open()) input_ = output_file::create(input_path(rows_));
    co_await on_thread(append_to, std::ref(input_), std::string_view(piece));
}

async<> jsonl_store::begin(run_record record) {
    if (input_.is_open()) co_await on_thread(sync, std::ref(input_));
    input_.close();
    std::string text = to_json(record) + '\n';
    if (log_.is_open()) {  // the run goes on with other options: what it knows about its requests stays
        const std::string before = log_.read(0, log_.size());
        text += std::string_view(before).substr(before.find('\n') + 1);
    }
    co_await on_thread(write_atomically, log_path(rows_), std::string_view(text));
    log_ = output_file::open(log_path(rows_));
    record_ = std::move(record);
}

std::unique_ptr<byte_source> jsonl_store::kept_input() { return open_file(input_path(rows_)); }

async<earlier_rows> jsonl_store::resume(again which) {
    const std::int64_t lines = record_->lines;
    co_return co_await on_thread(scan_rows, std::ref(rows_), std::ref(log_), lines, which);
}

async<> jsonl_store::commit(std::shared_ptr<const batch> written) {
    co_await on_thread(write_rows, std::ref(rows_), std::ref(log_), std::move(written));
}

async<> jsonl_store::close() {
    log_.close();
    rows_.close();
    co_return;
}

// ---- A stream

stream_store::~stream_store() { ::close(descriptor_); }

async<> stream_store::clear() { co_return; }

async<> stream_store::keep_input(std::string) { throw std::logic_error("a stream keeps no input"); }

async<> stream_store::begin(run_record) { co_return; }

std::unique_ptr<byte_source> stream_store::kept_input() { throw std::logic_error("a stream keeps no input"); }

async<earlier_rows> stream_store::resume(again) { co_return earlier_rows(); }

async<> stream_store::commit(std::shared_ptr<const batch> written) {
    co_await on_thread(write_descriptor, descriptor_, std::move(written));
}

async<> stream_store::close() { co_return; }

}  // namespace torus::inline v0::cli
