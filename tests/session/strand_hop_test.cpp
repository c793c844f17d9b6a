#include "connection/strand_hop.hpp"

#include "session/fake_stream.hpp"
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
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using juju::connection::run_on;
using juju::connection::Strand;
using namespace std::chrono_literals;

namespace {

template <class Context>
Strand strand_of(Context& context)
{
    return asio::make_strand(asio::any_io_executor(context.get_executor()));
}

/// How a spawned coroutine ended.
template <class T>
class Ending {
public:
    auto handler()
    {
        return [state = state_](std::exception_ptr error, T value) {
            if (error)
                state->set_exception(error);
            else
                state->set_value(std::move(value));
        };
    }

    T get()
    {
        if (future_.wait_for(support::overall_limit) != std::future_status::ready)
            throw std::runtime_error("the coroutine did not end");
        return future_.get();
    }

    bool ready() const { return future_.wait_for(0s) == std::future_status::ready; }

private:
    std::shared_ptr<std::promise<T>> state_ = std::make_shared<std::promise<T>>();
    std::future<T> future_ = state_->get_future();
};

asio::awaitable<int> seven()
{
    co_return 7;
}

asio::awaitable<std::unique_ptr<std::string>> moved(std::string text)
{
    co_return std::make_unique<std::string>(std::move(text));
}

asio::awaitable<int> failing(juju::errc code)
{
    throw juju::Error(code, juju::detail::ErrorDetails("failed over there"));
    co_return 0;
}

asio::awaitable<int> throwing_runtime_error()
{
    throw std::runtime_error("plain");
    co_return 0;
}

/// Waits until it is cancelled; says so when it begins and when its frame goes.
asio::awaitable<int> wait_for_ever(std::shared_ptr<std::promise<void>> begun)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    if (begun)
        begun->set_value();
    co_await timer.async_wait(asio::use_awaitable);
    co_return 0;
}

/// A caller in one context, the strand in another with a thread of its own.
class Across {
public:
    ~Across() { there.join(); }

    Strand strand() { return strand_of(there); }

    template <class T>
    T run(asio::awaitable<T> operation)
    {
        Ending<T> ending;
        asio::co_spawn(here, std::move(operation), ending.handler());
        here.run_for(support::overall_limit);
        return ending.get();
    }

    // A thread that hands over a result may still be in the caller's context for a moment: that context goes last.
    asio::io_context here;
    asio::thread_pool there{1};
};

asio::awaitable<bool> done(asio::awaitable<void> operation)
{
    co_await std::move(operation);
    co_return true;
}

template <class Call>
boost::system::error_code code_of(Call&& call)
{
    try {
        call();
    } catch (const boost::system::system_error& error) {
        return error.code();
    }
    return {};
}

} // namespace

TEST(RunOn, GivesTheResultBack)
{
    Across across;

    EXPECT_EQ(across.run(run_on(across.strand(), seven())), 7);
}

TEST(RunOn, GivesAMoveOnlyResultBack)
{
    Across across;

    const auto result = across.run(run_on(across.strand(), moved("text")));

    ASSERT_NE(result, nullptr);
    EXPECT_EQ(*result, "text");
}

TEST(RunOn, PassesAnErrorOn)
{
    Across across;

    try {
        across.run(run_on(across.strand(), failing(juju::errc::not_found)));
        ADD_FAILURE() << "no error";
    } catch (const juju::Error& error) {
        EXPECT_TRUE(error.code() == juju::errc::not_found);
        EXPECT_STREQ(error.what(), "failed over there");
    }
}

TEST(RunOn, PassesAnyExceptionOn)
{
    Across across;

    EXPECT_THROW(across.run(run_on(across.strand(), throwing_runtime_error())), std::runtime_error);
}

