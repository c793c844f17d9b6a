#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace juju::mock {

/// Standard alphabet, padded.
std::string to_base64(std::string_view bytes);
/// URL-safe alphabet, no padding.
std::string to_base64url(std::string_view bytes);
/// Either alphabet, padded or not. None for anything else.
std::optional<std::string> from_base64(std::string_view text);

} // namespace juju::mock
