#pragma once

#include <functional>

namespace juju::test {

/// Runs something on a thread with a stack of 256 KiB (1 MiB under a sanitizer, whose frames are larger), and waits for it.
void on_small_stack(const std::function<void()>& work);

} // namespace juju::test
