// tests/core/allocation.cpp: operator new with a countdown.
#include "core/allocation.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace torus {

namespace {

constexpr int never = -1;
constinit thread_local int left = never;
constinit thread_local bool failed = false;

void* allocate(std::size_t size, std::size_t alignment) {
    if (left != never && left-- == 0) {
        failed = true;
        throw std::bad_alloc();
    }
    void* const memory = alignment <= alignof(std::max_align_t)
                             ? std::malloc(size)
                             : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (!memory) throw std::bad_alloc();
    return memory;
}

}  // namespace

failing_allocation::failing_allocation(int number) noexcept {
    left = number;
    failed = false;
}

failing_allocation::~failing_allocation() { left = never; }

bool failing_allocation::has_failed() noexcept { return failed; }

}  // namespace torus

void* operator new(std::size_t size) { return torus::allocate(size, 1); }
void* operator new[](std::size_t size) { return torus::allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t align) {
    return torus::allocate(size, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t size, std::align_val_t align) {
    return torus::allocate(size, static_cast<std::size_t>(align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
