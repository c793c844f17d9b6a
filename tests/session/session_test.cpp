#include "session/session_fixture.hpp"

#include "connection/strand_hop.hpp"

#include <juju/log.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <random>
#include <stdexcept>

using juju::errc;
using juju::Outcome;
using juju::transport::CloseReason;
using support::connection_lost;
using support::FakePeer;
using support::FakeStream;
using support::never;
using support::SessionTest;
using support::Task;
using namespace std::chrono_literals;

namespace {

constexpr const char* ask_1 = R"({"request-id":1,"type":"Test","version":1,"request":"Ask","params":{}})";
constexpr const char* ask_2 = R"({"request-id":2,"type":"Test","version":1,"request":"Ask","params":{}})";
constexpr const char* ask_3 = R"({"request-id":3,"type":"Test","version":1,"request":"Ask","params":{}})";
constexpr const char* ping_1 = R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping","params":{}})";
constexpr const char* ping_2 = R"({"request-id":2,"type":"Pinger","version":1,"request":"Ping","params":{}})";

using Batches = std::vector<std::vector<std::string>>;

void expect_failed(const Task& task, errc code, Outcome outcome, bool usable)
{
    EXPECT_EQ(task.ended, 1);
    ASSERT_TRUE(task.error.has_value()) << task.other_error;
    EXPECT_TRUE(task.error->code() == code) << task.error->what();
    EXPECT_EQ(task.error->outcome(), outcome) << task.error->what();
    EXPECT_EQ(task.error->connection_usable(), usable) << task.error->what();
    EXPECT_EQ(task.error->request(), "Test.Ask");
}

bool contains(const juju::Error& error, const std::string& text)
{
    return std::string(error.what()).find(text) != std::string::npos;
}

/// Lets time pass until a moment that has been set, without running anything.
void pass(std::chrono::steady_clock::time_point moment)
{
    while (std::chrono::steady_clock::now() <= moment) {
    }
}

} // namespace

// Requests and replies.

TEST_F(SessionTest, SendsNothingUnasked)
{
    start();

    EXPECT_EQ(peer->message_count(), 0U);
    EXPECT_TRUE(session->alive());
    EXPECT_FALSE(session->end().has_value());
}

TEST_F(SessionTest, SendsARequestAndGivesItsReply)
{
    start();

    const auto task = call(never, R"({"a":"b"})");
    settle();
    EXPECT_EQ(peer->batches, (Batches{{R"({"request-id":1,"type":"Test","version":1,"request":"Ask","params":{"a":"b"}})"}}));
    EXPECT_EQ(task->ended, 0);
    EXPECT_EQ(session->pending(), 1U);
    peer->reply(1, "one");
    settle();

    EXPECT_EQ(task->ended, 1);
    EXPECT_EQ(task->value, "one");
    EXPECT_EQ(session->pending(), 0U);
}

TEST_F(SessionTest, GivesARefusalAsAReply)
{
    start();
    const auto task = call();
    settle();

    peer->send(R"({"request-id":1,"error":"permission denied","error-code":"unauthorized access","response":{}})");
    settle();

    EXPECT_EQ(task->value, "refused: permission denied");
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, GivesRepliesOutOfOrderToTheirOwnCalls)
{
    start();
    const auto first = call();
    const auto second = call();
    const auto third = call();
    settle();

    peer->reply(3, "three");
    peer->reply(1, "one");
    settle();
    EXPECT_EQ(first->value, "one");
    EXPECT_EQ(second->ended, 0);
    EXPECT_EQ(third->value, "three");
    peer->reply(2, "two");
    settle();

    EXPECT_EQ(second->value, "two");
}

TEST_F(SessionTest, PutsRequestsThatAreReadyTogetherIntoOneWrite)
{
    start();

    call();
    call();
    call();
    settle();

    EXPECT_EQ(peer->batches, (Batches{{ask_1, ask_2, ask_3}}));
}

TEST_F(SessionTest, PutsWhatCameDuringAWriteIntoTheNext)
{
    start();
    peer->hold_writes();

    call();
    settle();
    call();
    call();
    settle();
    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
    peer->release_writes();
    settle();

    EXPECT_EQ(peer->batches, (Batches{{ask_1}, {ask_2, ask_3}}));
}

TEST_F(SessionTest, SendsRequestsMadeBeforeItWasStarted)
{
    session = std::make_shared<support::Session>(strand, std::make_unique<FakeStream>(peer), support::Session::Timing{never, never});
    call();
    settle();
    EXPECT_EQ(peer->message_count(), 0U);

    session->start();
    settle();

    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
}

