#pragma once

#include "operations/run.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace juju::operations {

/// Calls any method of any facade: `Model::call` and `Controller::call`. To be run on the strand.
/// @param version the newest that the controller offers when empty.
boost::asio::awaitable<std::string> call(ConnectionPtr connection, std::string facade, std::optional<int> version, std::string method,
                                         std::string params_json);

} // namespace juju::operations
