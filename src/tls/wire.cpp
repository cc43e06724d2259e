// src/tls/wire.cpp: the ciphertext on its way in and out.
#include "tls/wire.hpp"

#include <algorithm>
#include <cstring>

namespace torus::inline v0::tls {

std::span<std::byte> inbox::room() {
    if (!storage_) storage_ = std::make_unique_for_overwrite<std::byte[]>(capacity);
    if (!lent_) tidy();
    lent_ = end_ < capacity;
    return {storage_.get() + end_, capacity - end_};
}

void inbox::received(std::size_t bytes) noexcept {
    end_ += bytes;
    lent_ = false;
    if (size() == 0) release();
}

std::size_t inbox::take(std::span<std::byte> into) noexcept {
    const std::size_t bytes = std::min(into.size(), size());
    if (bytes != 0) std::memcpy(into.data(), storage_.get() + begin_, bytes);
    begin_ += bytes;
    if (size() == 0 && !lent_) release();
    return bytes;
}

void inbox::release() noexcept {
    storage_.reset();
    begin_ = end_ = 0;
}

void inbox::tidy() noexcept {
    if (begin_ == 0) return;
    std::memmove(storage_.get(), storage_.get() + begin_, size());
    end_ -= begin_;
    begin_ = 0;
}

std::span<const std::byte> outbox::front() const noexcept {
    if (chunks_.empty()) return {};
    const chunk& oldest = chunks_.front();
    return {oldest.bytes.get() + oldest.begin, oldest.end - oldest.begin};
}

void outbox::sent(std::size_t bytes) noexcept {
    if (bytes == 0) return;
    size_ -= bytes;
    chunk& oldest = chunks_.front();
    oldest.begin += bytes;
    if (oldest.begin != oldest.end) return;
    if (chunks_.size() == 1) return clear();
    chunks_.erase(chunks_.begin());
}

void outbox::append(std::span<const std::byte> bytes) {
    if (!chunks_.empty()) {
        chunk& newest = chunks_.back();
        const std::size_t fits = std::min(bytes.size(), newest.capacity - newest.end);
        if (fits != 0) std::memcpy(newest.bytes.get() + newest.end, bytes.data(), fits);
        newest.end += fits;
        size_ += fits;
        bytes = bytes.subspan(fits);
    }
    if (bytes.empty()) return;
    const std::size_t capacity = std::max({bytes.size(), expected_, smallest_chunk});
    chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(capacity), capacity, 0, bytes.size()});
    std::memcpy(chunks_.back().bytes.get(), bytes.data(), bytes.size());
    size_ += bytes.size();
}

void outbox::clear() noexcept {
    std::vector<chunk>().swap(chunks_);
    size_ = 0;
    expected_ = 0;
}

namespace {

wire& wire_of(BIO* bio) noexcept { return *static_cast<wire*>(BIO_get_data(bio)); }

int read(BIO* bio, char* into, std::size_t size, std::size_t* done) noexcept {
    BIO_clear_retry_flags(bio);
    *done = wire_of(bio).in.take({reinterpret_cast<std::byte*>(into), size});
    if (*done != 0) return 1;
    BIO_set_retry_read(bio);
    return -1;
}

// Takes everything: how much may wait is the engine's decision, made before it gives OpenSSL anything to encrypt.
// So OpenSSL never keeps a half-written record, and a write is either accepted or not begun.
int write(BIO* bio, const char* from, std::size_t size, std::size_t* done) noexcept {
    BIO_clear_retry_flags(bio);
    try {
        wire_of(bio).out.append({reinterpret_cast<const std::byte*>(from), size});
    } catch (...) {
        wire_of(bio).out_of_memory = true;
        return -1;
    }
    *done = size;
    return 1;
}

long control(BIO*, int command, long, void*) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;  // there is nothing to flush; the rest we don't know
}

const BIO_METHOD* method() noexcept {
    static const BIO_METHOD* const only = []() -> const BIO_METHOD* {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "torus");
        if (!made) return nullptr;
        BIO_meth_set_read_ex(made, read);
        BIO_meth_set_write_ex(made, write);
        BIO_meth_set_ctrl(made, control);
        return made;
    }();
    return only;
}

}  // namespace

BIO* wire::make_bio() noexcept {
    BIO* bio = method() ? BIO_new(method()) : nullptr;
    if (!bio) return nullptr;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace torus::inline v0::tls
