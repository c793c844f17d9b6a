#pragma once

#include "wiping_allocator.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace juju::macaroons {

/// The bytes behind base64 of either alphabet, padded or not; empty when it is none.
std::optional<WipingString> from_base64(std::string_view text);

/// Of the alphabet for URLs, without padding.
WipingString to_base64url(std::string_view bytes);

/// The bytes behind hex of either case; empty when it is none.
std::optional<WipingString> from_hex(std::string_view text);

/// In lower case.
WipingString to_hex(std::string_view bytes);

bool is_utf8(std::string_view bytes);

/// UTF-8 without control characters.
bool is_plain_text(std::string_view bytes);

} // namespace juju::macaroons
