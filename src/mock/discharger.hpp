#pragma once

#include "mock/http_route.hpp"
#include "mock/world.hpp"

#include <optional>
#include <string>
#include <vector>

namespace juju::mock {

/// Answers requests to the dischargers: /auth for local users, and /identity for external ones when there is a provider.
/// @return none for other paths, and for JAAS, which has neither
std::optional<HttpRoute> answer_discharger(World& world, const HttpRequest& request);

/// The pages that wait for an external user.
std::vector<std::string> waiting_visit_urls(const World& world);

} // namespace juju::mock
