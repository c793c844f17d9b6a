// What a call ends with when the connection or the reply goes wrong, and what the controller's state is then.

#include "support/client.hpp"

#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

class FaultsTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    FaultsTest() : Client(MockOptions().profile(GetParam())) { connect(); }

    Error add_error() { return error_of(model.add_secret("my-apitoken", {"token=MARKER"})); }
};

INSTANTIATE_TEST_SUITE_P(Profiles, FaultsTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(FaultsTest, ALostReplyLeavesTheOutcomeUnknown)
{
    for (const auto kind : {MockFaultKind::reset, MockFaultKind::close, MockFaultKind::tls_goodbye, MockFaultKind::websocket_close,
                            MockFaultKind::half_close}) {
        mock.add_fault(MockFault(kind).method("CreateSecrets").after_applying());

        const Error error = add_error();

        EXPECT_EQ(error.code(), errc::connection_lost) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::unknown);
        EXPECT_FALSE(error.connection_usable());
        EXPECT_EQ(error.request(), "Secrets.CreateSecrets");
        EXPECT_EQ(mock.secrets().size(), 1U) << "never sent twice";
        EXPECT_FALSE(model.is_connected());
        run(model.remove_secret("my-apitoken"));
    }
}

TEST_P(FaultsTest, ALateReplyIsATimeoutThatLeavesTheConnectionUsable)
{
    auto options = mock.connect_options();
    options.call_timeout(500ms);
    run(model.connect(options));
    mock.add_fault(MockFault(MockFaultKind::delay).method("CreateSecrets").delay(1s));

    const Error error = add_error();

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_TRUE(model.is_connected());
    EXPECT_EQ(mock.secrets().size(), 1U);
}

TEST_P(FaultsTest, WithTimeoutBoundsOneCall)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));

    const Error error = error_of(juju::with_timeout(100ms, model.list_secrets()));

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_TRUE(run(juju::with_timeout(10s, model.list_secrets())).empty());
}

TEST_P(FaultsTest, ARefusedRequestIsRejected)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("CreateSecrets").text("line one\nline two").code("quota limit exceeded"));

    const Error error = add_error();

    EXPECT_EQ(error.code(), errc::server_error);
    EXPECT_EQ(error.server_code(), "quota limit exceeded");
    EXPECT_EQ(error.server_message(), "line one\nline two");
    EXPECT_STREQ(error.what(), "Secrets.CreateSecrets: line one\\x0aline two (quota limit exceeded)");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
}

TEST_P(FaultsTest, AReplyThatIsNoJsonEndsTheConnection)
{
    mock.add_fault(MockFault(MockFaultKind::garbage).method("CreateSecrets"));

    const Error error = add_error();

    EXPECT_EQ(error.code(), errc::malformed_reply) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_FALSE(error.connection_usable());
}

TEST_P(FaultsTest, AReplyOfTheWrongShapeIsMalformed)
{
    for (const auto* reply : {R"({"request-id":$ID,"response":{}})", R"({"request-id":$ID})", R"({"request-id":$ID,"response":[]})",
                              R"({"request-id":$ID,"response":{"results":{}}})", R"({"request-id":$ID,"response":{"results":[]}})",
                              R"({"request-id":$ID,"response":{"results":[{"result":"my-secret"}]}})",
                              R"({"request-id":$ID,"response":{"results":[{"result":5}]}})",
                              R"({"request-id":$ID,"response":{"results":[{"result":"secret:9m4e2mr0ui3e8a215n4g"},{}]}})"}) {
        mock.add_fault(MockFault(MockFaultKind::reply).method("CreateSecrets").text(reply));

        const Error error = error_of(model.add_secret("", {"token=MARKER"}));

        EXPECT_EQ(error.code(), errc::malformed_reply) << reply;
        EXPECT_EQ(error.outcome(), Outcome::unknown) << reply;
        EXPECT_TRUE(error.connection_usable()) << reply;
        EXPECT_EQ(error.request(), "Secrets.CreateSecrets");
    }
}

