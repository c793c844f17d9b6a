#pragma once

#include "connection/session.hpp"
#include "login/login.hpp"
#include "login/plan.hpp"
#include "strand.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "wire/redirect.hpp"

#include <juju/connect_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace juju::connection {

/// A connection that is logged in, or was told that the model lives elsewhere.
struct LoggedIn {
    std::shared_ptr<Session> session;
    login::Result result;
    transport::Endpoint endpoint;
    std::string ip; ///< see transport::Opened

    std::optional<Error> redirection; ///< then there is no session
    wire::Redirect redirect;
    bool redirect_is_anonymous = false; ///< of a JAAS controller: to be followed, without the password (wire-protocol 3.11)
};

/// What a dial needs besides its plan.
struct DialContext {
    DialContext(Strand connection_strand, boost::asio::any_io_executor user_executor, ConnectOptions connect_options,
                std::shared_ptr<Activity> connection_activity)
        : strand(std::move(connection_strand)),
          user(std::move(user_executor)),
          options(std::move(connect_options)),
          activity(std::move(connection_activity)),
          deadline(std::chrono::steady_clock::now() + options.connect_timeout())
    {
    }

    Strand strand;
    boost::asio::any_io_executor user; ///< callbacks run on it
    ConnectOptions options;            ///< for the limits, and the observer
    std::shared_ptr<Activity> activity;
    std::chrono::steady_clock::time_point deadline;
};

/// Connects to the first address that opens and logs in there, once: a refused login is the same at every address of a controller. Where
/// the connection is lost while logging in, or nothing is answered, the addresses that are left are tried. On the strand.
/// @throws Error as `Model::connect`, but for its deadline.
boost::asio::awaitable<LoggedIn> dial(DialContext context, login::Plan plan, std::shared_ptr<transport::DialReport> report);

} // namespace juju::connection
