#pragma once

#include <juju/mock_controller.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace juju::mock {

/// RFC 3339 with `Z`, as many fraction digits as needed (at most 9); Go's zero time for `MockTime::min()`.
std::string time_text(MockTime time);

/// Reads RFC 3339 with any offset and 0 to 9 fraction digits. Years from 1678 to 2261, and Go's zero time.
std::optional<MockTime> parse_time(std::string_view text);

/// A positive duration of less than an hour as Go prints it: "10m0s", "1.5s", "20ms".
std::string duration_text(std::int64_t nanoseconds);

} // namespace juju::mock