TEST_P(FaultsTest, ATooLargeMessageNamesSizeLimitAndOption)
{
    auto options = mock.connect_options();
    options.max_message_size(100'000);
    run(model.connect(options));
    mock.add_fault(MockFault(MockFaultKind::oversize).method("ListSecrets").number(2'000'000));

    const Error error = error_of(model.list_secrets());

    EXPECT_EQ(error.code(), errc::message_too_large);
    const std::string text = error.what();
    EXPECT_NE(text.find("the limit is 100000 bytes (ConnectOptions::max_message_size)"), std::string::npos) << text;
    EXPECT_NE(text.find("2000"), std::string::npos) << text;
    EXPECT_FALSE(error.connection_usable());
    connect();
    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(FaultsTest, AcceptsALargeFragmentedReply)
{
    mock.add_fault(MockFault(MockFaultKind::oversize).method("ListSecrets").number(20'000'000));

    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(FaultsTest, DropsDuplicatesAndMatchesReorderedReplies)
{
    mock.add_fault(MockFault(MockFaultKind::duplicate).method("CreateSecrets"));
    run(model.add_secret("one", {"key=1"}));
    run(model.add_secret("two", {"key=2"}));

    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets").nth(1));
    std::vector<Secret> first;
    std::vector<Secret> second;
    bool first_done = false;
    boost::asio::co_spawn(context, model.list_secrets(SecretFilter().name("one")), [&](std::exception_ptr error, std::vector<Secret> r) {
        EXPECT_FALSE(error);
        first = std::move(r);
        first_done = true;
    });
    second = run(model.list_secrets(SecretFilter().name("two")));
    while (!first_done)
        context.run_one_for(10s);

    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].name(), "one");
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].name(), "two");
}

TEST_P(FaultsTest, AReplyToARequestNeverMadeEndsTheConnection)
{
    mock.add_fault(MockFault(MockFaultKind::unknown_id).method("ListSecrets"));

    const Error error = error_of(model.list_secrets());

    EXPECT_EQ(error.code(), errc::malformed_reply);
    EXPECT_FALSE(model.is_connected());
}

TEST_P(FaultsTest, EverythingPendingFailsWhenTheConnectionGoes)
{
    run(model.connect(mock.connect_options().reconnect(false)));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets").always());
    const auto before = mock.total_requests();
    constexpr std::size_t calls = 20;
    std::vector<errc> ends;
    for (std::size_t i = 0; i < calls; ++i) {
        boost::asio::co_spawn(context, model.list_secrets(), [&](std::exception_ptr failure, const std::vector<Secret>&) {
            try {
                std::rethrow_exception(failure);
            } catch (const Error& error) {
                ends.push_back(static_cast<errc>(error.code().value()));
            }
        });
    }
    while (mock.total_requests() < before + calls)
        context.run_one_for(10ms);

    mock.drop_connections();
    while (ends.size() < calls)
        context.run_one_for(10s);

    EXPECT_EQ(ends, std::vector<errc>(calls, errc::connection_lost));
}

TEST_P(FaultsTest, DisconnectEndsAgainstAControllerThatDoesNotAnswer)
{
    mock.add_fault(MockFault(MockFaultKind::stall).method("ListSecrets"));
    EXPECT_EQ(error_of(juju::with_timeout(50ms, model.list_secrets())).code(), errc::timed_out);

    run(model.disconnect());

    EXPECT_FALSE(model.is_connected());
}

