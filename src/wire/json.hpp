#pragma once

#include "wiping_allocator.hpp"
#include "wire/nesting.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace juju::wire {

/// The JSON that requests are built from: keeps the order of members, and wipes all memory it frees, since it holds
/// secrets and passwords.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, WipingString, bool, std::int64_t, std::uint64_t, double,
                                  WipingAllocator, nlohmann::adl_serializer, std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>>;

/// How deep JSON may be nested. Copying takes stack for each level, and the parser itself copies, whenever an object outgrows its memory.
constexpr std::size_t max_json_nesting = 64;

/// The JSON of a text; discarded when it is none, or nested too deep. Refuses what the library's own parser takes although it is no JSON: a
/// byte order mark, and a zero byte, behind which that reads nothing.
inline Json parse_json(std::string_view text)
{
    if (!is_shallow(text, max_json_nesting))
        return Json(Json::value_t::discarded);
    if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos)
        return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

} // namespace juju::wire
