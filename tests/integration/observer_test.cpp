// What a RequestObserver is told, and the traces that it gives to requests.

#include "support/client.hpp"

#include <juju/request_observer.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;
using Lines = std::vector<std::string>;

constexpr const char* trace_id = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* span_id = "b7ad6b7169203331";

/// Writes down what it is told: "start KEY FACADE VERSION METHOD ID", with " again" for a repeat, and "end KEY OUTCOME", with the error.
class Recorder : public RequestObserver {
public:
    TraceContext start(const ObservedRequest& request) override
    {
        if (first_key == 0)
            first_key = request.key();
        lines.push_back("start " + std::to_string(request.key() - first_key) + ' ' + request.facade() + ' ' +
                        std::to_string(request.version()) + ' ' + request.method() + ' ' + std::to_string(request.request_id()) +
                        (request.is_repeat() ? " again" : ""));
        if (throws)
            throw std::runtime_error("a bug\nof the observer");
        if (const auto once = std::exchange(on_start, nullptr))
            once();
        return trace;
    }

    void end(const ObservedRequest& request, const RequestEnd& end) override
    {
        const auto error = end.error() ? ": " + end.error().message() : std::string();
        lines.push_back("end " + std::to_string(request.key() - first_key) + ' ' + std::string(to_string(end.outcome())) + error);
        ends.push_back(end);
        if (throws)
            throw 42;
    }

    TraceContext trace;
    bool throws = false;
    std::function<void()> on_start; ///< for the next request
    std::uint64_t first_key = 0;
    Lines lines;
    std::vector<RequestEnd> ends;
};

class ObserverTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    ObserverTest() : Client(MockOptions().profile(GetParam())) {}

    ConnectOptions options() const { return mock.connect_options().request_observer(recorder); }

    /// Connects, and forgets what was told of that.
    void connect_with(ConnectOptions how)
    {
        run(model.connect(std::move(how)));
        recorder->lines.clear();
        recorder->ends.clear();
    }

    bool is_traced() const { return GetParam() == MockProfile::juju_4_0; }

    std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
};

INSTANTIATE_TEST_SUITE_P(Profiles, ObserverTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ObserverTest, IsToldOfEveryRequestFromTheLoginOn)
{
    run(model.connect(options()));
    run(model.add_secret("db", {"password=one"}));
    run(model.list_secrets());
    run(model.call("Pinger", 1, "Ping", "{}"));

    EXPECT_EQ(recorder->lines, (Lines{"start 0 Admin 3 Login 1", "end 0 succeeded", "start 1 Secrets 2 CreateSecrets 2", "end 1 succeeded",
                                      "start 2 Secrets 2 ListSecrets 3", "end 2 succeeded", "start 3 Pinger 1 Ping 4", "end 3 succeeded"}));
}

TEST_P(ObserverTest, IsToldTheSizesOfMessages)
{
    run(model.connect(options()));
    run(model.add_secret("db", {"password=one"}));

    const auto messages = mock.transcript();
    ASSERT_EQ(messages.size(), 4U);
    ASSERT_EQ(recorder->ends.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(recorder->ends[i].bytes_sent(), messages[2 * i].text.size());
        EXPECT_EQ(recorder->ends[i].bytes_received(), messages[2 * i + 1].text.size() + 1) << "a newline follows each reply";
        EXPECT_GT(recorder->ends[i].duration(), 0ns);
    }
}

TEST_P(ObserverTest, GivesTracesToJuju4)
{
    recorder->trace = TraceContext(trace_id, span_id, 1);
    connect_with(options());

    run(model.list_secrets());

    const std::string request = R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets",)"
                                R"("params":{"show-secrets":false,"filter":{}})";
    const std::string trace = R"(,"trace-id":"0af7651916cd43dd8448eb211c80319c","span-id":"b7ad6b7169203331","trace-flags":1)";
    EXPECT_EQ(sent(), (Lines{request + (is_traced() ? trace : "") + '}'}));
    const auto messages = mock.transcript();
    EXPECT_EQ(messages.front().text.find("trace-id"), std::string::npos) << "the login does not know yet which Juju it is";
    EXPECT_EQ(messages.back().text.find(trace_id) != std::string::npos, is_traced()) << messages.back().text;
}

TEST_P(ObserverTest, LeavesOutFlagsThatAreZeroAndTracesThatAreNone)
{
    recorder->trace = TraceContext(trace_id, span_id, 0);
    connect_with(options());
    run(model.call("Pinger", 1, "Ping", "{}"));
    recorder->trace = TraceContext();
    run(model.call("Pinger", 1, "Ping", "{}"));

    const std::string trace = R"(,"trace-id":"0af7651916cd43dd8448eb211c80319c","span-id":"b7ad6b7169203331")";
    EXPECT_EQ(sent(),
              (Lines{R"({"request-id":2,"type":"Pinger","version":1,"request":"Ping","params":{})" + (is_traced() ? trace : "") + '}',
                     R"({"request-id":3,"type":"Pinger","version":1,"request":"Ping","params":{}})"}));
}

TEST_P(ObserverTest, TracesStayInTheLimitOfRequests)
{
    recorder->trace = TraceContext(trace_id, span_id, 255);
    connect_with(options().max_request_size(1024));
    std::vector<SecretDraft> drafts;
    for (int i = 0; i < 40; ++i)
        drafts.emplace_back("secret-" + std::to_string(i), SecretContent("key=" + std::string(static_cast<std::size_t>(i) * 7, 'x') + '.'));

    const auto outcomes = run(model.secrets_manager().create(drafts));

    EXPECT_TRUE(outcomes.ok());
    std::size_t largest = 0;
    for (const auto& text : sent())
        largest = std::max(largest, text.size());
    EXPECT_LE(largest, 1024U);
    EXPECT_GT(largest, 800U) << "it proves nothing else";
}

