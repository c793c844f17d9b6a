#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

/// For operations with parts that must come to their end although the coroutine is cancelled meanwhile, and a part of the user's between.
///
/// Asio keeps one cancellation state, and one setting whether it throws, for a coroutine and all its callers. So the state is never reset
/// here: the setting is switched off for the parts to be shielded, and put back afterwards, and the caller then learns of the cancellation
/// as usual. An operation reads and switches it in its own frame, since already the `co_await` of another coroutine would throw:
///
///     bool throws = co_await asio::this_coro::throw_if_cancelled();
///     co_await asio::this_coro::throw_if_cancelled(false);
namespace juju::operations {

/// Runs `part` to its end, on the caller's executor, out of reach of the caller's cancellation.
template <class T>
boost::asio::awaitable<T> shielded(boost::asio::awaitable<T> part)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    auto unreachable = boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    co_return co_await boost::asio::co_spawn(executor, std::move(part), std::move(unreachable));
}

/// Whether the coroutine was cancelled and is one that goes on no further then.
inline boost::asio::awaitable<bool> is_cancelled(bool throws)
{
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    const bool ends_here = throws && state.cancelled() != boost::asio::cancellation_type::none;
    co_return ends_here;
}

/// Runs a part of the user's in the caller's coroutine, where cancellation reaches it as usual.
/// @param throws the setting for that time; then the one that the part has left.
/// @return what the part threw; null when nothing.
inline boost::asio::awaitable<std::exception_ptr> unshielded(boost::asio::awaitable<void> part, bool& throws)
{
    std::exception_ptr error;
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
    try {
        co_await std::move(part);
    } catch (...) {
        error = std::current_exception();
    }
    throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_return error;
}

} // namespace juju::operations
