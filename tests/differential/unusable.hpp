#pragma once

#include "differential/operation.hpp"

#include <juju/error.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the public headers promise to refuse before anything is sent.
namespace juju::differential {

std::optional<errc> unusable(const Subject& subject);
std::optional<errc> unusable(const Draft& draft);
std::optional<errc> unusable(const Change& change);
std::optional<errc> unusable(const Removal& removal);
std::optional<errc> unusable(const ListSecrets& filter);
std::optional<errc> unusable_revision(const std::optional<int>& revision);
std::optional<errc> unusable_applications(const std::vector<std::string>& names);

} // namespace juju::differential
