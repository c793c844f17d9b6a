#pragma once

#include "connection/connection.hpp"

#include <juju/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <utility>

namespace juju::operations {

using ConnectionPtr = std::shared_ptr<detail::Connection>;

/// Turns Asio's own error, for a coroutine that was cancelled between two requests, into errc::canceled.
template <class T>
boost::asio::awaitable<T> as_call(boost::asio::awaitable<T> call)
{
    try {
        co_return co_await std::move(call);
    } catch (const Error&) {
        throw;
    } catch (const boost::system::system_error& error) {
        throw Error(make_error_code(errc::canceled), detail::ErrorDetails("cancelled: " + error.code().message()));
    }
}

/// Lets all types of cancellation through that the caller of the coroutine lets through; to be run in a coroutine of its own.
template <class T>
boost::asio::awaitable<T> with_all_cancellations(boost::asio::awaitable<T> call)
{
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    co_return co_await std::move(call);
}

/// Runs a call on the connection's strand.
template <class T>
boost::asio::awaitable<T> run(const ConnectionPtr& connection, boost::asio::awaitable<T> call)
{
    return connection::run_on(connection->strand(), with_all_cancellations(as_call(std::move(call))));
}

} // namespace juju::operations
