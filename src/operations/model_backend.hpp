#pragma once

#include "operations/run.hpp"

#include <string>

namespace juju::operations {

/// `Model::get_secret_backend`.
boost::asio::awaitable<std::string> get_secret_backend(ConnectionPtr connection);

/// `Model::set_secret_backend`.
boost::asio::awaitable<void> set_secret_backend(ConnectionPtr connection, std::string name);

} // namespace juju::operations
