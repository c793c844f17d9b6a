#pragma once

#include "connection/session.hpp"
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
};

struct Result {
    wire::LoginResult login;
    std::optional<SecretValue> new_session_token; ///< of a device login
};

/// How long an answer may take.
struct Limits {
    std::chrono::nanoseconds answer; ///< of the controller alone
    std::chrono::nanoseconds human;  ///< of a human
};

/// Logs in, once. On the strand; `user_executor` runs the callbacks.
/// @param model_uuid what the reply must name; empty on a controller connection.
/// @throws Error errc::login_failed, login_expired, discharge_required, login_mismatch, not_supported, redirected, ... with the outcome.
boost::asio::awaitable<Result> log_in(std::shared_ptr<connection::Session> session, Credentials credentials, std::string model_uuid,
                                      boost::asio::any_io_executor user_executor, Limits limits);

} // namespace juju::login
