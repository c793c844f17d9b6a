#pragma once

#include <juju/secret.hpp>

#include <optional>
#include <string_view>

namespace juju::secrets {

/// A time as Go writes it: RFC 3339 with 0 to 9 fraction digits and any offset (secrets-facade 2.5). Empty when it is none, or
/// outside of what a Timestamp holds (the years 1678 to 2261), except for Go's zero time, which is a default Timestamp.
std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

} // namespace juju::secrets