TEST_P(FaultsTest, ConnectDoesNotWaitForAControllerThatDoesNotSayGoodbye)
{
    mock.add_fault(MockFault(MockFaultKind::stall).method("ListSecrets"));
    EXPECT_EQ(error_of(juju::with_timeout(50ms, model.list_secrets())).code(), errc::timed_out);

    run(juju::with_timeout(8s, model.connect(mock.connect_options().connect_timeout(4s)))); // a goodbye has 10 s elsewhere

    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(FaultsTest, AProtocolErrorAndAGoodbyeAreTold)
{
    run(model.connect(mock.connect_options().reconnect(false)));
    mock.add_fault(MockFault(MockFaultKind::masked).method("ListSecrets"));
    EXPECT_STREQ(error_of(model.list_secrets()).what(),
                 "Secrets.ListSecrets: the connection to the controller was lost: the controller does not follow the WebSocket protocol "
                 "(The WebSocket frame was masked)");

    run(model.connect(mock.connect_options().reconnect(false)));
    mock.add_fault(MockFault(MockFaultKind::close_frame).method("ListSecrets").number(1011).text("out of\ndisk"));
    EXPECT_STREQ(error_of(model.list_secrets()).what(),
                 "Secrets.ListSecrets: the connection to the controller was lost: the controller closed it (1011: out of\\x0adisk)");
}

TEST_P(FaultsTest, WhatIsNoControllerIsTold)
{
    const auto told = [&](const char* spec) {
        mock.add_fault(MockFault::parse(spec));
        const std::string text = error_of(model.connect(mock.connect_options())).what();
        return text.substr(text.find(" failed: "));
    };
    EXPECT_EQ(told("garbage,at=tls"), " failed: wrong version number (SSL routines): the other side does not speak TLS");
    EXPECT_EQ(told("close,at=tls"), " failed: stream truncated: the other side ended the connection");
    EXPECT_EQ(told("garbage,at=upgrade"), " failed: malformed reply: the answer is not HTTP: bad version");
    EXPECT_EQ(told("tls-goodbye,at=upgrade"), " failed: connection lost: the other side ended the connection");
}

TEST_P(FaultsTest, ALoginReplyOfTheWrongShapeNamesTheLogin)
{
    mock.add_fault(MockFault(MockFaultKind::wrong_type).at(MockPhase::login).text("response"));

    const Error error = error_of(model.connect(mock.connect_options()));

    EXPECT_EQ(error.code(), errc::malformed_reply);
    EXPECT_STREQ(error.what(), "Admin.Login: malformed reply from the controller: response is not an object");
    EXPECT_EQ(error.request(), "Admin.Login");
    EXPECT_FALSE(error.connection_usable());
}

TEST_P(FaultsTest, ADestroyedModelEndsItsCalls)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    bool failed = false;
    {
        Model temporary(context.get_executor());
        run(temporary.connect(mock.connect_options()));
        boost::asio::co_spawn(context, temporary.list_secrets(),
                              [&](std::exception_ptr error, const std::vector<Secret>&) { failed = error != nullptr; });
        while (mock.total_requests() < 3)
            context.run_one_for(10ms);
    }
    for (int i = 0; i < 1000 && !failed; ++i)
        context.run_one_for(10ms);

    EXPECT_TRUE(failed);
}

TEST_P(FaultsTest, AThousandCallsFromFourThreadsAreAllAnsweredRight)
{
    constexpr int calls = 1000;
    boost::asio::thread_pool pool(4);
    Model shared(pool.get_executor());
    boost::asio::co_spawn(pool, shared.connect(mock.connect_options()), boost::asio::use_future).get();
    for (int i = 0; i < 10; ++i) {
        SecretContent content;
        content.set("number", std::to_string(i));
        boost::asio::co_spawn(pool, shared.add_secret("secret-" + std::to_string(i), content), boost::asio::use_future).get();
    }

    std::atomic<int> right = 0;
    std::vector<std::future<Secret>> answers;
    answers.reserve(calls);
    for (int i = 0; i < calls; ++i)
        answers.push_back(boost::asio::co_spawn(pool, shared.reveal_secret("secret-" + std::to_string(i % 10)), boost::asio::use_future));
    for (int i = 0; i < calls; ++i) {
        const auto secret = answers[static_cast<std::size_t>(i)].get();
        if (secret.content().at("number").text() == std::to_string(i % 10))
            ++right;
    }

    EXPECT_EQ(right, calls);
    boost::asio::co_spawn(pool, shared.disconnect(), boost::asio::use_future).get();
    pool.join();
}

} // namespace
} // namespace juju
