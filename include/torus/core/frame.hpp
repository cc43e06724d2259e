// torus/core/frame.hpp: where coroutine frames and task records live.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include <torus/core/config.hpp>

namespace torus::inline v0 {

/// Recycled memory for frames: a free list per thread and size class, refilled from large chunks.
///
/// A block may be freed on another thread than the one that allocated it; it then serves that thread. What a thread
/// leaves behind when it ends serves the next one. Chunks are kept for the life of the process.
class frame_memory {
public:
    static void* allocate(std::size_t size) {
        if constexpr (!recycle_frames) return ::operator new(size);
        if (size > largest) [[unlikely]]
            return ::operator new(size);
        block*& head = lists_.of(size);
        if (!head) [[unlikely]]
            return refill(size);
        block* taken = head;
        head = taken->next;
        return taken;
    }

    /// Lets other threads have half of what this one holds for later: for threads that free what others allocate. They
    /// need some of it themselves, and would take it all back.
    static void give_back() noexcept;

    static void deallocate(void* memory, std::size_t size) noexcept {
        if constexpr (!recycle_frames) return ::operator delete(memory);
        if (size > largest) [[unlikely]]
            return ::operator delete(memory);
        if (lists_.ended) [[unlikely]]
            return leave_behind(memory, size);
        block*& head = lists_.of(size);
        head = new (memory) block(head);
    }

private:
    static constexpr std::size_t step = 16;  // bytes between size classes: what malloc would align to
    static constexpr std::size_t largest = 2048;  // bytes; larger frames are rare, and go to operator new
    static constexpr std::size_t classes = largest / step + 1;

    struct block {
        explicit block(block* after) noexcept : next(after) {}  // and no more than that: it is on every coroutine's way
        block* next;
        block* next_list;  // of a list's first block in the depot
    };
    static block* cut_in_half(block* list) noexcept;
    struct free_lists {
        std::array<block*, classes> heads{};
        bool ended = false;  // the thread's end has handed its blocks on
        bool registered = false;  // its end has been asked to do so

        block*& of(std::size_t size) noexcept { return heads[(size + step - 1) / step]; }
    };
    struct depot;
    struct thread_end;

    static void* refill(std::size_t size);
    static void leave_behind(void* memory, std::size_t size) noexcept;

    TORUS_FAST_TLS static constinit thread_local free_lists lists_;
};

/// The same memory for what the standard library allocates.
template <class T> struct frame_allocator {
    using value_type = T;
    frame_allocator() noexcept = default;
    template <class Other> frame_allocator(const frame_allocator<Other>&) noexcept {}
    T* allocate(std::size_t count) { return static_cast<T*>(frame_memory::allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t count) noexcept { frame_memory::deallocate(memory, count * sizeof(T)); }
    bool operator==(const frame_allocator&) const noexcept = default;
};

}  // namespace torus::inline v0
