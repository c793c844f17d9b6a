#include "connection/reconnector.hpp"

#include "strand.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

// What waits for a connection to be made again. Attempts, their pauses and their ends are seen in integration/reconnect_test.cpp.

namespace juju::connection {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::cancellation_type;

class ReconnectorTest : public testing::Test {
protected:
    /// Counts the attempts, which never end.
    Reconnector::Dial endless_dial()
    {
        return [this]() -> awaitable<void> {
            ++attempts_;
            asio::steady_timer never(strand_, asio::steady_timer::time_point::max());
            co_await never.async_wait(asio::use_awaitable);
        };
    }

    /// Waits like a request that no cancellation ends, and then for the connection.
    awaitable<void> work_and_wait()
    {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        boost::system::error_code ignored;
        co_await earlier_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        auto waiting = reconnector_->wait(endless_dial(), Reconnector::Clock::time_point::max());
        co_await std::move(waiting);
    }

    /// What work_and_wait ends with when it is cancelled during the earlier request, or while it waits for the connection.
    std::optional<Error> error_when_cancelled(cancellation_type type, bool during_earlier)
    {
        std::optional<Error> error;
        asio::cancellation_signal cancel;
        auto finish = [&](std::exception_ptr cause) {
            try {
                if (cause)
                    std::rethrow_exception(cause);
            } catch (const Error& thrown) {
                error = thrown;
            }
        };
        asio::co_spawn(strand_, work_and_wait(), asio::bind_cancellation_slot(cancel.slot(), finish));
        settle();
        if (!during_earlier) {
            earlier_.cancel();
            settle();
        }
        cancel.emit(type);
        settle();
        return error;
    }

    void settle()
    {
        context_.restart();
        context_.poll();
    }

    void end()
    {
        reconnector_->stop(Error(make_error_code(errc::connection_lost), detail::ErrorDetails("ended")));
        settle();
    }

    asio::io_context context_;
    Strand strand_ = asio::make_strand(context_.get_executor());
    std::shared_ptr<Reconnector> reconnector_ = std::make_shared<Reconnector>(strand_);
    asio::steady_timer earlier_{strand_, asio::steady_timer::time_point::max()};
    int attempts_ = 0;
};

TEST_F(ReconnectorTest, ACancelledWaitLeavesTheAttempt)
{
    const auto error = error_when_cancelled(cancellation_type::total, false);

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), errc::canceled);
    EXPECT_EQ(error->outcome(), Outcome::not_sent);
    EXPECT_EQ(attempts_, 1);
    end();
}

TEST_F(ReconnectorTest, NothingIsTriedForWhoWasCancelledBefore)
{
    for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
        const auto error = error_when_cancelled(type, true);

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code(), errc::canceled);
        EXPECT_EQ(error->outcome(), Outcome::not_sent);
        EXPECT_STREQ(error->what(), "not sent: cancelled while connecting again");
    }
    EXPECT_EQ(attempts_, 0);
    end();
}

} // namespace
} // namespace juju::connection