TEST_P(ObserverTest, IsToldOfRefusedItems)
{
    connect_with(options());
    run(model.add_secret("db", {"password=one"}));

    EXPECT_EQ(error_of(model.add_secret("db", {"password=two"})).code(), errc::already_exists);

    EXPECT_EQ(recorder->lines, (Lines{"start 1 Secrets 2 CreateSecrets 2", "end 1 succeeded", "start 2 Secrets 2 CreateSecrets 3",
                                      "end 2 rejected: already exists"}));
    EXPECT_EQ(recorder->ends.back().error(), errc::already_exists);
}

TEST_P(ObserverTest, IsToldOfARefusalInTheResponse)
{
    connect_with(options());

    EXPECT_EQ(error_of(model.set_secret_backend("nosuch")).code(), errc::not_found);

    const std::string method = is_traced() ? "SetModelSecretBackend" : "ModelSet";
    EXPECT_EQ(recorder->lines.back(), "end 1 rejected: not found") << "4.0 tells it in the response's own error";
    EXPECT_NE(recorder->lines.front().find(method), std::string::npos);
}

TEST_P(ObserverTest, IsToldOfARefusedRequest)
{
    connect_with(options());
    mock.add_fault(MockFault(MockFaultKind::error).code("unauthorized access").text("permission denied"));

    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::permission_denied);

    EXPECT_EQ(recorder->lines, (Lines{"start 1 Secrets 2 ListSecrets 2", "end 1 rejected: permission denied"}));
}

TEST_P(ObserverTest, IsToldOfATimeout)
{
    connect_with(options().call_timeout(50ms));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("CreateSecrets"));

    EXPECT_EQ(error_of(model.add_secret("db", {"password=one"})).code(), errc::timed_out);

    EXPECT_EQ(recorder->lines, (Lines{"start 1 Secrets 2 CreateSecrets 2", "end 1 unknown: timed out"}));
    EXPECT_GT(recorder->ends.back().bytes_sent(), 0U);
    EXPECT_EQ(recorder->ends.back().bytes_received(), 0U);
    EXPECT_GE(recorder->ends.back().duration(), 50ms);
}

TEST_P(ObserverTest, IsToldOfACancellation)
{
    connect_with(options());
    mock.add_fault(MockFault(MockFaultKind::withhold).method("CreateSecrets"));

    const Error error = error_of(juju::with_timeout(50ms, model.add_secret("db", {"password=one"})));

    EXPECT_EQ(error.code(), errc::timed_out) << "with_timeout cancels";
    EXPECT_EQ(recorder->lines, (Lines{"start 1 Secrets 2 CreateSecrets 2", "end 1 unknown: canceled"}));
}

TEST_P(ObserverTest, IsToldOfALossAndOfARepeat)
{
    connect_with(options());
    mock.add_fault(MockFault(MockFaultKind::reset).method("CreateSecrets"));
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));

    EXPECT_EQ(error_of(model.add_secret("db", {"password=one"})).code(), errc::connection_lost);
    EXPECT_TRUE(run(model.list_secrets()).empty());

    EXPECT_EQ(recorder->lines,
              (Lines{"start 1 Secrets 2 CreateSecrets 2", "end 1 unknown: connection lost", "start 2 Admin 3 Login 1", "end 2 succeeded",
                     "start 3 Secrets 2 ListSecrets 2", "end 3 unknown: connection lost", "start 4 Admin 3 Login 1", "end 4 succeeded",
                     "start 5 Secrets 2 ListSecrets 2 again", "end 5 succeeded"}));
}

TEST_P(ObserverTest, IsToldOfARefusedLoginAndOfNothingWhereNothingIsSent)
{
    EXPECT_EQ(error_of(model.connect(options().password("wrong"))).code(), errc::login_failed);
    EXPECT_EQ(recorder->lines, (Lines{"start 0 Admin 3 Login 1", "end 0 rejected: login failed"}));
    recorder->lines.clear();

    mock.stop_node(0);
    error_of(model.connect(options()));
    error_of(model.list_secrets());

    EXPECT_EQ(recorder->lines, Lines());
}

TEST_P(ObserverTest, WhatItThrowsChangesNothing)
{
    recorder->trace = TraceContext(trace_id, span_id);
    recorder->throws = true;
    run(model.connect(options()));

    EXPECT_TRUE(run(model.list_secrets()).empty());

    EXPECT_EQ(recorder->lines.size(), 4U);
    EXPECT_EQ(sent(), (Lines{R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets",)"
                             R"("params":{"show-secrets":false,"filter":{}}})"}));
}

TEST_P(ObserverTest, MayAskForDiagnosticsAndStartCalls)
{
    connect_with(options());
    std::string told;
    bool is_done = false;
    recorder->on_start = [&] {
        told = model.diagnostics();
        boost::asio::co_spawn(context, model.list_secrets(), [&](std::exception_ptr error, const std::vector<Secret>&) {
            EXPECT_FALSE(error);
            is_done = true;
        });
    };

    while (!is_done)
        run(model.list_secrets());
    EXPECT_NE(told.find(R"("request": "Secrets.ListSecrets")"), std::string::npos) << told;
}

TEST_P(ObserverTest, MayEndTheConnection)
{
    connect_with(options().reconnect(false));
    recorder->on_start = [&] { boost::asio::co_spawn(context, model.disconnect(), [](std::exception_ptr) {}); };

    const Error error = error_of(model.list_secrets());

    EXPECT_NE(error.code(), errc::timed_out) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(sent(), Lines());
}

} // namespace
} // namespace juju
