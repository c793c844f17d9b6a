#pragma once

#include "mock/backend_store.hpp"

#include <juju/mock_controller.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace juju::mock {

struct World;

/// What a state file says; the keys are listed in docs/mock-controller.md.
struct StateFile {
    std::optional<MockTime> clock;
    std::string controller_uuid;
    std::string model_uuid;
    std::string model_name;
    std::string model_owner;
    std::optional<std::vector<std::string>> applications;
    std::vector<UserSettings> users;
    std::vector<AgentSettings> agents;
    std::vector<std::string> next_ids;
    bool empty_name_taken = false;
    std::vector<MockSecret> secrets;
    std::string internal_backend_id;
    std::vector<std::pair<Backend, bool>> backends; ///< and whether it can be reached
    std::string model_backend = "auto";
};

/// @throws std::runtime_error that names the line and the key
StateFile read_state(const std::string& yaml);

/// A text that `read_state` reads back.
std::string write_state(const World& world);

} // namespace juju::mock
