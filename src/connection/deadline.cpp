#include "connection/strand_hop.hpp"

#include <juju/error.hpp>
#include <juju/with_timeout.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <string>
#include <utility>

namespace juju::detail {
namespace {

namespace asio = boost::asio;
using connection::Strand;

struct Race {
    explicit Race(const Strand& strand) : timer(strand) {}

    asio::steady_timer timer;
    asio::cancellation_signal cancel;
    bool done = false;
    std::exception_ptr error;
};

Error timed_out(std::chrono::nanoseconds limit, const std::exception_ptr& cause)
{
    ErrorDetails details("the call did not end within " +
                         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count()) + " ms");
    try {
        std::rethrow_exception(cause);
    } catch (const Error& error) {
        details.message += std::string(": ") + error.what();
        details.request = error.request();
        details.outcome = error.outcome();
        details.connection_usable = error.connection_usable();
    } catch (const boost::system::system_error&) {
        details.outcome = Outcome::unknown;
    }
    return Error(make_error_code(errc::timed_out), std::move(details));
}

/// Whether the operation ended because it was told to, rather than for a reason of its own.
bool is_cancellation(const std::exception_ptr& cause)
{
    try {
        std::rethrow_exception(cause);
    } catch (const boost::system::system_error& error) {
        return error.code() == errc::canceled || error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

/// Lets all types of cancellation through.
asio::awaitable<void> cancellable(asio::awaitable<void> operation)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await std::move(operation);
}

/// Runs on a strand of its own, so that operation, timer and cancellation never meet on two threads. A cancellation is passed on, which
/// need not end the operation.
asio::awaitable<void> race(Strand strand, std::chrono::nanoseconds limit, asio::awaitable<void> operation)
{
    const auto state = std::make_shared<Race>(strand);
    state->timer.expires_after(limit);
    auto finish = [state](std::exception_ptr error) {
        state->done = true;
        state->error = error;
        state->timer.cancel();
    };
    asio::co_spawn(strand, cancellable(std::move(operation)),
                   asio::bind_cancellation_slot(state->cancel.slot(), asio::bind_executor(strand, std::move(finish))));
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    bool expired = false;
    while (!state->done) {
        boost::system::error_code ignored;
        co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (state->done)
            break;
        auto type = asio::cancellation_type::terminal;
        if (!expired && state->timer.expiry() <= std::chrono::steady_clock::now()) {
            expired = true;
            state->timer.expires_at(asio::steady_timer::time_point::max());
        } else {
            const auto cancellation = co_await asio::this_coro::cancellation_state;
            type = cancellation.cancelled();
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        }
        state->cancel.emit(type);
    }
    if (!state->error)
        co_return;
    if (expired && is_cancellation(state->error))
        throw timed_out(limit, state->error);
    std::rethrow_exception(state->error);
}

} // namespace

asio::awaitable<void> run_with_timeout(std::chrono::nanoseconds limit, asio::awaitable<void> operation)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto strand = asio::make_strand(executor);
    co_await connection::run_on(strand, race(strand, limit, std::move(operation)));
}

} // namespace juju::detail
