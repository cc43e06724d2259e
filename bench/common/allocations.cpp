// bench/common/allocations.cpp: counts every call of malloc and its kin, whoever makes it: operator new, the C library.
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "common/session.hpp"

// glibc's own names for what is replaced here.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {
thread_local std::uint64_t counted __attribute__((tls_model("initial-exec"))) = 0;
}

std::uint64_t bench::allocations() noexcept { return counted; }

extern "C" {

void* malloc(std::size_t size) {
    ++counted;
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
    ++counted;
    return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
    ++counted;
    return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    ++counted;
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    void* const found = memalign(alignment, size);
    if (!found) return ENOMEM;
    *memory = found;
    return 0;
}

}  // extern "C"
