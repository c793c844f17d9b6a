#pragma once

#include <juju/secret.hpp>
#include <juju/secret_uri.hpp>
#include <juju/secret_watcher.hpp>

#include <map>
#include <vector>

namespace juju::operations {

/// The secrets of one list.
using SecretsByUri = std::map<SecretUri, Secret>;

SecretsByUri by_uri(std::vector<Secret> secrets);

/// What differs between two lists, as SecretChangeKind says, ordered by URI, then by kind.
std::vector<SecretChange> secret_changes(const SecretsByUri& before, const SecretsByUri& after);

} // namespace juju::operations
