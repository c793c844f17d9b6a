#include <juju/with_timeout.hpp>

#include "connection/strand_hop.hpp"
#include "session/session_fixture.hpp"
#include "support/run.hpp"

#include <juju/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace asio = boost::asio;
using juju::errc;
using juju::Outcome;
using juju::with_timeout;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::hours never{1};

asio::awaitable<int> seven()
{
    co_return 7;
}

asio::awaitable<void> nothing()
{
    co_return;
}

asio::awaitable<int> failing(errc code)
{
    throw juju::Error(code, juju::detail::ErrorDetails("own error"));
    co_return 0;
}

asio::awaitable<int> throwing_runtime_error()
{
    throw std::runtime_error("plain");
    co_return 0;
}

asio::awaitable<int> endless()
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
    co_return 0;
}

/// Like a call of a Model: turns its cancellation into an Error that says what became of the request.
asio::awaitable<int> endless_call(errc code, Outcome outcome)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    boost::system::error_code ignored;
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    juju::detail::ErrorDetails details("Secrets.ListSecrets: ended");
    details.request = "Secrets.ListSecrets";
    details.outcome = outcome;
    throw juju::Error(make_error_code(code), std::move(details));
}

template <class T>
std::optional<juju::Error> error_of(asio::awaitable<T> operation)
{
    try {
        support::run(std::move(operation));
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

class NoDefault {
public:
    explicit NoDefault(int value) : value_(value) {}
    int value() const { return value_; }

private:
    int value_;
};

} // namespace

TEST(WithTimeout, GivesTheResultOfACallThatEndsInTime)
{
    EXPECT_EQ(support::run(with_timeout(never, seven())), 7);
}

TEST(WithTimeout, TakesACallWithoutResult)
{
    EXPECT_NO_THROW(support::run(with_timeout(never, nothing())));
}

TEST(WithTimeout, GivesAMoveOnlyResult)
{
    auto make = []() -> asio::awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };

    const auto result = support::run(with_timeout(never, make()));

    ASSERT_NE(result, nullptr);
    EXPECT_EQ(*result, 7);
}

TEST(WithTimeout, GivesAResultThatCannotBeDefaultConstructed)
{
    auto make = []() -> asio::awaitable<NoDefault> { co_return NoDefault(7); };
    auto body = [&]() -> asio::awaitable<int> {
        const auto result = co_await with_timeout(never, make());
        co_return result.value();
    };

    EXPECT_EQ(support::run(body()), 7);
}

TEST(WithTimeout, PassesTheCallsOwnErrorOn)
{
    const auto error = error_of(with_timeout(never, failing(errc::not_found)));

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::not_found);
    EXPECT_STREQ(error->what(), "own error");
}

TEST(WithTimeout, PassesAnOwnCancellationOn)
{
    const auto error = error_of(with_timeout(never, failing(errc::canceled)));

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::canceled);
}

TEST(WithTimeout, PassesAnyExceptionOn)
{
    EXPECT_THROW(support::run(with_timeout(never, throwing_runtime_error())), std::runtime_error);
}

TEST(WithTimeout, EndsACallThatTakesTooLong)
{
    const auto error = error_of(with_timeout(5ms, endless()));

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::timed_out);
    EXPECT_NE(std::string(error->what()).find("5 ms"), std::string::npos) << error->what();
    EXPECT_EQ(error->outcome(), Outcome::unknown);
}

TEST(WithTimeout, EndsACallWithoutResultThatTakesTooLong)
{
    auto body = []() -> asio::awaitable<void> { co_await endless(); };

    const auto error = error_of(with_timeout(1ms, body()));

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::timed_out);
}

