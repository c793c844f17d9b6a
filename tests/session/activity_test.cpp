// What a session tells of its requests: to an observer, and to what `diagnostics` shows.

#include "session/session_fixture.hpp"

#include "connection/activity.hpp"

#include <juju/request_observer.hpp>

#include <memory>
#include <string>
#include <vector>

using juju::errc;
using juju::RequestOutcome;
using juju::connection::Activity;
using juju::connection::Watcher;
using support::never;
using support::SessionTest;
using namespace std::chrono_literals;

namespace {

class Recorder : public juju::RequestObserver {
public:
    juju::TraceContext start(const juju::ObservedRequest&) override { return trace; }
    void end(const juju::ObservedRequest&, const juju::RequestEnd& end) override { ends.push_back(end); }

    juju::TraceContext trace;
    std::vector<juju::RequestEnd> ends;
};

class ActivityTest : public SessionTest {
protected:
    void start_watched(std::chrono::nanoseconds ping_interval = never, std::chrono::nanoseconds ping_timeout = never)
    {
        start(ping_interval, ping_timeout);
        session->watch(Watcher{activity, recorder});
    }

    Activity::Counters counters() const { return activity->snapshot().counters; }

    std::shared_ptr<Activity> activity = std::make_shared<Activity>();
    std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
};

} // namespace

TEST_F(ActivityTest, ShowsWhatIsUnderWayOldestFirst)
{
    start_watched();
    call();
    call();
    settle();

    const auto under_way = activity->snapshot().in_flight;
    ASSERT_EQ(under_way.size(), 2U);
    EXPECT_EQ(under_way[0].request, "Test.Ask");
    EXPECT_LE(under_way[0].since, under_way[1].since);
    EXPECT_EQ(counters().requests, 0U);

    peer->reply(2, "two");
    peer->reply(1, "one");
    settle();

    EXPECT_TRUE(activity->snapshot().in_flight.empty());
    EXPECT_EQ(counters().requests, 2U);
    EXPECT_EQ(counters().succeeded, 2U);
    EXPECT_EQ(activity->snapshot().facades, (std::map<std::string, int>{{"Test", 1}}));
}

TEST_F(ActivityTest, CountsTheBytesOfMessages)
{
    start_watched();
    call();
    settle();
    const std::string reply = R"({"request-id":1,"response":{"value":"x"}})";
    peer->send(reply);
    settle();

    const std::string request = R"({"request-id":1,"type":"Test","version":1,"request":"Ask","params":{}})";
    EXPECT_EQ(counters().bytes_sent, request.size());
    EXPECT_EQ(counters().bytes_received, reply.size());
    ASSERT_EQ(recorder->ends.size(), 1U);
    EXPECT_EQ(recorder->ends[0].bytes_sent(), request.size());
    EXPECT_EQ(recorder->ends[0].bytes_received(), reply.size());
}

TEST_F(ActivityTest, SendsTracesOnceTheyAreTaken)
{
    recorder->trace = juju::TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 7);
    start_watched();
    call();
    settle();
    session->send_traces();
    call();
    settle();

    EXPECT_EQ(peer->message(0), R"({"request-id":1,"type":"Test","version":1,"request":"Ask","params":{}})");
    EXPECT_EQ(peer->message(1), R"({"request-id":2,"type":"Test","version":1,"request":"Ask","params":{},)"
                                R"("trace-id":"0af7651916cd43dd8448eb211c80319c","span-id":"b7ad6b7169203331","trace-flags":7})");
}

TEST_F(ActivityTest, TellsWhatWasNeverSent)
{
    start_watched();
    peer->hold_writes();
    call();
    settle();
    const auto waiting = call();
    settle();

    cancel(waiting);
    settle();

    ASSERT_EQ(recorder->ends.size(), 1U);
    EXPECT_EQ(recorder->ends[0].outcome(), RequestOutcome::not_sent);
    EXPECT_EQ(recorder->ends[0].error(), errc::canceled);
    EXPECT_EQ(recorder->ends[0].bytes_sent(), 0U);
    EXPECT_EQ(counters().not_sent, 1U);
    EXPECT_EQ(counters().canceled, 1U);
    EXPECT_EQ(activity->snapshot().in_flight.size(), 1U);
}

