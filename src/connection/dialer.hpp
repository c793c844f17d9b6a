#pragma once

#include "connection/session.hpp"
#include "connection/strand_hop.hpp"
#include "wire/login.hpp"

#include <juju/connect_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace juju::connection {

/// What a connection is to: a model, or the controller itself.
enum class Target { model, controller };

/// A connection that is logged in.
struct LoggedIn {
    std::shared_ptr<Session> session;
    wire::LoginResult login;
};

/// Throws errc::invalid_argument for options that cannot work, before anything is sent.
void check_options(const ConnectOptions& options, Target target);

/// Connects to the first endpoint that can be reached and logs in there. To be run on the strand.
/// @param phase says, while this runs, what it is doing.
/// @throws Error as `Model::connect`, but for its deadline.
boost::asio::awaitable<LoggedIn> dial(Strand strand, Target target, ConnectOptions options, std::shared_ptr<std::string> phase);

} // namespace juju::connection
