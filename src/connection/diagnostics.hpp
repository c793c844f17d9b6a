#pragma once

#include "connection/activity.hpp"
#include "connection/establish.hpp"

#include <juju/error.hpp>

#include <string>

namespace juju::connection {

/// What is known after an attempt to connect that succeeded, as JSON text: addresses and how far each came, TLS, who the controller is. It
/// has no name of a user, model, controller or secret.
std::string describe_success(const Progress& progress, const Established& established);

/// The same after one that failed. Of the error it has the code, whose text has no name either.
std::string describe_failure(const Progress& progress, const Error& failure);

/// The JSON of Model::diagnostics.
/// @param last_attempt what the functions above gave; "{}" before the first attempt.
std::string describe(const std::string& last_attempt, bool is_connected, const Activity::Snapshot& activity);

} // namespace juju::connection
