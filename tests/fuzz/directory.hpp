#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace fuzz {

/// A directory of this process for the files of a target, in memory where the system has such a place. It goes with the process.
const std::filesystem::path& directory();

/// Makes the file have exactly this text.
void write_file(const std::filesystem::path& path, std::string_view text);

std::string read_file(const std::filesystem::path& path);

} // namespace fuzz
