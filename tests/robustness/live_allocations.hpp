#pragma once

#include <cstddef>

namespace juju::test {

/// Whether this program counts allocations: not under a sanitizer, which looks for leaks in its own way.
bool counts_allocations() noexcept;

/// How many allocations that this thread made, by `new` and in OpenSSL, are not freed yet, by whichever thread.
std::size_t live_allocations() noexcept;

} // namespace juju::test
