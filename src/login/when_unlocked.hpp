#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

namespace juju::login {

/// How long the juju command waits for each of its two locks (client-store 1.9).
inline constexpr std::chrono::seconds store_lock_limit{5};
inline constexpr std::chrono::seconds jar_lock_limit{3};

/// Calls `use`, and calls it again every few milliseconds as long as it fails since a lock is not free. Meanwhile no thread waits.
/// @throws Error errc::store_locked of the last call once `limit` is over; Asio's operation_aborted when it is cancelled before;
/// what else `use` throws.
boost::asio::awaitable<void> when_unlocked(std::function<void()> use, std::chrono::nanoseconds limit);

} // namespace juju::login