TEST(WithTimeout, TellsTheOutcomeOfTheCallThatItEnded)
{
    for (const Outcome outcome : {Outcome::not_sent, Outcome::unknown}) {
        const auto error = error_of(with_timeout(1ms, endless_call(errc::canceled, outcome)));
        ASSERT_TRUE(error.has_value());
        EXPECT_TRUE(error->code() == errc::timed_out);
        EXPECT_EQ(error->outcome(), outcome);
        EXPECT_EQ(error->request(), "Secrets.ListSecrets");
        EXPECT_TRUE(error->connection_usable());
        EXPECT_NE(std::string(error->what()).find("Secrets.ListSecrets"), std::string::npos) << error->what();
    }
}

TEST(WithTimeout, PassesAnErrorOnThatCameInTheMomentOfTheDeadline)
{
    const auto error = error_of(with_timeout(1ms, endless_call(errc::connection_lost, Outcome::unknown)));

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::connection_lost);
}

TEST(WithTimeout, GivesAResultThatCameInTheMomentOfTheDeadline)
{
    auto late = []() -> asio::awaitable<int> {
        co_await asio::this_coro::throw_if_cancelled(false);
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return 7;
    };

    EXPECT_EQ(support::run(with_timeout(1ms, late())), 7);
}

TEST(WithTimeout, EndsAtOnceWithoutTimeLeft)
{
    for (const auto limit : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
        const auto error = error_of(with_timeout(limit, endless()));
        ASSERT_TRUE(error.has_value());
        EXPECT_TRUE(error->code() == errc::timed_out);
    }
}

TEST(WithTimeout, TakesTheLongestLimit)
{
    EXPECT_EQ(support::run(with_timeout(std::chrono::nanoseconds::max(), seven())), 7);
}

TEST(WithTimeout, ShorterOfTwoCounts)
{
    const auto inner = error_of(with_timeout(never, with_timeout(2ms, endless())));
    const auto outer = error_of(with_timeout(3ms, with_timeout(never, endless_call(errc::canceled, Outcome::not_sent))));

    ASSERT_TRUE(inner.has_value());
    EXPECT_TRUE(inner->code() == errc::timed_out);
    EXPECT_NE(std::string(inner->what()).find("2 ms"), std::string::npos) << inner->what();
    ASSERT_TRUE(outer.has_value());
    EXPECT_TRUE(outer->code() == errc::timed_out);
    EXPECT_EQ(outer->outcome(), Outcome::not_sent);
    EXPECT_NE(std::string(outer->what()).find("3 ms"), std::string::npos) << outer->what();
}

TEST(WithTimeout, PassesTheCallersCancellationToTheCall)
{
    asio::io_context context;
    asio::cancellation_signal signal;
    std::optional<juju::Error> error;
    auto finish = [&](std::exception_ptr e, int) {
        try {
            if (e)
                std::rethrow_exception(e);
        } catch (const juju::Error& caught) {
            error = caught;
        }
    };
    asio::co_spawn(context, with_timeout(never, endless_call(errc::canceled, Outcome::not_sent)),
                   asio::bind_cancellation_slot(signal.slot(), finish));
    context.poll();

    signal.emit(asio::cancellation_type::terminal);
    context.restart();
    context.poll();

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::canceled);
    EXPECT_EQ(error->outcome(), Outcome::not_sent);
}

TEST(WithTimeout, CallerGoesOnAfterADeadline)
{
    auto body = []() -> asio::awaitable<int> {
        try {
            co_await with_timeout(1ms, endless());
        } catch (const juju::Error&) {
        }
        co_return co_await with_timeout(never, seven());
    };

    EXPECT_EQ(support::run(body()), 7);
}

TEST(WithTimeout, RunsTheCallOnTheCallersThread)
{
    auto operation = []() -> asio::awaitable<bool> { co_return std::this_thread::get_id() != std::thread::id(); };
    const auto here = std::this_thread::get_id();
    auto on_thread = [&]() -> asio::awaitable<bool> {
        co_await operation();
        co_return std::this_thread::get_id() == here;
    };

    EXPECT_TRUE(support::run(with_timeout(never, on_thread())));
}

