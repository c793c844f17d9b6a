#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <memory>
#include <string>

namespace juju {

/// Overwrites memory before it is freed, over its whole allocation. For everything that may hold a secret.
template <class T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() noexcept = default;
    template <class U>
    WipingAllocator(const WipingAllocator<U>&) noexcept
    {
    }

    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }

    void deallocate(T* memory, std::size_t count) noexcept
    {
        OPENSSL_cleanse(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }

    friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

/// Text that may hold secrets. Up to 15 characters live inside the object, where nobody wipes them, so it is for
/// messages and not for single values (SecretValue is).
using WipingString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

} // namespace juju
