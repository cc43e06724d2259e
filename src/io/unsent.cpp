// src/io/unsent.cpp: the queue of what is unsent.
#include "io/unsent.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <torus/io/error.hpp>

#include "io/stream_state.hpp"

namespace torus::inline v0 {

namespace {

// Small writes share a copy of this size: most of what is written in one step fits.
constexpr std::size_t smallest_copy = 4 * 1024;  // bytes

}  // namespace

unsent_pieces::unsent_pieces(std::span<const bytes_view> pieces) noexcept : pieces_(pieces) {
    for (const bytes_view& each : pieces) size_ += each.size();
    advance(0);
}

/// The first piece is never one that is done with.
void unsent_pieces::advance(std::size_t count) noexcept {
    begun_ = begun_ || count > 0;
    size_ -= count;
    offset_ += count;
    while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
        offset_ -= pieces_.front().size();
        pieces_ = pieces_.subspan(1);
    }
}

std::size_t unsent_pieces::gather(std::span<bytes_view> into) const noexcept {
    std::size_t used = 0;
    std::size_t skipped = offset_;
    for (std::size_t i = 0; i < pieces_.size() && used < into.size(); ++i, skipped = 0)
        if (!pieces_[i].empty()) into[used++] = pieces_[i].from(skipped);
    return used;
}

void unsent_pieces::copy_to(std::byte* to) const noexcept {
    std::size_t skipped = offset_;
    for (const bytes_view& each : pieces_) {
        const bytes_view rest = each.from(std::exchange(skipped, 0));
        if (!rest.empty()) std::memcpy(to, rest.data(), rest.size());
        to += rest.size();
    }
}

// ------------------------------------------------------------------------------------------------------------------

/// A copy, with its bytes behind it.
class unsent_queue::copy_part final : public unsent_part {
public:
    static copy_part* make(std::size_t size) {
        const std::size_t capacity = std::max(size, smallest_copy);
        return new (::operator new(sizeof(copy_part) + capacity)) copy_part(capacity);
    }
    static void destroy(copy_part* part) noexcept {
        part->~copy_part();
        ::operator delete(part);
    }

    std::size_t size() const noexcept { return end_ - begin_; }
    std::size_t room() const noexcept { return capacity_ - end_; }
    bytes_view bytes() const noexcept { return {memory() + begin_, size()}; }
    void append(const unsent_pieces& bytes) noexcept {
        bytes.copy_to(memory() + end_);
        end_ += bytes.size();
    }
    void advance(std::size_t count) noexcept { begin_ += count; }

private:
    explicit copy_part(std::size_t capacity) noexcept : unsent_part(kind::copy), capacity_(capacity) {}
    std::byte* memory() const noexcept {
        return reinterpret_cast<std::byte*>(const_cast<copy_part*>(this)) + sizeof(copy_part);
    }

    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_;
};

void unsent_queue::push_back(blocked_write& w) noexcept {
    size_ += w.rest.size();
    w.next = nullptr;
    if (last_) last_->next = &w;
    else first_ = &w;
    last_ = &w;
}

void unsent_queue::push_copy(const unsent_pieces& bytes) {
    copy_part* part = nullptr;
    if (last_ && last_->what == unsent_part::kind::copy) part = static_cast<copy_part*>(last_);
    if (!part || part->room() < bytes.size()) {
        part = copy_part::make(bytes.size());
        if (last_) last_->next = part;
        else first_ = part;
        last_ = part;
    }
    part->append(bytes);
    size_ += bytes.size();
    copied_ += bytes.size();
}

std::size_t unsent_queue::launch(std::span<bytes_view> into) noexcept {
    std::size_t used = 0;
    for (unsent_part* each = first_; each && used < into.size(); each = each->next) {
        each->in_flight = true;
        if (each->what == unsent_part::kind::copy) into[used++] = static_cast<copy_part*>(each)->bytes();
        else used += static_cast<blocked_write*>(each)->rest.gather(into.subspan(used));
    }
    return used;
}

void unsent_queue::landed() noexcept {
    for (unsent_part* each = first_; each; each = each->next) each->in_flight = false;
}

