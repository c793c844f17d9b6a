#pragma once

#include "login/login.hpp"
#include "login/plan.hpp"
#include "store/client_store.hpp"
#include "transport/endpoint.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace juju::login {

/// Takes what a login has brought for the next one. Macaroons are there already: copies of Credentials share them.
void remember(Credentials& credentials, const Result& result);

/// Writes to the client store what the juju command would after a login (client-store 7.3). Where it was not the account's user who logged
/// in, the account, the macaroons and the models stay as they are: the macaroons of two users in one jar do not log in either. A failure
/// is logged and fails nothing; neither does a cancellation, which ends the waiting for a lock that somebody else has, as long as
/// Asio's throw_if_cancelled is off.
/// @param connected the address in use, and `ip` what its name was resolved to.
/// @param models all models of the controller; empty when it was not asked for them.
boost::asio::awaitable<void> write_back(const Plan& plan, const Result& result, const transport::Endpoint& connected, const std::string& ip,
                                        const std::vector<store::Model>& models);

} // namespace juju::login
