#pragma once

#include "connection/session.hpp"
#include "login/discharge.hpp"
#include "wire/login.hpp"

#include <juju/login_callback.hpp>
#include <juju/secret_value.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace juju::login {

/// The macaroons that a `connect` has had discharged. One controller's are renewed once: when they do not do either, that is an error.
struct Renewal {
    std::optional<Slice> slice;
};

/// Who logs in, and how.
struct Credentials {
    enum class Kind { password, macaroons, session_token, client_credentials, agent };

    Kind kind = Kind::password;
    std::string user; ///< whom the controller must log in; empty when that is not known
    SecretValue password;
    std::vector<SecretValue> slices; ///< macaroons: the JSON text of an array each
    SecretValue session_token;
    std::string client_id;
    SecretValue client_secret;
    std::string agent_tag;
    SecretValue agent_password;
    std::string agent_nonce;
    LoginCallback<void(std::string, std::string)> show_device_code;
    LoginCallback<SecretValue(std::string)> ask_password;
    LoginCallback<void(std::string)> visit_url;
    /// Shared by copies, so that a login at another address, or for another model, neither asks again nor forgets.
    std::shared_ptr<Renewal> renewal = std::make_shared<Renewal>();
};

struct Result {
    wire::LoginResult login;
    std::optional<SecretValue> new_session_token; ///< of a device login
    std::optional<Slice> new_slice;               ///< of macaroons that were discharged, in this login or one before of the same `connect`
};

/// How long an answer may take.
struct Limits {
    std::chrono::nanoseconds answer; ///< of the controller alone
    std::chrono::nanoseconds human;  ///< of a human
};

/// Logs in, once; a second time on the same connection where macaroons had to be discharged or somebody has entered a code
/// (wire-protocol 3.1, 3.15). On the strand; `user_executor` runs the callbacks.
/// @param model_uuid what the reply must name; empty on a controller connection.
/// @param https for discharges.
/// @throws Error errc::login_failed (also where discharged macaroons do not do), login_expired, discharge_required, discharge_failed,
///   login_mismatch, not_supported, redirected, ... with the outcome.
boost::asio::awaitable<Result> log_in(std::shared_ptr<connection::Session> session, Credentials credentials, std::string model_uuid,
                                      boost::asio::any_io_executor user_executor, Limits limits, Https https);

} // namespace juju::login