TEST_F(SessionTest, DropsASecondReplyToACall)
{
    start();
    const auto first = call();
    const auto second = call();
    settle();

    peer->reply(1, "one");
    peer->reply(1, "again");
    peer->reply(2, "two");
    settle();

    EXPECT_EQ(first->value, "one");
    EXPECT_EQ(first->ended, 1);
    EXPECT_EQ(second->value, "two");
    EXPECT_TRUE(session->alive());
}

// Deadlines.

TEST_F(SessionTest, DeadlineEndsOnlyItsOwnCall)
{
    start();
    const auto patient = call();
    const auto hasty = call(1ms);

    wait_until([&] { return hasty->ended != 0; });

    expect_failed(*hasty, errc::timed_out, Outcome::unknown, true);
    EXPECT_TRUE(contains(*hasty->error, "Test.Ask")) << hasty->error->what();
    EXPECT_TRUE(contains(*hasty->error, "1 ms")) << hasty->error->what();
    EXPECT_EQ(patient->ended, 0);
    EXPECT_TRUE(session->alive());
    EXPECT_EQ(session->pending(), 1U);
}

TEST_F(SessionTest, LateReplyIsDroppedAndTheConnectionUsable)
{
    start();
    const auto hasty = call(1ms);
    wait_until([&] { return hasty->ended != 0; });

    peer->reply(1, "late");
    settle();
    const auto next = call();
    settle();
    peer->reply(2, "two");
    settle();

    EXPECT_EQ(hasty->ended, 1);
    EXPECT_EQ(next->value, "two");
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, DeadlineOfARequestThatHasNotLeftMeansItNeverWill)
{
    start();
    peer->hold_writes();
    call();
    settle();
    const auto hasty = call(1ms);

    wait_until([&] { return hasty->ended != 0; });
    peer->release_writes();
    settle();

    expect_failed(*hasty, errc::timed_out, Outcome::not_sent, true);
    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
}

TEST_F(SessionTest, WriterThatIsBlockedDoesNotKeepCallsFromTimingOut)
{
    start();
    peer->hold_writes();
    call();
    settle();
    std::vector<std::shared_ptr<Task>> hasty;
    for (int i = 0; i < 100; ++i)
        hasty.push_back(call(1ms));

    wait_until([&] { return std::ranges::all_of(hasty, [](const auto& task) { return task->ended != 0; }); });
    EXPECT_EQ(session->pending(), 1U);
    peer->release_writes();
    const auto next = call();
    settle();

    for (const auto& task : hasty)
        expect_failed(*task, errc::timed_out, Outcome::not_sent, true);
    ASSERT_EQ(peer->message_count(), 2U);
    EXPECT_EQ(peer->message(1), R"({"request-id":102,"type":"Test","version":1,"request":"Ask","params":{}})");
    peer->reply(102, "through");
    settle();
    EXPECT_EQ(next->value, "through");
}

TEST_F(SessionTest, ReplyWinsOverADeadlineThatHasPassed)
{
    start();
    constexpr auto limit = 100ms;
    const auto task = call(limit);
    const auto sent = std::chrono::steady_clock::now();
    context.restart();
    while (peer->message_count() == 0 && context.poll_one() != 0) {
    }
    ASSERT_EQ(peer->message_count(), 1U);
    ASSERT_EQ(task->ended, 0);

    pass(sent + limit + 1ms);
    peer->reply(1, "in time");
    settle();

    EXPECT_EQ(task->value, "in time") << (task->error ? task->error->what() : "");
}

TEST_F(SessionTest, DeadlineThatHasPassedAtTheStartEndsTheCall)
{
    start();

    const auto task = call(0ns);
    wait_until([&] { return task->ended != 0; });

    ASSERT_TRUE(task->error.has_value());
    EXPECT_TRUE(task->error->code() == errc::timed_out);
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, LongestDeadlineNeverPasses)
{
    start();

    const auto task = call(std::chrono::nanoseconds::max());
    settle();
    EXPECT_EQ(task->ended, 0);
    peer->reply(1, "one");
    settle();

    EXPECT_EQ(task->value, "one");
}

// Cancellation.

TEST_F(SessionTest, CancellationBeforeARequestLeavesMeansItNeverWill)
{
    start();
    peer->hold_writes();
    call();
    settle();
    const auto cancelled = call();
    settle();

    cancel(cancelled);
    settle();
    peer->release_writes();
    settle();

    expect_failed(*cancelled, errc::canceled, Outcome::not_sent, true);
    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
}

