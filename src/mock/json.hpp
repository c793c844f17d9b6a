#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace juju::mock {

using Json = nlohmann::ordered_json;

/// Messages nested deeper than this count as no JSON. (Go's limit is 10,000; this one keeps the JSON library's recursion small.)
inline constexpr std::size_t max_json_depth = 1000;

/// The first JSON value of a message; what follows it is ignored, as Go does. None when there is no valid value.
std::optional<Json> parse_first(std::string_view text);

/// Compact JSON as Go's encoder writes it: `<`, `>`, `&`, U+2028 and U+2029 escaped, invalid UTF-8 replaced by U+FFFD.
std::string go_json(const Json& value);

/// A string as Go's `%q` prints it.
std::string go_quoted(std::string_view text);

/// Do two member names match for Go's decoder? (It ignores case.)
bool same_member(std::string_view a, std::string_view b);

/// The member of an object that Go's decoder would use for `name`: any case, the last one wins. Null and none are the same:
/// nullptr.
const Json* find_member(const Json& object, std::string_view name);

} // namespace juju::mock
