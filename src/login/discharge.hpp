#pragma once

#include "macaroons/macaroon.hpp"
#include "transport/https_exchange.hpp"
#include "wire/login.hpp"

#include <juju/login_callback.hpp>
#include <juju/secret_value.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace juju::login {

/// Carries out one HTTPS request with the TLS settings and the proxy that its host needs. May be called from any executor.
using Https = std::function<boost::asio::awaitable<transport::HttpsReply>(transport::HttpsRequest)>;

/// Whom to ask on the way to a discharge, and how to get there.
struct DischargeContext {
    Https https;
    boost::asio::any_io_executor user_executor; ///< runs the callbacks
    std::chrono::nanoseconds limit;             ///< for each exchange: some wait for a human
    std::string user;                           ///< a local user; empty: then no password is asked for
    LoginCallback<SecretValue(std::string)> ask_password;
    LoginCallback<void(std::string)> visit_url;
};

/// A macaroon with its discharges, which logs in until it expires.
struct Slice {
    SecretValue json; ///< text of an array, the primary macaroon first
    std::string cookie_name;
    std::optional<macaroons::Time> expiry; ///< the earliest of all
};

/// Has every third party that the macaroon names, and those that the discharges name, confirm who logs in (client-store 4.4, 4.5); 20 of
/// them at most.
/// @throws Error with `cannot get discharge from "LOCATION": ...`: errc::discharge_failed; errc::login_failed for a wrong password;
///   errc::discharge_required when the third party wants something that nobody can be asked for; errc::malformed_reply when the macaroon
///   itself cannot be read; errc::canceled. What a callback throws, as it is.
boost::asio::awaitable<Slice> discharge(wire::DischargeDemand demand, DischargeContext context);

} // namespace juju::login
