#pragma once

#include "wiping_allocator.hpp"
#include "wire/json.hpp"

#include <cstddef>
#include <optional>
#include <string>

/// Reading the JSON of macaroons. A member that is null counts as missing.
namespace juju::macaroons {

constexpr std::size_t max_macaroon_bytes = 64 * std::size_t(1024);
constexpr std::size_t max_nesting = 32;

/// Throws errc::malformed_reply "malformed macaroon: WHAT".
[[noreturn]] void fail_malformed(const std::string& what);

/// Throws errc::malformed_reply for what is larger or nested deeper than a macaroon may be, or has text that is not UTF-8.
void check_limits(const wire::Json& json);

/// nullptr when it is missing.
const wire::Json* find_member(const wire::Json& object, const char* name);

/// Empty when it is missing. Throws errc::malformed_reply when it is no text.
std::optional<WipingString> text_member(const wire::Json& object, const char* name);

/// The bytes that a text stands for, or those of the base64 in the member of that name with "64" behind it. Empty when both are missing.
/// Throws errc::malformed_reply when both are there, or one cannot be read.
std::optional<WipingString> bytes_member(const wire::Json& object, const char* name);

/// The bytes of a member that holds base64, as `bytes_member`.
std::optional<WipingString> base64_member(const wire::Json& object, const char* name);

} // namespace juju::macaroons
