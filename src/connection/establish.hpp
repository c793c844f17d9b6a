#pragma once

#include "connection/dialer.hpp"
#include "login/plan.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace juju::connection {

/// How far a `connect` has come; changes while it runs.
struct Progress {
    std::string step = "a start"; ///< for messages
    std::vector<std::shared_ptr<transport::DialReport>> reports;
};

/// The addresses of a controller that the last login told of.
struct KnownAddresses {
    std::string from; ///< the addresses that were given then
    std::vector<transport::Endpoint> endpoints;
};

/// What `connect` as a whole came to.
struct Established {
    LoggedIn logged_in;
    login::Plan plan; ///< that succeeded
    KnownAddresses known;
};

/// Finds out where to and as whom, looks up the model, connects, follows redirects and writes back to the client store. On the strand.
/// @param known from the last time; they come first when the same controller is meant.
/// @throws Error as `Model::connect`, but for its deadline.
boost::asio::awaitable<Established> establish(DialContext context, login::Target target, KnownAddresses known,
                                              std::shared_ptr<Progress> progress);

/// The same after a loss: as the plan says that succeeded the last time.
boost::asio::awaitable<Established> establish_again(DialContext context, login::Plan plan, KnownAddresses known,
                                                    std::shared_ptr<Progress> progress);

} // namespace juju::connection
