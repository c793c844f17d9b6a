#pragma once

#include <cstddef>

namespace juju::faults {

/// Counts the coroutine frames that this thread makes, from here to `stop` (or the destruction). One at a time in a thread.
///
/// Asio takes the memory of its coroutines' frames from `aligned_alloc`. The linker replaces that function and `free` in this program,
/// and what is alive of it is looked at: a frame starts with the addresses of two functions, resume and destroy, as all compilers
/// agree, and nothing else does. To be asked while no io_context runs in the thread, since Asio keeps freed memory for reuse until then.
class LiveFrames {
public:
    LiveFrames();
    ~LiveFrames();
    LiveFrames(const LiveFrames&) = delete;
    LiveFrames& operator=(const LiveFrames&) = delete;

    std::size_t count() const;

    /// Frames made since the start, destroyed ones included: that the counting works at all.
    std::size_t made() const noexcept;
};

} // namespace juju::faults
