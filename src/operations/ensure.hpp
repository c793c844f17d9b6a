#pragma once

#include "operations/run.hpp"

#include <juju/ensure.hpp>
#include <juju/secret.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_uri.hpp>

#include <optional>
#include <string>

namespace juju::operations {

/// Whether a secret's latest content is this one, by the controller's checksum; empty when that is not known.
std::optional<bool> matches(const Secret& secret, const SecretContent& content);

/// `Model::secret_matches`.
boost::asio::awaitable<std::optional<bool>> secret_matches(ConnectionPtr connection, SecretRef secret, SecretContent content);

/// `Model::ensure_secret`.
boost::asio::awaitable<EnsureResult> ensure(ConnectionPtr connection, std::string name, SecretContent content, EnsureOptions options);

} // namespace juju::operations
