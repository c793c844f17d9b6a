#pragma once

#include "wiping_allocator.hpp"

#include <juju/secret_value.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace juju::detail {

/// The largest file that is read, in bytes (maxValueSizeBytes and maxContentSizeBytes of Juju's core/secrets/createsecret.go).
inline constexpr std::size_t max_file_bytes = 1'000'000;

/// Reads all of a file, or of a pipe, byte for byte. `context` goes before the text of an error.
/// @throws Error errc::unreadable_file or errc::content_too_large.
[[nodiscard]] WipingString read_file(const std::filesystem::path& path, std::string_view context = {});

/// Replaces a leading `~` or `~user`, and removes `.` and `..`, as the juju command does for `--file`.
/// @throws Error errc::unreadable_file when there is no such user.
[[nodiscard]] std::filesystem::path normalize_path(const std::filesystem::path& path);

using FileEntries = std::map<std::string, SecretValue, std::less<>>;

/// Reads the text of a secret file: JSON if it is a JSON object of strings, else YAML. The keys are as written, suffixes included.
/// @throws Error errc::invalid_secret_file or errc::content_too_large.
[[nodiscard]] FileEntries parse_secret_file(std::string_view text);

} // namespace juju::detail
