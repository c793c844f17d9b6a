#pragma once

#include "operations/run.hpp"

#include <juju/secret_backend.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

/// The calls of `Controller` on secret backends. To be run on the strand.
namespace juju::operations {

boost::asio::awaitable<std::vector<SecretBackend>> list_secret_backends(ConnectionPtr connection, SecretBackendFilter filter);
boost::asio::awaitable<void> add_secret_backend(ConnectionPtr connection, SecretBackendDraft draft);
boost::asio::awaitable<void> update_secret_backend(ConnectionPtr connection, std::string name, SecretBackendUpdate update);
boost::asio::awaitable<void> remove_secret_backend(ConnectionPtr connection, std::string name, bool force);

} // namespace juju::operations
