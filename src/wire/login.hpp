#pragma once

#include "wire/facades.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <juju/secret_value.hpp>

#include <string>
#include <string_view>

namespace juju::wire {

/// Admin 3 Login with a password, in the minimal form that every controller accepts (wire-protocol 3.5). The command line
/// of the process (`cli-args`) is never sent: controllers write it to their audit log.
Request login_request(std::string_view user_name, const SecretValue& password);

/// What the library keeps of a successful login reply (wire-protocol 3.4).
struct LoginResult {
    std::string model_tag;
    std::string controller_tag;
    std::string identity;
    std::string server_version;
    FacadeTable facades;
};

/// @throws Error the controller's refusal (errc::login_failed, model_not_found, redirected, ...), errc::discharge_required when it
///   asks for macaroons, errc::malformed_reply.
LoginResult decode_login(Reply& reply);

/// @param model_uuid empty on a controller connection, whose reply names no model.
/// @throws Error errc::login_mismatch when the reply names another model or user, or a controller that cannot be one.
void check_login(const LoginResult& result, std::string_view model_uuid, std::string_view user_name);

} // namespace juju::wire
