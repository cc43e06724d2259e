// cli/fetch/source.cpp: where the input comes from, piece by piece.
#include "cli/fetch/source.hpp"

#include <cerrno>
#include <system_error>

#include <torus/core/thread.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

/// A copy of the descriptor, so that a read which is abandoned never reads from another file of the same number.
class own_descriptor {
public:
    explicit own_descriptor(int original) : number_(::fcntl(original, F_DUPFD_CLOEXEC, 0)) {
        if (number_ < 0) throw std::system_error(errno, std::system_category(), "cannot read the input");
    }
    own_descriptor(own_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    own_descriptor& operator=(own_descriptor&&) = delete;
    ~own_descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const noexcept { return number_; }

private:
    int number_;
};

std::string read_piece(own_descriptor from, std::string name) {
    std::string piece(input_piece_bytes, '\0');
    for (;;) {
        const ssize_t count = ::read(from.number(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::system_error(errno, std::system_category(), "cannot read " + name);
        piece.resize(static_cast<std::size_t>(count));
        return piece;
    }
}

}  // namespace

descriptor_source::~descriptor_source() { ::close(descriptor_); }

async<std::string> descriptor_source::read() {
    co_return co_await to_thread(read_piece, own_descriptor(descriptor_), name_);
}

std::unique_ptr<byte_source> open_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) throw std::system_error(errno, std::system_category(), "cannot open " + path);
    return std::make_unique<descriptor_source>(descriptor, path);
}

async<std::string> text_source::read() { co_return std::exchange(text_, {}); }

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
