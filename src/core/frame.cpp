// src/core/frame.cpp: the chunks that frames are cut from, and what ending threads hand on.
#include <torus/core/frame.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace torus::inline v0 {

namespace {
constexpr std::size_t chunk_bytes = 32 * 1024;  // some hundred frames for one call of the system's allocator

/// What the processor fetches at once: a task record that begins where one does takes two of them, and not three.
struct alignas(64) cache_line {
    std::byte bytes[64];
};

}  // namespace

TORUS_FAST_TLS constinit thread_local frame_memory::free_lists frame_memory::lists_;

/// What no thread holds: the blocks of ended threads. Never destroyed, since frames may outlive static objects.
struct frame_memory::depot {
    std::mutex mutex;
    std::array<block*, classes> heads{};  // lists of blocks, chained by their first ones
    std::vector<void*> chunks;  // keeps every chunk reachable, so that leak checkers see frames, not chunks

    static depot& instance() {
        static depot* const only = new depot;
        return *only;
    }

    /// One of the lists that were given.
    block* take(std::size_t index) noexcept {
        std::lock_guard held(mutex);
        block* const list = heads[index];
        if (list) heads[index] = list->next_list;
        return list;
    }

    void give(std::size_t index, block* list) noexcept {
        if (!list) return;
        std::lock_guard held(mutex);
        list->next_list = heads[index];
        heads[index] = list;
    }

    /// Cuts a new chunk into a list of blocks.
    block* cut(std::size_t block_bytes) {
        auto chunk = std::make_unique_for_overwrite<cache_line[]>(chunk_bytes / sizeof(cache_line));
        std::byte* const memory = reinterpret_cast<std::byte*>(chunk.get());
        block* list = nullptr;
        for (std::size_t n = chunk_bytes / block_bytes; n > 0; --n)
            list = new (memory + (n - 1) * block_bytes) block(list);
        std::lock_guard held(mutex);
        chunks.push_back(chunk.get());
        static_cast<void>(chunk.release());
        return list;
    }
};

/// Hands a thread's blocks to the depot when the thread ends.
struct frame_memory::thread_end {
    ~thread_end() {
        lists_.ended = true;
        for (std::size_t i = 0; i < classes; ++i) depot::instance().give(i, std::exchange(lists_.heads[i], nullptr));
    }
};

/// The second half, which the first one loses.
frame_memory::block* frame_memory::cut_in_half(block* list) noexcept {
    if (!list) return nullptr;
    block* last = list;  // of the first half: it goes half as fast as the other one
    for (block* ahead = list->next; ahead && ahead->next; ahead = ahead->next->next) last = last->next;
    return std::exchange(last->next, nullptr);
}

void frame_memory::give_back() noexcept {
    for (std::size_t i = 0; i < classes; ++i) depot::instance().give(i, cut_in_half(lists_.heads[i]));
}

void* frame_memory::refill(std::size_t size) {
    const std::size_t index = (size + step - 1) / step;
    if (!lists_.registered && !lists_.ended) {
        thread_local thread_end at_end;
        static_cast<void>(at_end);
        lists_.registered = true;
    }
    block* list = depot::instance().take(index);
    if (!list) list = depot::instance().cut(std::max<std::size_t>(index, 1) * step);
    block* taken = list;
    if (lists_.ended) {
        depot::instance().give(index, taken->next);
    } else {
        lists_.heads[index] = taken->next;
    }
    return taken;
}

void frame_memory::leave_behind(void* memory, std::size_t size) noexcept {
    depot::instance().give((size + step - 1) / step, new (memory) block(nullptr));
}

}  // namespace torus::inline v0
