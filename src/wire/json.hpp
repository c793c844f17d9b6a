#pragma once

#include "wiping_allocator.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace juju::wire {

/// The JSON that requests are built from: keeps the order of members, and wipes all memory it frees, since it holds
/// secrets and passwords.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, WipingString, bool, std::int64_t, std::uint64_t, double,
                                  WipingAllocator, nlohmann::adl_serializer, std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>>;

} // namespace juju::wire