TEST(WithTimeout, ContextCanBeDestroyedWhileItWaits)
{
    const auto held = std::make_shared<int>(1);
    auto operation = [](std::shared_ptr<int> value) -> asio::awaitable<int> {
        co_await endless();
        co_return *value;
    };
    {
        asio::io_context context;
        asio::co_spawn(context, with_timeout(never, operation(held)), [](std::exception_ptr, int) {});
        context.poll();
    }

    EXPECT_EQ(held.use_count(), 1);
}

TEST(WithTimeout, DeadlineMayRaceWithTheEnd)
{
    constexpr int rounds = 2'000;
    asio::thread_pool pool(4);
    std::atomic<int> in_time = 0;
    std::atomic<int> late = 0;
    std::atomic<int> other = 0;
    auto brief = [](std::chrono::nanoseconds time) -> asio::awaitable<int> {
        asio::steady_timer timer(co_await asio::this_coro::executor, time);
        co_await timer.async_wait(asio::use_awaitable);
        co_return 7;
    };
    auto finish = [&](std::exception_ptr e, int value) {
        try {
            if (e)
                std::rethrow_exception(e);
            ++(value == 7 ? in_time : other);
        } catch (const juju::Error& error) {
            ++(error.code() == errc::timed_out ? late : other);
        } catch (...) {
            ++other;
        }
    };

    for (int i = 0; i < rounds; ++i)
        asio::co_spawn(pool, with_timeout(std::chrono::microseconds(i % 50), brief(std::chrono::microseconds(25))), finish);
    pool.join();

    EXPECT_EQ(in_time + late, rounds);
    EXPECT_EQ(other, 0);
}

// Over a session, as a Model does it.

namespace {

class DeadlineOverSession : public support::SessionTest {
protected:
    std::shared_ptr<support::Task> call_within(std::chrono::nanoseconds limit)
    {
        return spawn(with_timeout(limit, juju::connection::run_on(strand, support::ask(session, "{}", never))));
    }
};

} // namespace

TEST_F(DeadlineOverSession, TellsThatTheOutcomeIsUnknownOnceTheRequestLeft)
{
    start();
    const auto task = call_within(1ms);

    wait_until([&] { return task->ended != 0; });

    ASSERT_TRUE(task->error.has_value()) << task->other_error;
    EXPECT_TRUE(task->error->code() == errc::timed_out);
    if (peer->message_count() == 1) {
        EXPECT_EQ(task->error->outcome(), Outcome::unknown);
    }
    EXPECT_TRUE(session->alive());
    EXPECT_EQ(session->pending(), 0U);
}

TEST_F(DeadlineOverSession, TellsThatTheRequestNeverLeft)
{
    start();
    peer->hold_writes();
    call();
    settle();
    const auto task = call_within(1ms);

    wait_until([&] { return task->ended != 0; });
    peer->release_writes();
    settle();

    ASSERT_TRUE(task->error.has_value()) << task->other_error;
    EXPECT_TRUE(task->error->code() == errc::timed_out);
    EXPECT_EQ(task->error->outcome(), Outcome::not_sent);
    EXPECT_EQ(peer->message_count(), 1U);
}

TEST_F(DeadlineOverSession, WithoutTimeLeftTheOutcomeIsTrue)
{
    start();

    const auto task = call_within(0ns);
    wait_until([&] { return task->ended != 0; });

    ASSERT_TRUE(task->error.has_value()) << task->other_error;
    EXPECT_TRUE(task->error->code() == errc::timed_out);
    EXPECT_EQ(task->error->outcome(), peer->message_count() == 0 ? Outcome::not_sent : Outcome::unknown);
    EXPECT_TRUE(session->alive());
}

TEST_F(DeadlineOverSession, OtherCallsGoOn)
{
    start();
    const auto patient = call_within(never);
    settle();
    const auto hasty = call_within(1ms);
    wait_until([&] { return hasty->ended != 0; });

    peer->reply(1, "one");
    settle();

    EXPECT_EQ(patient->value, "one");
}
