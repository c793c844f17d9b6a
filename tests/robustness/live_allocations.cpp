#include "robustness/live_allocations.hpp"

#ifdef JUJU_TEST_SANITIZED

namespace juju::test {

bool counts_allocations() noexcept
{
    return false;
}

std::size_t live_allocations() noexcept
{
    return 0;
}

} // namespace juju::test

#else

#    include <openssl/crypto.h>

#    include <algorithm>
#    include <array>
#    include <atomic>
#    include <cstdint>
#    include <cstdlib>
#    include <cstring>
#    include <new>

namespace {

/// Threads share counters when there are very many; then the counts only seem larger.
constexpr std::size_t counters = 1024;
std::array<std::atomic<std::size_t>, counters> live{};
std::atomic<std::uint32_t> threads{0};
thread_local const std::uint32_t this_thread = threads.fetch_add(1) % counters;

/// Stands before each allocation, right below it.
struct Header {
    void* start;
    std::size_t size;
    std::uint32_t owner;
};
constexpr std::size_t header_space = 32;
static_assert(sizeof(Header) <= header_space);

Header* header_of(void* memory) noexcept
{
    return reinterpret_cast<Header*>(static_cast<char*>(memory) - header_space);
}

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) noexcept
{
    const std::size_t space = std::max(alignment, header_space);
    const std::size_t whole = (size + space + alignment - 1) / alignment * alignment;
    void* const start = std::aligned_alloc(alignment, whole);
    if (start == nullptr)
        return nullptr;
    void* const memory = static_cast<char*>(start) + space;
    *header_of(memory) = Header{start, size, this_thread};
    live[this_thread].fetch_add(1, std::memory_order_relaxed);
    return memory;
}

void release(void* memory) noexcept
{
    if (memory == nullptr)
        return;
    const Header header = *header_of(memory);
    live[header.owner].fetch_sub(1, std::memory_order_relaxed);
    std::free(header.start);
}

void* allocate_for_openssl(std::size_t size, const char*, int)
{
    return size == 0 ? nullptr : allocate(size);
}

void release_for_openssl(void* memory, const char*, int)
{
    release(memory);
}

void* reallocate_for_openssl(void* memory, std::size_t size, const char*, int)
{
    if (size == 0) {
        release(memory);
        return nullptr;
    }
    void* const larger = allocate(size);
    if (memory != nullptr && larger != nullptr) {
        std::memcpy(larger, memory, std::min(size, header_of(memory)->size));
        release(memory);
    }
    return larger;
}

bool openssl_is_counted = false;

/// OpenSSL takes other functions only before it has allocated anything: before the initialisers of all other sources.
__attribute__((constructor(101))) void count_in_openssl()
{
    openssl_is_counted = CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, release_for_openssl) == 1;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment = alignof(std::max_align_t))
{
    if (void* const memory = allocate(size, alignment))
        return memory;
    throw std::bad_alloc();
}

} // namespace

// NOLINTBEGIN(misc-new-delete-overloads)
void* operator new(std::size_t size)
{
    return allocate_or_throw(size);
}

void* operator new[](std::size_t size)
{
    return allocate_or_throw(size);
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}

void* operator new[](std::size_t size, std::align_val_t alignment)
{
    return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size);
}

void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size);
}

void operator delete(void* memory) noexcept
{
    release(memory);
}

void operator delete[](void* memory) noexcept
{
    release(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    release(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    release(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept
{
    release(memory);
}

void operator delete[](void* memory, std::align_val_t) noexcept
{
    release(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    release(memory);
}

void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept
{
    release(memory);
}
// NOLINTEND(misc-new-delete-overloads)

namespace juju::test {

bool counts_allocations() noexcept
{
    return openssl_is_counted;
}

std::size_t live_allocations() noexcept
{
    return live[this_thread].load();
}

} // namespace juju::test

#endif