TEST(RunOn, RunsOnTheStrandAndResumesOnTheCallersThread)
{
    Across across;
    const auto strand = across.strand();
    bool on_strand = false;
    std::thread::id thread_there;
    auto operation = [&]() -> asio::awaitable<void> {
        on_strand = strand.running_in_this_thread();
        thread_there = std::this_thread::get_id();
        co_return;
    };
    std::thread::id before;
    std::thread::id after;
    auto caller = [&]() -> asio::awaitable<void> {
        before = std::this_thread::get_id();
        co_await run_on(strand, operation());
        after = std::this_thread::get_id();
    };

    across.run(done(caller()));

    EXPECT_TRUE(on_strand);
    EXPECT_EQ(before, std::this_thread::get_id());
    EXPECT_EQ(after, before);
    EXPECT_NE(thread_there, before);
}

TEST(RunOn, ResumesOnTheCallersThreadAfterAnExceptionToo)
{
    Across across;
    std::thread::id after;
    auto caller = [&]() -> asio::awaitable<void> {
        try {
            co_await run_on(across.strand(), failing(juju::errc::not_found));
        } catch (const juju::Error&) {
            after = std::this_thread::get_id();
        }
    };

    across.run(done(caller()));

    EXPECT_EQ(after, std::this_thread::get_id());
}

TEST(RunOn, StartsNothingUntilItIsAwaited)
{
    asio::io_context context;
    bool begun = false;
    auto operation = [&]() -> asio::awaitable<void> {
        begun = true;
        co_return;
    };

    {
        const auto unused = run_on(strand_of(context), operation());
    }
    context.poll();

    EXPECT_FALSE(begun);
}

TEST(RunOn, WorksWhenTheCallerIsOnTheStrandAlready)
{
    asio::io_context context;
    const auto strand = strand_of(context);
    Ending<int> ending;

    asio::co_spawn(strand, run_on(strand, seven()), ending.handler());
    context.run();

    EXPECT_EQ(ending.get(), 7);
}

TEST(RunOn, KeepsTheCallersContextFromRunningOutOfWork)
{
    asio::io_context here;
    asio::io_context there;
    Ending<int> ending;
    asio::co_spawn(here, run_on(strand_of(there), seven()), ending.handler());

    here.poll();
    EXPECT_FALSE(here.stopped());
    there.run();
    here.run();

    EXPECT_EQ(ending.get(), 7);
}

TEST(RunOn, CarriesACancellationAcross)
{
    asio::thread_pool here(1);
    asio::thread_pool there(1);
    const auto begun = std::make_shared<std::promise<void>>();
    asio::cancellation_signal signal;
    Ending<int> ending;
    asio::co_spawn(here, run_on(strand_of(there), wait_for_ever(begun)), asio::bind_cancellation_slot(signal.slot(), ending.handler()));
    begun->get_future().wait();

    asio::post(here, [&] { signal.emit(asio::cancellation_type::terminal); });

    EXPECT_EQ(code_of([&] { ending.get(); }), asio::error::operation_aborted);
    here.join();
    there.join();
}

TEST(RunOn, CancellationAfterTheEndChangesNothing)
{
    asio::io_context context;
    asio::cancellation_signal signal;
    Ending<int> ending;
    asio::co_spawn(context, run_on(strand_of(context), seven()), asio::bind_cancellation_slot(signal.slot(), ending.handler()));
    context.run();

    signal.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();

    EXPECT_EQ(ending.get(), 7);
}

TEST(RunOn, OperationThatIgnoresTheCancellationStillGivesItsResult)
{
    Across across;
    auto stubborn = []() -> asio::awaitable<int> {
        co_await asio::this_coro::throw_if_cancelled(false);
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return 7;
    };
    asio::cancellation_signal signal;
    Ending<int> ending;
    asio::co_spawn(across.here, run_on(across.strand(), stubborn()), asio::bind_cancellation_slot(signal.slot(), ending.handler()));
    across.here.poll();

    signal.emit(asio::cancellation_type::terminal);
    across.here.run_for(support::overall_limit);

    EXPECT_EQ(ending.get(), 7);
}

