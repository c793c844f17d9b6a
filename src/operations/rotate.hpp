#pragma once

#include "operations/run.hpp"

#include <juju/rotation.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_uri.hpp>

namespace juju::operations {

/// `Model::rotate_secret`. To be run on the caller's executor, as the check is.
boost::asio::awaitable<RotateResult> rotate(ConnectionPtr connection, SecretRef secret, SecretContent content, RotateCheck check,
                                            RotateOptions options);

} // namespace juju::operations
