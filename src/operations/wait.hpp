#pragma once

#include "operations/run.hpp"

#include <juju/secret_uri.hpp>

#include <chrono>

namespace juju::operations {

/// `Model::wait_until_removed`.
boost::asio::awaitable<void> wait_until_removed(ConnectionPtr connection, SecretRef secret, std::chrono::milliseconds limit);

/// `Model::wait_until_pruned`.
boost::asio::awaitable<void> wait_until_pruned(ConnectionPtr connection, SecretRef secret, std::chrono::milliseconds limit);

} // namespace juju::operations
