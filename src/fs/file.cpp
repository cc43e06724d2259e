// src/fs/file.cpp: the verbs of an open file.
#include <torus/fs/file.hpp>

#include <algorithm>

#include <torus/io/error.hpp>

#include "fs/blocking.hpp"
#include "fs/file_state.hpp"
#include "fs/request.hpp"
#include "fs/statx.hpp"

namespace torus::inline v0::fs {

namespace {

// What is read at once where the size of the rest is unknown: as much as a read ahead brings.
constexpr std::size_t reading_step = 64 * 1024;  // bytes

async<std::size_t> read_fully(file_reference from, std::optional<std::uint64_t> offset, bytes_span into) {
    std::size_t done = 0;
    while (done < into.size()) {
        file_reading rest =
            offset ? file_reading(from, into.from(done), *offset + done) : file_reading(from, into.from(done));
        const std::size_t count = co_await std::move(rest);
        if (count == 0) break;
        done += count;
    }
    co_return done;
}

async<> read_exactly(file_reference from, std::optional<std::uint64_t> offset, bytes_span into) {
    const std::size_t count = co_await read_fully(std::move(from), offset, into);
    if (count == into.size()) co_return;
    throw incomplete_read_error(std::string(bytes_view(into.data(), count).text()), into.size());
}

/// How much is left to be read, as far as the file says: those under /proc say nothing.
async<std::size_t> expected_rest(file_reference of) {
    const file_status status = co_await status_of(of->number(), "", "status", of->path, AT_EMPTY_PATH);
    co_return static_cast<std::size_t>(status.size - std::min(status.size, of->position));
}

async<std::string> read_to_end(file_reference from, std::size_t at_most) {
    std::string all;
    const std::size_t expected = co_await expected_rest(from);
    if (expected > at_most) throw error(EFBIG, "read", from->path);
    for (std::size_t had = 0, step = expected > 0 ? expected + 1 : reading_step;; step = std::max(had, reading_step)) {
        all.resize(had + std::min(step, at_most - had + 1));  // one more: so that the end, or too much, shows
        had += co_await read_fully(from, std::nullopt, bytes_span(all.data() + had, all.size() - had));
        if (had > at_most) throw error(EFBIG, "read", from->path);
        if (had < all.size()) {
            all.resize(had);
            co_return all;
        }
    }
}

async<std::string> read_some(file_reference from, std::size_t at_most) {
    const std::size_t expected = from->has_position ? co_await expected_rest(from) : 0;
    std::string bytes(std::min(at_most, std::max(expected, reading_step)), '\0');
    bytes.resize(co_await file_reading(from, bytes));
    co_return bytes;
}

async<> write_fully(file_reference to, std::optional<std::uint64_t> offset, bytes_view bytes) {
    std::optional<position_holder> held;
    if (!offset) held.emplace(*to);
    if (offset > largest_offset) to->check(-EINVAL, "write");
    const bool moves_position = !offset && to->has_position;
    while (!bytes.empty()) {
        const std::uint64_t at = offset ? *offset : moves_position ? to->position : current_position;
        const std::int32_t outcome = co_await request(verb::write, to->number(), bytes.data(), bytes.size(), 0, at);
        // Devices that take nothing and say so would be asked for ever.
        const std::uint64_t count = to->check(outcome == 0 ? -EIO : outcome, "write");
        if (moves_position) to->position += count;
        if (offset) *offset += count;
        bytes = bytes.from(static_cast<std::size_t>(count));
    }
}

async<> sync_file(file_reference of, unsigned how) {
    const std::int32_t outcome = co_await request(verb::sync, of->number(), nullptr, 0, how);
    of->check(outcome, how == 1 ? "datasync" : "sync");
}

/// On a descriptor of its own, so that another task may close the file meanwhile.
async<> truncate_file(file_reference of, std::uint64_t size) {
    require_disk("truncate", of->path);
    if (size > largest_offset) of->check(-EINVAL, "truncate");
    const int own = files().duplicate(of->number());
    of->check(own, "truncate");
    const torus::descriptor closed_at_end(own);
    const auto call = [&disk = files(), own, size]() noexcept { return disk.truncate(own, size); };
    const std::int64_t outcome = co_await blocking(call);
    of->check(outcome, "truncate");
}

async<> allocate_room(file_reference in, std::uint64_t offset, std::uint64_t length) {
    if (offset > largest_offset || length > largest_offset) in->check(-EINVAL, "allocate");
    const std::int32_t outcome = co_await request(verb::allocate, in->number(), nullptr, length, 0, offset);
    in->check(outcome, "allocate");
}

async<std::uint64_t> move_position(file_reference of, std::int64_t distance, origin from) {
    if (!of->has_position) of->check(-ESPIPE, "seek");
    std::int64_t base = 0;
    if (from == origin::current) base = static_cast<std::int64_t>(of->position);
    if (from == origin::end) {
        const file_status status = co_await status_of(of->number(), "", "seek", of->path, AT_EMPTY_PATH);
        base = static_cast<std::int64_t>(status.size);
    }
    std::int64_t target = 0;
    if (__builtin_add_overflow(base, distance, &target) || target < 0) of->check(-EINVAL, "seek");
    const position_holder held(*of);
    of->position = static_cast<std::uint64_t>(target);
    co_return of->position;
}

async<> close_file(file_reference of) {
    torus::descriptor closing = std::move(of->descriptor);  // which closes it if a pending cancel keeps us from asking
    if (!closing) co_return;
    const std::int32_t outcome = co_await request(verb::close, closing.number());
    closing.release();
    if (outcome != -EINTR) of->check(outcome, "close");  // after EINTR it is closed, too: close(2)
}

}  // namespace

file::file(torus::descriptor opened, std::string path) : state_(new file_state(std::move(opened), std::move(path))) {}

file& file::operator=(file&& other) noexcept {
    const file former(std::move(*this));
    state_ = std::move(other.state_);
    return *this;
}

file::~file() {
    if (state_) state_->descriptor.close();  // now, though what is under way refers to the state still
}

async<> file::readexactly_into(bytes_span into) { return read_exactly(state_, std::nullopt, into); }

async<> file::readexactly_at(std::uint64_t offset, bytes_span into) { return read_exactly(state_, offset, into); }

async<std::string> file::read_all(std::size_t at_most) { return read_to_end(state_, at_most); }

async<std::string> file::read(std::size_t at_most) { return read_some(state_, at_most); }

async<> file::write(bytes_view bytes) { return write_fully(state_, std::nullopt, bytes); }

async<> file::write_at(std::uint64_t offset, bytes_view bytes) { return write_fully(state_, offset, bytes); }

async<> file::sync() { return sync_file(state_, 0); }

async<> file::datasync() { return sync_file(state_, 1); }

async<> file::truncate(std::uint64_t size) { return truncate_file(state_, size); }

async<> file::allocate(std::uint64_t offset, std::uint64_t length) { return allocate_room(state_, offset, length); }

async<std::uint64_t> file::seek(std::int64_t distance, origin from) { return move_position(state_, distance, from); }

std::uint64_t file::tell() const noexcept { return state_->position; }

async<file_status> file::status() const {
    return status_of(state_->number(), "", "status", state_->path, AT_EMPTY_PATH);
}

async<> file::close() { return close_file(state_); }

bool file::is_open() const noexcept { return state_->number() >= 0; }

int file::number() const noexcept { return state_->number(); }

const std::string& file::path() const noexcept { return state_->path; }

}  // namespace torus::inline v0::fs
