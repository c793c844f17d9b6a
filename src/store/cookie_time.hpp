#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace juju::store {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A time as Go writes it: RFC 3339 with up to 9 fraction digits and any offset. The first or last Time when it is before 1678 or after
/// 2261; empty when it is no time.
std::optional<Time> parse_cookie_time(std::string_view text);

/// In UTC, without the zeros at the end of the fraction.
std::string cookie_time_text(Time time);

} // namespace juju::store