TEST_F(ActivityTest, CountsTimeoutsAndLateReplies)
{
    start_watched();
    const auto hasty = call(1ms);
    wait_until([&] { return hasty->ended != 0; });
    peer->reply(1, "too late");
    settle();

    EXPECT_EQ(counters().timed_out, 1U);
    EXPECT_EQ(counters().unknown, 1U);
    EXPECT_EQ(counters().late_replies, 1U);
    ASSERT_EQ(recorder->ends.size(), 1U);
    EXPECT_EQ(recorder->ends[0].outcome(), RequestOutcome::unknown);
    EXPECT_EQ(recorder->ends[0].error(), errc::timed_out);
    EXPECT_EQ(activity->snapshot().errors, (std::map<std::string, std::uint64_t>{{"timed out", 1}}));
}

TEST_F(ActivityTest, TellsWhatALossEnds)
{
    start_watched();
    call();
    settle();

    peer->fail_read(support::connection_lost("gone"));
    settle();

    ASSERT_EQ(recorder->ends.size(), 1U);
    EXPECT_EQ(recorder->ends[0].outcome(), RequestOutcome::unknown);
    EXPECT_EQ(recorder->ends[0].error(), errc::connection_lost);
    EXPECT_EQ(counters().unknown, 1U);
    EXPECT_TRUE(activity->snapshot().in_flight.empty());
}

TEST_F(ActivityTest, TellsARefusedItemAndARefusedRequest)
{
    start_watched();
    for (int i = 0; i < 4; ++i)
        call();
    settle();
    peer->send(R"({"request-id":1,"response":{"results":[{},{"result":"x","error":{"message":"m","code":"already exists"}},)"
               R"({"error":{"message":"m","code":"not found"}}]}})");
    peer->send(R"({"request-id":2,"error":"m","error-code":"unauthorized access","response":{}})");
    peer->send(R"({"request-id":3,"response":{"results":[{"value":{"error":{"message":"m"}},"error":null}],"text":"\"error\""}})");
    peer->send(R"({"request-id":4,"response":{"results":[{"\u0065rror":{"message":"m","code":"not valid"}}]}})");
    settle();

    ASSERT_EQ(recorder->ends.size(), 4U);
    EXPECT_EQ(recorder->ends[0].outcome(), RequestOutcome::rejected);
    EXPECT_EQ(recorder->ends[0].error(), errc::already_exists);
    EXPECT_EQ(recorder->ends[1].outcome(), RequestOutcome::rejected);
    EXPECT_EQ(recorder->ends[1].error(), errc::permission_denied);
    EXPECT_EQ(recorder->ends[2].outcome(), RequestOutcome::succeeded) << "the error of a value refuses nothing";
    EXPECT_FALSE(recorder->ends[2].error());
    EXPECT_EQ(recorder->ends[3].error(), errc::not_valid) << "a name may be written with escapes";
    EXPECT_EQ(counters().rejected, 3U);
    EXPECT_EQ(counters().succeeded, 1U);
}

TEST_F(ActivityTest, MeasuresPings)
{
    start_watched(1ms);
    const auto ping = R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping","params":{}})";
    wait_until([&] { return peer->message_count() == 1; });
    EXPECT_EQ(peer->message(0), ping);
    EXPECT_EQ(activity->snapshot().pings.answered, 0U);

    peer->send(R"({"request-id":1,"response":{}})");
    settle();

    const auto pings = activity->snapshot().pings;
    EXPECT_GE(pings.answered, 1U);
    EXPECT_GT(pings.last, 0ns);
    EXPECT_LE(pings.shortest, pings.last);
    EXPECT_GE(pings.longest, pings.last);
}

TEST_F(ActivityTest, RemembersTheLastTenErrors)
{
    start_watched();
    for (int i = 0; i < 12; ++i) {
        call();
        settle();
        const std::string code = i == 11 ? "not found" : "already exists";
        peer->send(R"({"request-id":)" + std::to_string(i + 1) + R"(,"error":"SERVER-TEXT","error-code":")" + code + R"(","response":{}})");
        settle();
    }

    const auto snapshot = activity->snapshot();
    ASSERT_EQ(snapshot.last_errors.size(), 10U);
    EXPECT_EQ(snapshot.last_errors[0].error, "not found");
    EXPECT_EQ(snapshot.last_errors[0].request, "Test.Ask");
    EXPECT_EQ(snapshot.last_errors[1].error, "already exists");
    EXPECT_EQ(snapshot.errors, (std::map<std::string, std::uint64_t>{{"already exists", 11}, {"not found", 1}}));
}
