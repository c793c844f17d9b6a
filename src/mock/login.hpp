#pragma once

#include "mock/call.hpp"

#include <optional>

namespace juju::mock {

/// What an attempt to log in came to.
struct LoginAttempt {
    Caller caller; ///< when accepted
    Json response; ///< of an accepted login, or asking for a discharge
    bool accepted = false;
    bool by_tag = true; ///< a user's: the request said who it is
    bool late = false;  ///< refused after authentication: the connection takes no other login
    std::optional<Failure> refusal;
};

/// As replies name it; empty for none.
const char* access_text(MockAccess access);

/// `Admin` 3 `Login`.
/// @param host as the client named this server: where local users' macaroons are discharged
LoginAttempt log_in(World& world, bool model_connection, const std::string& host, const Json& params);

/// A local user's password is right, and the account may be used.
/// @throws Failure
const UserSettings& check_password(const World& world, const std::string& name, const std::string& password);

/// The reply to an accepted login.
Json login_result(const World& world, const UserSettings* user, bool model_connection);

} // namespace juju::mock
