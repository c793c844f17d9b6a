#pragma once

#include "wiping_allocator.hpp"
#include "wire/facades.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <juju/secret_value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::wire {

/// Admin 3 Login with a password, in the minimal form that every controller accepts (wire-protocol 3.5). The command line
/// of the process (`cli-args`) is never sent: controllers write it to their audit log.
Request login_request(std::string_view user_name, const SecretValue& password);

/// The same with macaroons, each slice the JSON text of an array of them, sent as it is (client-store 4.2). An external user's name is not
/// sent: the macaroons say who it is. @throws Error errc::invalid_argument for a name that no user can have; none at all will do.
Request macaroon_login_request(std::string_view user_name, const std::vector<SecretValue>& slices);

/// The same for an agent (wire-protocol 3.13).
Request agent_login_request(std::string_view tag, const SecretValue& password, std::string_view nonce);

/// Admin 4 of JAAS controllers (wire-protocol 3.15).
Request session_token_request(const SecretValue& token);
Request client_credentials_request(std::string_view client_id, const SecretValue& client_secret);
Request device_login_request();
Request device_token_request();

/// An address of a controller (wire-protocol 3.4).
struct HostPort {
    std::string value; ///< host name or IP address, without brackets
    std::string type;
    std::string scope;
    int port = 0;
};

/// What the library keeps of a successful login reply (wire-protocol 3.4).
struct LoginResult {
    std::string model_tag;
    std::string controller_tag;
    std::string identity;
    std::string controller_access; ///< "superuser", "login", or empty
    std::string server_version;
    std::string public_dns_name;
    std::vector<std::vector<HostPort>> servers; ///< a list for each node
    FacadeTable facades;
};

/// What a controller asks for instead of logging in (client-store 4.2).
struct DischargeDemand {
    WipingString macaroon; ///< JSON text; of the bakery's own form where there is one
    std::string reason;    ///< as it came
};

/// What a device login asks of a human.
struct DeviceLogin {
    std::string verification_uri;
    std::string user_code;
};

/// @throws Error the controller's refusal (errc::login_failed, model_not_found, redirected, ...), errc::discharge_required when it
///   asks for macaroons, errc::malformed_reply.
LoginResult decode_login(Reply& reply);

/// Empty unless the reply asks for a discharge. @throws Error errc::malformed_reply.
std::optional<DischargeDemand> read_discharge_demand(Reply& reply);

/// @throws Error the controller's refusal, errc::malformed_reply.
DeviceLogin decode_device_login(Reply& reply);

/// The session token of GetDeviceSessionToken. @throws Error the controller's refusal, errc::malformed_reply.
SecretValue decode_device_token(Reply& reply);

/// @param model_uuid empty on a controller connection, whose reply names no model.
/// @param user_name empty when it is not known, or an agent's.
/// @throws Error errc::login_mismatch when the reply names another model or user, or a controller that cannot be one.
void check_login(const LoginResult& result, std::string_view model_uuid, std::string_view user_name);

} // namespace juju::wire
