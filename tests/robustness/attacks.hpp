#pragma once

#include "robustness/hostile_server.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace juju::test {

/// Attacks that are thought up: each breaks one rule of its layer, or exceeds one limit.
std::vector<Attack> chosen_attacks(std::size_t max_message_size);

/// JSON nested far deeper than any stack could follow, in each place of a login reply or a reply where there is JSON.
std::vector<Attack> nested_attacks();

/// Attacks by chance, the same for the same seed: noise, and what is right but for some changes.
Attack random_attack(Stage stage, std::uint64_t seed);

} // namespace juju::test