TEST_F(SessionTest, CancellationAfterARequestLeftLeavesItsOutcomeUnknown)
{
    start();
    const auto cancelled = call();
    const auto other = call();
    settle();

    cancel(cancelled);
    settle();
    peer->reply(1, "late");
    peer->reply(2, "two");
    settle();

    expect_failed(*cancelled, errc::canceled, Outcome::unknown, true);
    EXPECT_EQ(other->value, "two");
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, CancellationInTheMomentOfTheCallTellsWhetherItLeft)
{
    start();

    const auto cancelled = call();
    cancel(cancelled);
    settle();

    expect_failed(*cancelled, errc::canceled, peer->message_count() == 0 ? Outcome::not_sent : Outcome::unknown, true);
    EXPECT_EQ(session->pending(), 0U);
}

TEST_F(SessionTest, CancellationAfterTheReplyChangesNothing)
{
    start();
    const auto task = call();
    settle();
    peer->reply(1, "one");
    settle();

    cancel(task);
    settle();

    EXPECT_EQ(task->ended, 1);
    EXPECT_EQ(task->value, "one");
}

TEST_F(SessionTest, PartialCancellationIsIgnored)
{
    start();
    const auto task = call();
    settle();

    task->cancel.emit(boost::asio::cancellation_type::partial | boost::asio::cancellation_type::total);
    settle();
    EXPECT_EQ(task->ended, 0);
    peer->reply(1, "one");
    settle();

    EXPECT_EQ(task->value, "one");
}

// Loss of the connection.

TEST_F(SessionTest, LossFailsEverythingPendingOnceWithTheCause)
{
    start();
    const auto first = call();
    const auto second = call();
    settle();

    peer->fail_read(connection_lost("the controller closed it"));
    settle();

    for (const auto& task : {first, second}) {
        expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
        EXPECT_TRUE(contains(*task->error, "the controller closed it")) << task->error->what();
    }
    EXPECT_FALSE(session->alive());
    ASSERT_TRUE(session->end().has_value());
    EXPECT_STREQ(session->end()->what(), "the controller closed it");
    EXPECT_EQ(session->pending(), 0U);
    EXPECT_GE(peer->aborts, 1);
    EXPECT_TRUE(peer->closes.empty());
}

TEST_F(SessionTest, LossTellsApartWhatHadLeftAndWhatHadNot)
{
    start();
    peer->hold_writes();
    const auto sent = call();
    settle();
    const auto unsent = call();
    settle();

    peer->fail_read(connection_lost("reset"));
    settle();

    expect_failed(*sent, errc::connection_lost, Outcome::unknown, false);
    expect_failed(*unsent, errc::connection_lost, Outcome::not_sent, false);
    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
}

TEST_F(SessionTest, RepliesThatCameBeforeTheLossStillCount)
{
    start();
    const auto answered = call();
    const auto lost = call();
    settle();

    peer->reply(1, "one");
    peer->fail_read(connection_lost("reset"));
    settle();

    EXPECT_EQ(answered->value, "one");
    expect_failed(*lost, errc::connection_lost, Outcome::unknown, false);
}

TEST_F(SessionTest, CallAfterTheLossFailsAtOnceWithoutBeingSent)
{
    start();
    peer->fail_read(connection_lost("the controller closed it"));
    settle();

    const auto late = call();
    settle();

    expect_failed(*late, errc::not_connected, Outcome::not_sent, false);
    EXPECT_TRUE(contains(*late->error, "the controller closed it")) << late->error->what();
    EXPECT_EQ(peer->message_count(), 0U);
}

TEST_F(SessionTest, FailedWriteEndsTheSession)
{
    start();
    peer->fail_write(connection_lost("broken pipe"));

    const auto task = call();
    settle();

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_TRUE(contains(*task->error, "broken pipe")) << task->error->what();
    EXPECT_FALSE(session->alive());
}

TEST_F(SessionTest, FirstCauseStands)
{
    start();
    peer->hold_writes();
    const auto task = call();
    settle();

    peer->fail_write(connection_lost("second"));
    peer->fail_read(connection_lost("first"));
    settle();

    EXPECT_STREQ(session->end()->what(), "first");
    EXPECT_EQ(task->ended, 1);
}

