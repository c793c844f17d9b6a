#pragma once

#include "mock/world.hpp"

#include <filesystem>
#include <string>

namespace juju::mock {

/// The name of the controller in the files.
inline constexpr const char* store_controller_name = "mock";

/// Writes controllers.yaml, accounts.yaml and models.yaml, mode 0600, as the juju command does: each to a new file that then
/// takes the old one's place.
/// @throws std::system_error
void write_client_store(const std::filesystem::path& directory, const World& world, const std::string& ca_cert, const UserSettings& user);

} // namespace juju::mock
