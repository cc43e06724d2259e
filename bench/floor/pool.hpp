// bench/floor/pool.hpp: frames from free lists, one a size; for one thread.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace floor_of {

class pool {
public:
    static void* allocate(std::size_t size) {
        block*& head = of(size);
        if (!head) [[unlikely]]
            return ::operator new(rounded(size));
        block* const taken = head;
        head = taken->next;
        return taken;
    }
    static void deallocate(void* memory, std::size_t size) noexcept {
        block*& head = of(size);
        head = new (memory) block{head};
    }

private:
    struct block {
        block* next;
    };
    static constexpr std::size_t step = 16;
    static constexpr std::size_t largest = 4096;  // bytes: no frame here is larger

    static std::size_t rounded(std::size_t size) noexcept { return (size + step - 1) / step * step; }
    static block*& of(std::size_t size) noexcept { return free_[(size + step - 1) / step]; }

    inline static std::array<block*, largest / step + 1> free_{};
};

}  // namespace floor_of
