#pragma once

#include "wiping_allocator.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace juju::wire {

/// The JSON that requests are built from: keeps the order of members, and wipes all memory it frees, since it holds
/// secrets and passwords.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, WipingString, bool, std::int64_t, std::uint64_t, double,
                                  WipingAllocator, nlohmann::adl_serializer, std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>>;

/// How deep JSON may be nested that is read into a tree: reading, copying and printing it take stack for each level.
constexpr std::size_t max_json_nesting = 64;

/// JSON that was read from a text.
struct ParsedJson {
    Json json; ///< discarded when the text is none, is nested too deep, or has a number that no type holds, such as 1e999
    std::optional<std::size_t> broken_at; ///< where the text stops to be JSON; its size when it ends too early
};

/// Reads a text, strictly by RFC 8259. Of members of the same name the last one counts. simdjson reads it: nlohmann's parser keeps what it
/// reads, and the texts of its errors, in memory that nobody wipes.
ParsedJson read_json(std::string_view text);

/// `ParsedJson::broken_at` of a text, without making a tree of it.
std::optional<std::size_t> find_json_fault(std::string_view text);

/// The JSON of a text; discarded when it is none.
Json parse_json(std::string_view text);

/// The text of JSON, without spaces. Also wipes the stack and the registers through which the library writes it.
/// @throws Error errc::invalid_argument when a text in it is not UTF-8.
WipingString dump(const Json& json);

} // namespace juju::wire
