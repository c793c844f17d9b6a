#pragma once

#include "mock/world.hpp"

#include <filesystem>
#include <string>

namespace juju::mock {

/// Writes controllers.yaml, accounts.yaml and models.yaml, mode 0600, as the juju command does: each to a new file that then
/// takes the old one's place. Other controllers' entries stay.
/// @throws std::system_error, std::runtime_error when a file that is there is no YAML mapping, std::invalid_argument when there is
/// no such user
void write_client_store(const std::filesystem::path& directory, const World& world, const std::string& ca_cert,
                        const MockStoreOptions& options);

} // namespace juju::mock
