#pragma once

#include "operations/run.hpp"
#include "wiping_allocator.hpp"
#include "wire/reply.hpp"

#include <juju/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>

namespace juju::operations {

/// Sends a request to any facade and gives its reply, which may be a refusal. To be run on the strand.
/// @throws Error errc::message_too_large for a request that exceeds `ConnectOptions::max_request_size`, and as `Connection::call`.
boost::asio::awaitable<wire::Reply> exchange(ConnectionPtr connection, std::string facade, int version, std::string method,
                                             WipingString params, detail::Connection::Deadline deadline, detail::Repeat repeat);

/// The error of a reply that cannot be understood, with the name of its request; any other error as it is.
Error naming(const std::string& request, const Error& error);

/// Runs `decode` and names the request in the error of a reply that cannot be understood.
template <class Decode>
auto decoded(const std::string& request, Decode&& decode) -> decltype(decode())
{
    try {
        return decode();
    } catch (const Error& error) {
        throw naming(request, error);
    }
}

} // namespace juju::operations
