#include "login/when_unlocked.hpp"

#include <juju/error.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace juju::login {

namespace asio = boost::asio;

asio::awaitable<void> when_unlocked(std::function<void()> use, std::chrono::nanoseconds limit)
{
    constexpr std::chrono::milliseconds pause{5};
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (;;) {
        try {
            use();
            co_return;
        } catch (const Error& error) {
            if (error.code() != errc::store_locked || std::chrono::steady_clock::now() >= deadline)
                throw;
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
        timer.expires_after(pause);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

} // namespace juju::login
