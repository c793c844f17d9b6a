#pragma once

#include "mock/call.hpp"

#include <optional>

namespace juju::mock {

/// What an attempt to log in came to.
struct LoginAttempt {
    Caller caller; ///< when accepted
    Json response; ///< of an accepted login, or asking for a discharge
    bool accepted = false;
    bool late = false; ///< refused after authentication: the connection takes no other login
    std::optional<Failure> refusal;
};

/// As replies name it; empty for none.
const char* access_text(MockAccess access);

/// `Admin` 3 `Login`.
LoginAttempt log_in(const World& world, bool model_connection, const Json& params);

} // namespace juju::mock