TEST(RunOn, ContextCanBeDestroyedWhileItWaits)
{
    const auto held = std::make_shared<int>(1);
    auto operation = [](std::shared_ptr<int> value) -> asio::awaitable<int> {
        co_await wait_for_ever(nullptr);
        co_return *value;
    };
    {
        asio::io_context context;
        Ending<int> ending;
        asio::co_spawn(context, run_on(strand_of(context), operation(held)), ending.handler());
        context.poll();
    }

    EXPECT_EQ(held.use_count(), 1);
}

// Asio itself touches a context after it has posted to it, so this can only be tried where freed memory is not used again.
#ifdef __SANITIZE_ADDRESS__
TEST(RunOn, StrandDoesNotHoldOnToTheCallersContextOnceTheCallHasEnded)
{
    asio::thread_pool there(1);
    const auto strand = strand_of(there);

    for (int i = 0; i < 2'000; ++i)
        EXPECT_EQ(support::run(run_on(strand, seven())), 7);
    there.join();
}
#endif

TEST(RunOn, CancellationMayRaceWithTheEnd)
{
    constexpr int rounds = 2'000;
    asio::thread_pool here(1);
    asio::thread_pool there(2);
    int completed = 0;
    int aborted = 0;

    for (int i = 0; i < rounds; ++i) {
        const auto begun = std::make_shared<std::promise<void>>();
        auto operation = [](std::shared_ptr<std::promise<void>> start) -> asio::awaitable<int> {
            asio::steady_timer timer(co_await asio::this_coro::executor, 0s);
            start->set_value();
            co_await timer.async_wait(asio::use_awaitable);
            co_return 7;
        };
        const auto signal = std::make_shared<asio::cancellation_signal>();
        Ending<int> ending;
        asio::co_spawn(here, run_on(strand_of(there), operation(begun)), asio::bind_cancellation_slot(signal->slot(), ending.handler()));
        begun->get_future().wait();
        if (i % 2 != 0)
            std::this_thread::yield();
        asio::post(here, [signal] { signal->emit(asio::cancellation_type::terminal); });
        const auto code = code_of([&] { EXPECT_EQ(ending.get(), 7); });
        EXPECT_TRUE(!code || code == asio::error::operation_aborted) << code.message();
        ++(code ? aborted : completed);
    }
    here.join();
    there.join();

    EXPECT_EQ(completed + aborted, rounds);
}

TEST(RunOn, CancellationMayRaceWithTheStart)
{
    asio::thread_pool here(1);
    asio::thread_pool there(2);

    for (int i = 0; i < 2'000; ++i) {
        const auto signal = std::make_shared<asio::cancellation_signal>();
        Ending<int> ending;
        asio::co_spawn(here, run_on(strand_of(there), wait_for_ever(nullptr)),
                       asio::bind_cancellation_slot(signal->slot(), ending.handler()));
        asio::post(here, [signal] { signal->emit(asio::cancellation_type::terminal); });

        EXPECT_EQ(code_of([&] { ending.get(); }), asio::error::operation_aborted);
    }
    here.join();
    there.join();
}

TEST(RunOn, ContextMayEndWhileManyOperationsAreUnderWay)
{
    for (int round = 0; round < 50; ++round) {
        asio::thread_pool pool(4);
        for (int i = 0; i < 20; ++i)
            asio::co_spawn(pool, run_on(strand_of(pool), seven()), [](std::exception_ptr, int) {});
        pool.stop();
        pool.join();
    }
}

TEST(RunOn, LeavesNothingInASignalThatOutlivesTheContext)
{
    asio::cancellation_signal signal;
    {
        asio::io_context context;
        asio::co_spawn(context, run_on(strand_of(context), wait_for_ever(nullptr)),
                       asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr, int) {}));
        context.poll();
    }
    signal.slot().clear();
}