TEST_F(SessionTest, ForeignErrorsEndTheSessionAsALostConnection)
{
    start();
    const auto task = call();
    settle();

    peer->fail_read(boost::system::system_error(boost::asio::error::eof));
    settle();

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_TRUE(contains(*task->error, "End of file")) << task->error->what();
}

TEST_F(SessionTest, AnyExceptionOfTheStreamEndsTheSession)
{
    start();
    const auto task = call();
    settle();

    std::string log;
    juju::set_log_sink([&](juju::LogLevel, std::string_view line) { log += line; });
    peer->fail_read(std::runtime_error("last read: 'MARKER'"));
    settle();
    juju::set_log_sink({});

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_FALSE(session->alive());
    EXPECT_STREQ(session->end()->what(), "the connection ended by an unexpected exception") << "its text may be a message's";
    EXPECT_EQ(log, "connection ended: the connection ended by an unexpected exception");
}

TEST_F(SessionTest, CallMadeInTheMomentOfTheLossFails)
{
    start();

    peer->fail_read(connection_lost("reset"));
    const auto task = call();
    settle();

    EXPECT_EQ(task->ended, 1);
    ASSERT_TRUE(task->error.has_value());
    EXPECT_FALSE(task->error->connection_usable());
    EXPECT_EQ(session->pending(), 0U);
}

// A controller that does not follow the protocol.

TEST_F(SessionTest, ReplyToARequestThatWasNeverMadeEndsTheSession)
{
    start();
    const auto task = call();
    settle();

    peer->reply(2, "unasked");
    settle();

    expect_failed(*task, errc::malformed_reply, Outcome::unknown, false);
    EXPECT_TRUE(contains(*task->error, "request 2")) << task->error->what();
    EXPECT_EQ(peer->closes, std::vector<CloseReason>{CloseReason::protocol_error});
    EXPECT_FALSE(session->alive());
}

TEST_F(SessionTest, ReplyToARequestThatHasNotLeftEndsTheSession)
{
    start();
    peer->hold_writes();
    const auto sent = call();
    settle();
    const auto waiting = call();
    settle();
    ASSERT_EQ(peer->batches, (Batches{{ask_1}}));

    peer->reply(2, "foreseen");
    settle();

    expect_failed(*sent, errc::malformed_reply, Outcome::unknown, false);
    expect_failed(*waiting, errc::malformed_reply, Outcome::not_sent, false);
    EXPECT_TRUE(contains(*waiting->error, "request 2, which was never sent")) << waiting->error->what();
    EXPECT_FALSE(session->alive());
}

TEST_F(SessionTest, GarbageEndsTheSession)
{
    start();
    const auto task = call();
    settle();

    peer->send("hunter2 is no JSON");
    settle();

    expect_failed(*task, errc::malformed_reply, Outcome::unknown, false);
    EXPECT_FALSE(contains(*task->error, "hunter2")) << task->error->what();
    EXPECT_EQ(peer->closes, std::vector<CloseReason>{CloseReason::protocol_error});
    EXPECT_FALSE(session->alive());
}

TEST_F(SessionTest, CallAfterGarbageIsToldThatTheConnectionIsGone)
{
    start();
    peer->send("[]");
    settle();

    const auto late = call();
    settle();

    expect_failed(*late, errc::not_connected, Outcome::not_sent, false);
}

TEST_F(SessionTest, MessageThatIsTooLargeEndsTheSession)
{
    start();
    const auto task = call();
    settle();
    juju::detail::ErrorDetails details("the controller sent 11 bytes; the limit is 10");
    details.outcome = Outcome::unknown;
    details.connection_usable = false;

    peer->fail_read(juju::Error(make_error_code(errc::message_too_large), std::move(details)));
    settle();

    expect_failed(*task, errc::message_too_large, Outcome::unknown, false);
    EXPECT_TRUE(contains(*task->error, "the limit is 10")) << task->error->what();
    EXPECT_EQ(peer->closes, std::vector<CloseReason>{CloseReason::too_big});
}

TEST_F(SessionTest, NothingIsReadAfterTheSessionEnded)
{
    start();
    const auto task = call();
    settle();

    peer->send("garbage");
    peer->reply(1, "too late");
    settle();

    expect_failed(*task, errc::malformed_reply, Outcome::unknown, false);
}

// Pings.

