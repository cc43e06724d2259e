// src/sync/queue_heap.cpp: the elements of a priority queue.
#include <torus/sync/priority_queue.hpp>

#include <algorithm>

namespace torus::inline v0 {

auto queue_base::heap::is_behind() noexcept {
    return [this](const entry& a, const entry& b) noexcept {
        if (is_before(*b.held, *a.held)) return true;
        return b.moment < a.moment && !is_before(*a.held, *b.held);
    };
}

void queue_base::heap::push(entry e) noexcept {
    entries_.push_back(e);
    std::push_heap(entries_.begin(), entries_.end(), is_behind());
}

/// There is always room for one more, to put back what was taken while another one took its place.
void queue_base::heap::insert(element& e) {
    constexpr std::size_t at_first = 16;  // entries: one size class of most allocators
    if (entries_.capacity() - entries_.size() < 2) entries_.reserve(std::max(at_first, 2 * entries_.capacity()));
    push({&e, ++newest_});
}

queue_base::element& queue_base::heap::take() noexcept {
    std::pop_heap(entries_.begin(), entries_.end(), is_behind());
    element& taken = *entries_.back().held;
    entries_.pop_back();
    return taken;
}

void queue_base::heap::put_back(element& e) noexcept { push({&e, --oldest_}); }

queue_base::element* queue_base::heap::take_all() noexcept {
    element* all = nullptr;
    for (const entry& each : entries_) each.held->next = std::exchange(all, each.held);
    entries_.clear();
    return all;
}

}  // namespace torus::inline v0
