#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace support {

/// How long any test may wait for anything. Far above what is ever needed: it only turns a hang into a failure.
inline constexpr std::chrono::seconds overall_limit{10};

/// Runs a coroutine on an io_context of its own, on this thread, and gives its result back or throws its exception.
/// @throws std::runtime_error when it has not ended within the limit, or never can.
template <class T>
T run(boost::asio::awaitable<T> operation, std::chrono::nanoseconds limit = overall_limit)
{
    boost::asio::io_context context;
    std::exception_ptr error;
    bool done = false;
    std::optional<T> result;
    auto finish = [&](std::exception_ptr e, T value) {
        error = e;
        done = true;
        if (!e)
            result.emplace(std::move(value));
    };
    boost::asio::co_spawn(context, std::move(operation), finish);
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done && context.run_one_until(end) != 0) {
    }
    if (!done)
        throw std::runtime_error("the coroutine did not end");
    if (error)
        std::rethrow_exception(error);
    return std::move(*result);
}

inline void run(boost::asio::awaitable<void> operation, std::chrono::nanoseconds limit = overall_limit)
{
    auto wrapped = [](boost::asio::awaitable<void> inner) -> boost::asio::awaitable<bool> {
        co_await std::move(inner);
        co_return true;
    };
    run(wrapped(std::move(operation)), limit);
}

} // namespace support
