#pragma once

namespace juju {

/// Overwrites what a call of a library that works on secrets has left behind below its caller: 8 KiB of stack, far more than the parsers
/// and writers take for which it is called, and the vector registers of x86-64, which keep text until the same ones are used again, and
/// which the dynamic linker saves on the stack when it looks up a function.
void wipe_traces() noexcept;

/// Does so when a block is left.
struct TraceWiper {
    TraceWiper() = default;
    TraceWiper(const TraceWiper&) = delete;
    TraceWiper& operator=(const TraceWiper&) = delete;
    ~TraceWiper() { wipe_traces(); }
};

} // namespace juju
