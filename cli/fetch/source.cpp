// cli/fetch/source.cpp: where the input comes from, piece by piece.
#include "cli/fetch/source.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <torus/core/shield.hpp>
#include <torus/core/thread.hpp>
#include <torus/io/ready.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

/// Reads what is there, or waits for it.
std::string read_now(int from, const std::string& name) {
    std::string piece(input_piece_bytes, '\0');
    for (;;) {
        const ssize_t count = ::read(from, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::system_error(errno, std::system_category(), "cannot read " + name);
        piece.resize(static_cast<std::size_t>(count));
        return piece;
    }
}

/// Whether it may let a reader wait for ever, and tells when it needn't.
bool is_slow(int descriptor) {
    struct stat status{};
    return ::fstat(descriptor, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || ::isatty(descriptor) == 1);
}

}  // namespace

descriptor_source::descriptor_source(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), slow_(is_slow(descriptor)) {}

descriptor_source::~descriptor_source() { ::close(descriptor_); }

async<std::string> descriptor_source::read() {
    if (slow_) {
        co_await readable(descriptor_);
        co_return read_now(descriptor_, name_);
    }
    // A disk is quick enough to be waited for, come what may, so that the descriptor outlives the thread's use of it.
    co_return co_await shield(to_thread(read_now, descriptor_, name_));
}

std::unique_ptr<byte_source> open_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) throw std::system_error(errno, std::system_category(), "cannot open " + path);
    return std::make_unique<descriptor_source>(descriptor, path);
}

async<std::string> text_source::read() { co_return std::exchange(text_, {}); }

async<std::string> begun_source::read() {
    if (!first_.empty()) co_return std::exchange(first_, {});
    co_return co_await rest_->read();
}

async<std::unique_ptr<byte_source>> begun(std::unique_ptr<byte_source> from) {
    std::string first = co_await from->read();
    co_return std::make_unique<begun_source>(std::move(first), std::move(from));
}

async<measured_input> measure(byte_source& from, piece_receiver* to) {
    digest all;
    line_counter counter;
    for (;;) {
        std::string piece = co_await from.read();
        if (piece.empty()) break;
        all.update(piece);
        counter.feed(piece);
        if (to) co_await to->receive(std::move(piece));
    }
    measured_input found;
    found.sha256 = all.hex();
    found.lines = counter.lines();
    co_return found;
}

async<std::optional<line>> line_source::next() {
    for (;;) {
        std::optional<line> cut = splitter_.next();
        if (cut || ended_) co_return cut;
        piece_ = co_await from_->read();
        digest_.update(piece_);
        splitter_.feed(piece_);
        if (!piece_.empty()) continue;
        ended_ = true;
        splitter_.finish();
    }
}

}  // namespace torus::inline v0::cli
