#pragma once

#include "wiping_allocator.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace juju::wire {

/// The JSON that requests are built from: keeps the order of members, and wipes all memory it frees, since it holds
/// secrets and passwords.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, WipingString, bool, std::int64_t, std::uint64_t, double,
                                  WipingAllocator, nlohmann::adl_serializer, std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>>;

/// The JSON of a text; discarded when it is none. Refuses what the library's own parser takes although it is no JSON: a byte order mark,
/// and a zero byte, behind which that reads nothing.
inline Json parse_json(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos)
        return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

} // namespace juju::wire
