#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace juju {

namespace detail {

boost::asio::awaitable<void> run_with_timeout(std::chrono::nanoseconds limit, boost::asio::awaitable<void> operation);

template <class T>
boost::asio::awaitable<void> store_result(boost::asio::awaitable<T> operation, std::optional<T>& result)
{
    result.emplace(co_await std::move(operation));
}

} // namespace detail

/// Gives one call its own deadline: `co_await juju::with_timeout(2s, model.list_secrets())`.
///
/// When the time is up the call is cancelled (Asio's terminal cancellation); other calls and the connection go on.
/// @throws Error errc::timed_out when the call did not end in time, with the outcome of the call; else whatever the call throws.
template <class T>
boost::asio::awaitable<T> with_timeout(std::chrono::nanoseconds limit, boost::asio::awaitable<T> call)
{
    std::optional<T> result;
    co_await detail::run_with_timeout(limit, detail::store_result(std::move(call), result));
    co_return std::move(*result);
}

inline boost::asio::awaitable<void> with_timeout(std::chrono::nanoseconds limit, boost::asio::awaitable<void> call)
{
    return detail::run_with_timeout(limit, std::move(call));
}

} // namespace juju