TEST_F(SessionTest, PingsWhenIdle)
{
    start(20ms, never);

    wait_until([&] { return peer->message_count() == 1; });
    EXPECT_EQ(peer->message(0), ping_1);
    peer->send(R"({"request-id":1,"response":{}})");
    wait_until([&] { return peer->message_count() == 2; });

    EXPECT_EQ(peer->message(1), ping_2);
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, RefusedPingIsASignOfLife)
{
    start(20ms, never);
    peer->on_message = [this](const std::string& message) {
        if (message == ping_1)
            peer->send(R"({"request-id":1,"error":"migration in progress, model is importing","response":{}})");
    };

    wait_until([&] { return peer->message_count() == 2; });

    EXPECT_EQ(peer->message(1), ping_2);
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, UnansweredPingEndsTheSession)
{
    start(20ms, 20ms);
    const auto task = call();

    wait_until([&] { return !session->alive(); });

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_STREQ(session->end()->what(), "the controller did not answer Pinger.Ping within 20 ms");
    EXPECT_TRUE(contains(*task->error, "Pinger.Ping")) << task->error->what();
    EXPECT_GE(peer->aborts, 1);
}

TEST_F(SessionTest, AnyMessageIsASignOfLifeWhileAPingIsUnanswered)
{
    start(20ms, 20ms);
    const auto task = call();
    const std::string first_ping = R"({"request-id":2,"type":"Pinger","version":1,"request":"Ping","params":{}})";
    peer->on_message = [&](const std::string& message) {
        if (message == first_ping)
            peer->reply(1, "alive");
    };

    wait_until([&] { return peer->message_count() == 3; });

    EXPECT_EQ(task->value, "alive");
    EXPECT_EQ(peer->message(1), first_ping);
    EXPECT_EQ(peer->message(2), R"({"request-id":3,"type":"Pinger","version":1,"request":"Ping","params":{}})");
    EXPECT_TRUE(session->alive());
}

TEST_F(SessionTest, PingThatCannotLeaveEndsTheSession)
{
    start(20ms, 20ms);
    peer->hold_writes();
    const auto task = call();

    wait_until([&] { return !session->alive(); });

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_EQ(peer->batches, (Batches{{ask_1}}));
}

TEST_F(SessionTest, NoPingIsSentAfterTheEnd)
{
    start(1ms, never);
    session->abort(connection_lost("over"));
    settle();
    const auto before = peer->message_count();

    pass(std::chrono::steady_clock::now() + 5ms);
    settle();

    EXPECT_EQ(peer->message_count(), before);
    context.restart();
    context.run_for(support::overall_limit);
    EXPECT_TRUE(context.stopped());
}

// Closing.

TEST_F(SessionTest, CloseFailsWhatIsPendingAndSaysGoodbye)
{
    start();
    const auto task = call();
    settle();

    const auto close = spawn(support::close_session(session, connection_lost("disconnected")));
    settle();

    EXPECT_EQ(close->value, "closed");
    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_TRUE(contains(*task->error, "disconnected")) << task->error->what();
    EXPECT_EQ(peer->closes, std::vector<CloseReason>{CloseReason::normal});
    EXPECT_FALSE(session->alive());
}

TEST_F(SessionTest, CloseFailsWhatIsPendingBeforeThePeerHasAnswered)
{
    start();
    peer->hold_close();
    const auto task = call();
    settle();

    const auto close = spawn(support::close_session(session, connection_lost("disconnected")));
    settle();
    EXPECT_EQ(close->ended, 0);
    EXPECT_EQ(task->ended, 1);
    peer->release_close();
    settle();

    EXPECT_EQ(close->value, "closed");
}

TEST_F(SessionTest, SecondCloseDoesNothing)
{
    start();
    peer->hold_close();
    const auto first = spawn(support::close_session(session, connection_lost("first")));
    settle();

    const auto second = spawn(support::close_session(session, connection_lost("second")));
    settle();
    peer->release_close();
    settle();

    EXPECT_EQ(first->value, "closed");
    EXPECT_EQ(second->value, "closed");
    EXPECT_EQ(peer->closes.size(), 1U);
    EXPECT_STREQ(session->end()->what(), "first");
}

TEST_F(SessionTest, CloseAfterTheLossDoesNothing)
{
    start();
    peer->fail_read(connection_lost("reset"));
    settle();

    const auto close = spawn(support::close_session(session, connection_lost("disconnected")));
    settle();

    EXPECT_EQ(close->value, "closed");
    EXPECT_TRUE(peer->closes.empty());
    EXPECT_STREQ(session->end()->what(), "reset");
}

