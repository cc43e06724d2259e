// cli/fetch/jsonl_scan.cpp: what an earlier start has left in a file of lines.
#include "cli/fetch/jsonl_scan.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace torus::inline v0::cli {

namespace {

/// Read at a time; rows may be longer.
constexpr std::size_t scanned_piece_bytes = 1024 * 1024;

/// The lines of a file, each with its end; what follows the last line end is no line.
class stored_lines {
public:
    explicit stored_lines(const output_file& file) : file_(file) {}

    /// The next line; empty at the end. Good until the next call.
    std::string_view next() {
        std::size_t end = buffer_.find('\n', taken_);
        while (end == std::string::npos) {
            buffer_.erase(0, taken_);
            const std::size_t searched = buffer_.size();
            taken_ = 0;
            const std::string piece = file_.read(at_, scanned_piece_bytes);
            if (piece.empty()) return {};
            at_ += piece.size();
            buffer_ += piece;
            end = buffer_.find('\n', searched);
        }
        const std::string_view line = std::string_view(buffer_).substr(taken_, end + 1 - taken_);
        taken_ = end + 1;
        whole_ += line.size();
        return line;
    }

    /// Bytes of all the lines so far.
    std::uint64_t whole() const noexcept { return whole_; }

private:
    const output_file& file_;
    std::string buffer_;
    std::size_t taken_ = 0;
    std::uint64_t at_ = 0;
    std::uint64_t whole_ = 0;
};

/// The file without the rows that are to be fetched again: written beside it, then put in its place.
class rewriting {
public:
    explicit rewriting(const output_file& of) : path_(of.path()) {}

    /// Up to here everything stays.
    void begin(const output_file& from, std::uint64_t size) {
        if (to_.is_open()) return;
        to_ = output_file::create(path_ + ".new");
        for (std::uint64_t at = 0; at < size;) {
            const std::string piece =
                from.read(at, static_cast<std::size_t>(std::min<std::uint64_t>(scanned_piece_bytes, size - at)));
            to_.append(piece);
            at += piece.size();
        }
    }
    void keep(std::string_view line) {
        if (!to_.is_open()) return;
        pending_ += line;
        if (pending_.size() >= scanned_piece_bytes) write();
    }
    void finish(output_file& replaced) {
        if (!to_.is_open()) return;
        write();
        to_.take_place_of(path_);
        replaced = std::move(to_);
    }

private:
    void write() {
        to_.append(pending_);
        pending_.clear();
    }
    std::string path_;
    std::string pending_;
    output_file to_;
};

id_set read_started(output_file& log) {
    id_set started;
    stored_lines lines(log);
    lines.next();  // the record
    for (std::string_view line = lines.next(); !line.empty(); line = lines.next()) {
        const auto entry = nlohmann::json::parse(line, nullptr, false);
        if (!entry.is_object() || !entry.contains("started") || !entry["started"].is_array())
            throw output_refused(log.path() + " is damaged");
        for (const auto& id : entry["started"])
            if (id.is_number_integer() && id.get<std::int64_t>() > 0) started.insert(id.get<std::int64_t>());
    }
    if (lines.whole() < log.size()) log.truncate(lines.whole());
    return started;
}

}  // namespace

earlier_rows scan_rows(output_file& rows, output_file& log, std::int64_t lines, again which) {
    earlier_rows found;
    stored_lines stored(rows);
    rewriting rewritten(rows);
    id_set dropped;
    std::uint64_t number = 0;
    for (std::uint64_t before = 0;; before = stored.whole()) {
        const std::string_view line = stored.next();
        if (line.empty()) break;
        ++number;
        const auto row = parse_row_summary(line);
        if (!row || row->id > lines || !line.ends_with("}\n") || found.done.contains(row->id))
            throw output_refused(rows.path() + " is damaged: its line " + std::to_string(number) +
                                 " is no row of this run");
        if (which.includes(row->error, row->status, row->method)) {
            rewritten.begin(rows, before);
            dropped.insert(row->id);
            continue;
        }
        rewritten.keep(line);
        found.done.insert(row->id);
        found.counted.count(row->error, row->status, row->method);
    }
    if (stored.whole() < rows.size()) rows.truncate(stored.whole());
    rewritten.finish(rows);
    const id_set started = read_started(log);
    for (std::int64_t id = 1; id <= lines; ++id)
        if (started.contains(id) && !found.done.contains(id) && !dropped.contains(id)) found.lost.insert(id);
    return found;
}

}  // namespace torus::inline v0::cli
