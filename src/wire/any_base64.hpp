#pragma once

#include "wiping_allocator.hpp"

#include <juju/secret_value.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace juju::wire {

/// The bytes behind base64 as Go programs write it: of the standard or the URL alphabet, padded or not (client-store 4.3). Not
/// `decodable()` when it is none.
inline SecretValue decode_any_base64(std::string_view text)
{
    constexpr std::size_t block = 4; // characters for three bytes
    WipingString standard;
    standard.reserve(text.size() + block);
    standard = text;
    if (standard.find_first_of("+/") == WipingString::npos) {
        std::ranges::replace(standard, '-', '+');
        std::ranges::replace(standard, '_', '/');
    }
    if (!standard.ends_with('='))
        standard.append((block - standard.size() % block) % block, '=');
    return SecretValue::from_stored_base64(standard);
}

} // namespace juju::wire