TEST_F(SessionTest, AbortEndsACloseThatHangs)
{
    start();
    peer->hold_close();
    const auto close = spawn(support::close_session(session, connection_lost("disconnected")));
    settle();
    EXPECT_EQ(close->ended, 0);

    session->abort(connection_lost("destroyed"));
    settle();

    EXPECT_EQ(close->value, "closed");
}

TEST_F(SessionTest, AbortFailsWhatIsPendingWithoutAGoodbye)
{
    start();
    const auto task = call();
    settle();

    session->abort(connection_lost("the Model was destroyed"));
    settle();

    expect_failed(*task, errc::connection_lost, Outcome::unknown, false);
    EXPECT_TRUE(peer->closes.empty());
    EXPECT_GE(peer->aborts, 1);
}

TEST_F(SessionTest, NothingRunsOnAfterTheEnd)
{
    start(20ms, 20ms);
    call();
    settle();

    session->abort(connection_lost("over"));

    // Without work left, run ends by itself.
    context.restart();
    context.run_for(support::overall_limit);
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(session.use_count(), 1);
}

// Lifetime.

TEST(SessionLifetime, ContextCanBeDestroyedWithCallsPending)
{
    const auto task = std::make_shared<Task>();
    std::weak_ptr<support::Session> weak;
    {
        boost::asio::io_context context;
        const support::Strand strand = boost::asio::make_strand(boost::asio::any_io_executor(context.get_executor()));
        const auto peer = std::make_shared<FakePeer>(strand);
        peer->hold_writes();
        auto session = std::make_shared<support::Session>(strand, std::make_unique<FakeStream>(peer), support::Session::Timing{1h, 1h});
        session->start();
        auto finish = [task](std::exception_ptr error, std::string result) { task->finish(error, std::move(result)); };
        for (int i = 0; i < 10; ++i)
            boost::asio::co_spawn(strand, support::ask(session, "{}", 1h), finish);
        context.poll();
        EXPECT_EQ(session->pending(), 10U);
        weak = session;
    }

    EXPECT_EQ(task->ended, 0);
    EXPECT_TRUE(weak.expired());
}

// Many at once.

namespace {

constexpr int calls = 1'000;

/// Answers every request with its own params, later and in another order than asked.
class ShufflingEcho {
public:
    explicit ShufflingEcho(FakePeer& peer) : peer_(&peer) {}

    void operator()(const std::string& message)
    {
        const std::string prefix = R"({"request-id":)";
        const auto id = message.substr(prefix.size(), message.find(',') - prefix.size());
        const std::string member = R"("n":")";
        const auto begin = message.find(member) + member.size();
        const auto value = message.substr(begin, message.find('"', begin) - begin);
        held_.push_back(prefix + id + R"(,"response":{"value":")" + value + "\"}}");
        ++count_;
        if (held_.size() < 7 && count_ < calls)
            return;
        std::ranges::shuffle(held_, random_);
        for (auto& reply : held_)
            peer_->send(std::move(reply));
        held_.clear();
    }

private:
    FakePeer* peer_;
    std::vector<std::string> held_;
    std::minstd_rand random_{7};
    int count_ = 0;
};

} // namespace

TEST(SessionThreads, ThousandCallsFromFourThreadsAreAllAnsweredRight)
{
    boost::asio::thread_pool pool(4);
    const support::Strand strand = boost::asio::make_strand(boost::asio::any_io_executor(pool.get_executor()));
    const auto peer = std::make_shared<FakePeer>(strand);
    peer->on_message = ShufflingEcho(*peer);
    const auto session = std::make_shared<support::Session>(strand, std::make_unique<FakeStream>(peer), support::Session::Timing{1h, 1h});
    boost::asio::post(strand, [session] { session->start(); });
    std::atomic<int> right = 0;
    std::atomic<int> ended = 0;
    std::promise<void> all_ended;

    for (int i = 0; i < calls; ++i) {
        const auto number = std::to_string(i);
        auto operation = juju::connection::run_on(strand, support::ask(session, R"({"n":")" + number + "\"}", 1h));
        auto finish = [&, number](std::exception_ptr error, std::string value) {
            if (!error && value == number)
                ++right;
            if (++ended == calls)
                all_ended.set_value();
        };
        boost::asio::co_spawn(pool, std::move(operation), finish);
    }
    EXPECT_EQ(all_ended.get_future().wait_for(support::overall_limit), std::future_status::ready);

    boost::asio::post(strand, [session] { session->abort(connection_lost("over")); });
    pool.join();
    EXPECT_EQ(right, calls);
    EXPECT_EQ(ended, calls);
}
