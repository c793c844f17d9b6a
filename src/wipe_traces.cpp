#include "wipe_traces.hpp"

#include <openssl/crypto.h>

#include <array>

namespace juju {
namespace {

[[gnu::noinline]] void wipe_stack() noexcept
{
    std::array<char, 8192> below; // as it is: with what stood there before
    OPENSSL_cleanse(below.data(), below.size());
}

#if defined(__x86_64__) && defined(__GNUC__)

// The registers are named, since GCC looks into functions of the same file for what they leave alone.

[[gnu::noinline, gnu::target("avx")]] void wipe_lower_registers() noexcept
{
    asm volatile("vzeroall" ::
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
                       "xmm14", "xmm15", "memory");
}

[[gnu::noinline, gnu::target("avx512f")]] void wipe_upper_registers() noexcept
{
    asm volatile("vpxorq %%zmm16, %%zmm16, %%zmm16\n\t"
                 "vpxorq %%zmm17, %%zmm17, %%zmm17\n\t"
                 "vpxorq %%zmm18, %%zmm18, %%zmm18\n\t"
                 "vpxorq %%zmm19, %%zmm19, %%zmm19\n\t"
                 "vpxorq %%zmm20, %%zmm20, %%zmm20\n\t"
                 "vpxorq %%zmm21, %%zmm21, %%zmm21\n\t"
                 "vpxorq %%zmm22, %%zmm22, %%zmm22\n\t"
                 "vpxorq %%zmm23, %%zmm23, %%zmm23\n\t"
                 "vpxorq %%zmm24, %%zmm24, %%zmm24\n\t"
                 "vpxorq %%zmm25, %%zmm25, %%zmm25\n\t"
                 "vpxorq %%zmm26, %%zmm26, %%zmm26\n\t"
                 "vpxorq %%zmm27, %%zmm27, %%zmm27\n\t"
                 "vpxorq %%zmm28, %%zmm28, %%zmm28\n\t"
                 "vpxorq %%zmm29, %%zmm29, %%zmm29\n\t"
                 "vpxorq %%zmm30, %%zmm30, %%zmm30\n\t"
                 "vpxorq %%zmm31, %%zmm31, %%zmm31" ::
                     : "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28",
                       "xmm29", "xmm30", "xmm31", "memory");
}

void wipe_registers() noexcept
{
    if (__builtin_cpu_supports("avx"))
        wipe_lower_registers();
    if (__builtin_cpu_supports("avx512f"))
        wipe_upper_registers();
}

#else

void wipe_registers() noexcept {}

#endif

} // namespace

void wipe_traces() noexcept
{
    wipe_stack();
    wipe_registers();
}

} // namespace juju
