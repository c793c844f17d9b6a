#pragma once

#include "mock/envelope.hpp"
#include "mock/login.hpp"

#include <optional>
#include <string>

namespace juju::mock {

/// The logins that JAAS (JIMM) takes, of one connection: facade `Admin` 4.
class JaasLogin {
public:
    /// None: the request has to wait until somebody finishes a device login; call again then.
    /// @throws Failure
    std::optional<LoginAttempt> handle(World& world, bool model_connection, const Request& request);

private:
    std::optional<LoginAttempt> wait_for_device(World& world);

    std::string user_code_; ///< of the device login of this connection; empty without one
};

} // namespace juju::mock
