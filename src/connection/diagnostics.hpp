#pragma once

#include "connection/establish.hpp"

#include <juju/error.hpp>

#include <string>

namespace juju::connection {

/// The JSON of Model::diagnostics after a `connect` that succeeded.
std::string describe_success(const Progress& progress, const Established& established);

/// The same after one that failed.
std::string describe_failure(const Progress& progress, const Error& failure);

} // namespace juju::connection
