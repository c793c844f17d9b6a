#include "faults/live_frames.hpp"

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>

// Set by the linker: the first address of the program, and the one behind its code.
extern "C" const char __executable_start; // NOLINT(bugprone-reserved-identifier)
extern "C" const char etext;

// The linker (--wrap) leads calls of aligned_alloc and free to the functions __wrap_..., and those of __real_... to the C library.
extern "C" void* __real_aligned_alloc(std::size_t alignment, std::size_t size); // NOLINT(bugprone-reserved-identifier)
extern "C" void __real_free(void* block);                                       // NOLINT(bugprone-reserved-identifier)

namespace {

struct Registry {
    std::mutex mutex;
    std::unordered_map<void*, const void*> owners; ///< of blocks that are alive: the thread's mark
};

/// Never destroyed: memory is freed until the very end.
Registry& registry()
{
    static auto& the_only = *new Registry;
    return the_only;
}

thread_local bool counts = false;
thread_local std::size_t made_here = 0;
thread_local const char mark = 0;

bool is_code(const void* address)
{
    const auto value = reinterpret_cast<std::uintptr_t>(address);
    return value > reinterpret_cast<std::uintptr_t>(&__executable_start) && value < reinterpret_cast<std::uintptr_t>(&etext);
}

bool is_frame(const void* block)
{
    const auto* functions = static_cast<const void* const*>(block);
    // A coroutine that has run to its end has no function to resume it any more.
    return (functions[0] == nullptr || is_code(functions[0])) && is_code(functions[1]);
}

} // namespace

extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) // NOLINT(bugprone-reserved-identifier)
{
    void* const block = __real_aligned_alloc(alignment, size);
    if (counts && block != nullptr && size >= 2 * sizeof(void*)) {
        ++made_here;
        const std::lock_guard lock(registry().mutex);
        registry().owners[block] = &mark;
    }
    return block;
}

extern "C" void __wrap_free(void* block) // NOLINT(bugprone-reserved-identifier)
{
    if (block != nullptr) {
        const std::lock_guard lock(registry().mutex);
        registry().owners.erase(block);
    }
    __real_free(block);
}

namespace juju::faults {

LiveFrames::LiveFrames()
{
    counts = true;
    made_here = 0;
}

LiveFrames::~LiveFrames()
{
    counts = false;
    const std::lock_guard lock(registry().mutex);
    std::erase_if(registry().owners, [](const auto& entry) { return entry.second == &mark; });
}

std::size_t LiveFrames::count() const
{
    const std::lock_guard lock(registry().mutex);
    std::size_t frames = 0;
    for (const auto& [block, owner] : registry().owners)
        frames += owner == &mark && is_frame(block) ? 1 : 0;
    return frames;
}

std::size_t LiveFrames::made() const noexcept
{
    return made_here;
}

} // namespace juju::faults
