#pragma once

#include "connection/session.hpp"
#include "session/fake_stream.hpp"
#include "support/run.hpp"
#include "wire/json_reader.hpp"
#include "wire/request.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace support {

using juju::connection::Session;
using juju::connection::Strand;

/// Long enough to never come in a test.
inline constexpr std::chrono::hours never{1};

/// How a coroutine that runs beside the test has ended, if it has.
struct Task {
    int ended = 0;
    std::string value;
    std::optional<juju::Error> error;
    std::string other_error;
    boost::asio::cancellation_signal cancel;

    void finish(const std::exception_ptr& e, std::string result)
    {
        ++ended;
        value = std::move(result);
        try {
            if (e)
                std::rethrow_exception(e);
        } catch (const juju::Error& caught) {
            error = caught;
        } catch (const std::exception& caught) {
            other_error = caught.what();
        }
    }
};

/// The reply's member `value`, or what the controller refused with.
inline std::string answer(juju::wire::Reply& reply)
{
    if (reply.is_error())
        return "refused: " + reply.error();
    std::string value;
    juju::wire::for_each_response_member(reply, [&](std::string_view key, juju::wire::Value member) {
        if (key == "value")
            value = juju::wire::read_string(member, "value");
    });
    return value;
}

inline boost::asio::awaitable<std::string> ask(std::shared_ptr<Session> session, std::string params, std::chrono::nanoseconds limit)
{
    auto reply = co_await session->call(juju::wire::Request("Test", 1, "Ask", juju::WipingString(params)), limit);
    co_return answer(reply);
}

inline boost::asio::awaitable<std::string> close_session(std::shared_ptr<Session> session, juju::Error cause)
{
    co_await session->close(cause);
    co_return "closed";
}

/// A session on a FakeStream, in one thread that runs only when the test says so.
class SessionTest : public testing::Test {
protected:
    void start(std::chrono::nanoseconds ping_interval = never, std::chrono::nanoseconds ping_timeout = never)
    {
        session = std::make_shared<Session>(strand, std::make_unique<FakeStream>(peer), Session::Timing{ping_interval, ping_timeout});
        session->start();
        settle();
    }

    /// Starts a request; `settle` lets it leave.
    std::shared_ptr<Task> call(std::chrono::nanoseconds limit = never, std::string params = "{}")
    {
        return spawn(ask(session, std::move(params), limit));
    }

    std::shared_ptr<Task> spawn(boost::asio::awaitable<std::string> operation)
    {
        auto task = std::make_shared<Task>();
        auto finish = [task](std::exception_ptr error, std::string result) { task->finish(error, std::move(result)); };
        boost::asio::co_spawn(strand, std::move(operation), boost::asio::bind_cancellation_slot(task->cancel.slot(), std::move(finish)));
        tasks_.push_back(task);
        return task;
    }

    /// Runs all that can run without waiting.
    void settle()
    {
        context.restart();
        context.poll();
    }

    /// Runs until `condition` holds; a failure when it does not within the overall limit.
    template <class Condition>
    void wait_until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + overall_limit;
        context.restart();
        while (!condition() && context.run_one_until(end) != 0) {
        }
        ASSERT_TRUE(condition()) << "waited in vain";
        settle();
    }

    static void cancel(const std::shared_ptr<Task>& task) { task->cancel.emit(boost::asio::cancellation_type::terminal); }

    boost::asio::io_context context{1};
    Strand strand = boost::asio::make_strand(boost::asio::any_io_executor(context.get_executor()));
    std::shared_ptr<FakePeer> peer = std::make_shared<FakePeer>(strand);
    std::shared_ptr<Session> session;

private:
    std::vector<std::shared_ptr<Task>> tasks_; // their signals hold the strand, so they go before the context
};

} // namespace support