void unsent_queue::advance(std::size_t count) noexcept {
    while (first_) {
        if (first_->what == unsent_part::kind::copy) {
            auto& copy = static_cast<copy_part&>(*first_);
            const std::size_t gone = std::min(copy.size(), count);
            copy.advance(gone);
            count -= gone;
            size_ -= gone;
            copied_ -= gone;
            if (copy.size() > 0) return;
            unlink(&first_);
            copy_part::destroy(&copy);
        } else {
            auto& write = static_cast<blocked_write&>(*first_);
            const std::size_t gone = std::min(write.rest.size(), count);
            write.rest.advance(gone);
            count -= gone;
            size_ -= gone;
            if (write.rest.size() > 0) return;
            unlink(&first_);
            write.sent();
        }
    }
}

/// Takes out the part that `link` points to; its bytes have been counted off already.
void unsent_queue::unlink(unsent_part** link) noexcept {
    unsent_part* const part = *link;
    *link = part->next;
    if (last_ != part) return;
    last_ = first_;
    while (last_ && last_->next) last_ = last_->next;
}

unsent_part** unsent_queue::link_to(const unsent_part& part) noexcept {
    unsent_part** link = &first_;
    while (*link != &part) link = &(*link)->next;
    return link;
}

void unsent_queue::replace(blocked_write& w, copy_part* by) noexcept {
    by->append(w.rest);
    by->next = w.next;
    *link_to(w) = by;
    if (last_ == &w) last_ = by;
    copied_ += w.rest.size();
}

void unsent_queue::copy(blocked_write& w) { replace(w, copy_part::make(w.rest.size())); }

void unsent_queue::erase(blocked_write& w) noexcept {
    size_ -= w.rest.size();
    unlink(link_to(w));
}

void unsent_queue::release_writes() noexcept {
    for (unsent_part* each = first_; each;) {
        unsent_part* const next = each->next;
        if (each->what == unsent_part::kind::write && !each->in_flight) {
            auto& write = static_cast<blocked_write&>(*each);
            try {
                copy(write);
            } catch (const std::bad_alloc&) {
                return;
            }
            write.sent();
        }
        each = next;
    }
}

void unsent_queue::release_leaving(std::size_t cap) {
    for (unsent_part* each = first_; each;) {
        unsent_part* const next = each->next;
        if (each->what == unsent_part::kind::write) {
            auto& write = static_cast<blocked_write&>(*each);
            if (write.is_leaving) {
                require_keepable(write.rest, cap);
                copy(write);
                write.left();
            }
        }
        each = next;
    }
}

void unsent_queue::require_keepable(const unsent_pieces& rest, std::size_t cap) const {
    if (!rest.has_begun() && copied_ + rest.size() > cap)
        throw buffer_overflow("torus: a cancelled write beyond the hard cap");
}

unsent_queue::dropped unsent_queue::drop() noexcept {
    dropped what;
    for (unsent_part** link = &first_; *link;) {
        unsent_part* const part = *link;
        if (part->in_flight) {
            link = &part->next;
            continue;
        }
        if (part->what == unsent_part::kind::copy) {
            auto* const copied = static_cast<copy_part*>(part);
            size_ -= copied->size();
            copied_ -= copied->size();
            unlink(link);
            copy_part::destroy(copied);
            what.copies = true;
        } else {
            auto* const write = static_cast<blocked_write*>(part);
            size_ -= write->rest.size();
            unlink(link);
            write->lost();
            what.writes = true;
        }
    }
    return what;
}

// ------------------------------------------------------------------------------------------------------------------

blocked_write::blocked_write(stream_state& to, const unsent_pieces& bytes) noexcept
    : waiter(wait_kind::operation), unsent_part(kind::write), rest(bytes), to_(to) {}

blocked_write::blocked_write(stream_state& to) noexcept
    : waiter(wait_kind::operation), unsent_part(kind::flush), rest({}), to_(to) {}

bool blocked_write::wait(std::coroutine_handle<> h) {
    to_.out.start_pump(to_);
    if (begin_wait(h)) {
        to_.out.push(*this);
        return true;
    }
    to_.out.keep(to_, rest);
    return false;
}

void blocked_write::cancel() noexcept { to_.out.leave(to_, *this); }

void blocked_write::lost() noexcept {
    lost_ = true;
    make_ready();
}

void blocked_write::finish() {
    end_wait();
    if (lost_) to_.out.throw_error();
}

}  // namespace torus::inline v0
