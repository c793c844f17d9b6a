// A connection that is lost, and made again by the next call.

#include "support/client.hpp"

#include <juju/connection_state.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;
using States = std::vector<std::string>;

class ReconnectTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    ReconnectTest() : Client(MockOptions().profile(GetParam()).user("bob", "hunter2", MockAccess::admin)) { connect_with(options()); }

    ConnectOptions options() const { return mock.connect_options(); }

    void connect_with(ConnectOptions how)
    {
        how.on_state_change([this](ConnectionState state) { states.emplace_back(to_string(state)); });
        run(model.connect(std::move(how)));
    }

    /// Ends the connection and waits until the client knows.
    void lose()
    {
        mock.drop_connections();
        run_until([&] { return !model.is_connected(); });
    }

    void run_until(const std::function<bool()>& done)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        context.restart();
        while (!done() && context.run_one_until(limit) != 0) {
        }
        context.restart();
        ASSERT_TRUE(done());
    }

    std::size_t count(std::string_view method) const
    {
        const auto all = sent();
        const auto name = "\"request\":\"" + std::string(method) + '"';
        return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& text) { return text.find(name) != std::string::npos; }));
    }

    States states;
};

INSTANTIATE_TEST_SUITE_P(Profiles, ReconnectTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ReconnectTest, TheNextCallConnectsAgain)
{
    lose();

    const auto uri = run(model.add_secret("db", {"password=one"}));

    EXPECT_EQ(run(model.get_secret(uri)).name(), "db");
    EXPECT_EQ(mock.total_connections(), 2U);
    EXPECT_TRUE(model.is_connected());
    run(model.disconnect());
    run_until([&] { return states.size() == 5; });
    EXPECT_EQ(states, (States{"connected", "lost", "reconnecting", "connected", "closed"}));
}

TEST_P(ReconnectTest, OneAttemptIsSharedByAllWhoWait)
{
    lose();
    std::size_t succeeded = 0;
    constexpr std::size_t callers = 16;
    for (std::size_t i = 0; i < callers; ++i) {
        boost::asio::co_spawn(context, model.list_secrets(), [&](std::exception_ptr error, const std::vector<Secret>&) {
            EXPECT_FALSE(error);
            ++succeeded;
        });
    }
    run_until([&] { return succeeded == callers; });

    EXPECT_EQ(mock.total_connections(), 2U);
    EXPECT_EQ(count("ListSecrets"), callers);
}

TEST_P(ReconnectTest, WhatOnlyReadsIsSentAgainOnce)
{
    run(model.add_secret("db", {"password=one"}));
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));

    EXPECT_EQ(run(model.list_secrets()).size(), 1U);
    EXPECT_EQ(count("ListSecrets"), 2U);

    mock.clear_transcript();
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets").nth(2));
    const Error error = error_of(model.list_secrets());
    EXPECT_EQ(error.code(), errc::connection_lost) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_EQ(count("ListSecrets"), 2U);
}

TEST_P(ReconnectTest, WhatChangesAnythingIsNeverSentAgain)
{
    const auto db = run(model.add_secret("db", {"password=one"}));
    mock.add_application("ubuntu");
    std::vector<std::pair<std::string, std::function<boost::asio::awaitable<void>()>>> calls;
    calls.emplace_back("CreateSecrets", [&]() -> boost::asio::awaitable<void> { co_await model.add_secret("other", {"key=value"}); });
    calls.emplace_back("UpdateSecrets", [&] { return model.update_secret(db, SecretUpdate().info("new")); });
    calls.emplace_back("GrantSecret", [&] { return model.grant_secret(db, "ubuntu"); });
    calls.emplace_back("RevokeSecret", [&] { return model.revoke_secret(db, "ubuntu"); });
    calls.emplace_back("RemoveSecrets", [&] { return model.remove_secret(db); });
    calls.emplace_back("ListSecrets", [&]() -> boost::asio::awaitable<void> {
        co_await model.call("Secrets", 2, "ListSecrets", R"({"show-secrets":false,"filter":{}})");
    });
    for (const auto& [method, call] : calls) {
        mock.clear_transcript();
        mock.add_fault(MockFault(MockFaultKind::reset).method(method));

        const Error error = error_of(call());

        EXPECT_EQ(error.code(), errc::connection_lost) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::unknown) << method;
        EXPECT_EQ(count(method), 1U);
    }
    EXPECT_EQ(run(model.list_secrets()).size(), 1U) << "what is read of the connection after the loss";
}

TEST_P(ReconnectTest, IsLeftToTheCallerOnDemand)
{
    connect_with(options().reconnect(false));
    mock.clear_transcript();
    lose();

    const Error error = error_of(model.list_secrets());

    EXPECT_EQ(error.code(), errc::not_connected);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_NE(std::string(error.what()).find("not connected any more; call connect again: "), std::string::npos) << error.what();
    EXPECT_TRUE(mock.transcript().empty());
    connect_with(options().reconnect(false));
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));
    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::connection_lost);
}

TEST_P(ReconnectTest, SaysWhyItFailed)
{
    mock.stop_node(0);
    run_until([&] { return !model.is_connected(); });

    const Error error = error_of(model.add_secret("db", {"password=MARKER"}));

    EXPECT_EQ(error.code(), boost::asio::error::connection_refused) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_FALSE(error.connection_usable());
    EXPECT_NE(std::string(error.what()).find("Connection refused; the connection was lost before: "), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("MARKER"), std::string::npos);
    run_until([&] { return states.size() == 4; });
    EXPECT_EQ(states, (States{"connected", "lost", "reconnecting", "lost"}));

    mock.start_node(0);
    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(ReconnectTest, ARefusedLoginIsTold)
{
    lose();
    mock.set_password("admin", "another");

    const Error error = error_of(model.list_secrets());

    EXPECT_EQ(error.code(), errc::login_failed) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
}

TEST_P(ReconnectTest, EachWaitsNoLongerThanItsOwnLimit)
{
    connect_with(options().call_timeout(200ms));
    mock.black_hole_node(0);
    lose();

    const Error late = error_of(model.list_secrets());
    EXPECT_EQ(late.code(), errc::timed_out) << late.what();
    EXPECT_EQ(late.outcome(), Outcome::not_sent);

    const Error own = error_of(juju::with_timeout(20ms, model.add_secret("db", {"key=value"})));
    EXPECT_EQ(own.code(), errc::timed_out) << own.what();
    EXPECT_EQ(own.outcome(), Outcome::not_sent);

    boost::asio::cancellation_signal cancel;
    std::optional<Error> cancelled;
    boost::asio::co_spawn(context, model.remove_secret("db"),
                          boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) {
                              try {
                                  std::rethrow_exception(error);
                              } catch (const Error& caught) {
                                  cancelled = caught;
                              }
                          }));
    context.restart();
    context.poll();
    cancel.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return cancelled.has_value(); });
    EXPECT_EQ(cancelled->code(), errc::canceled) << cancelled->what();
    EXPECT_EQ(cancelled->outcome(), Outcome::not_sent);
}

TEST_P(ReconnectTest, DisconnectEndsTheAttempt)
{
    mock.black_hole_node(0);
    lose();
    std::optional<Error> ended;
    boost::asio::co_spawn(context, model.remove_secret("db"), [&](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const Error& caught) {
            ended = caught;
        }
    });
    context.restart();
    context.poll();

    run(model.disconnect());

    run_until([&] { return ended.has_value(); });
    EXPECT_EQ(ended->code(), errc::connection_lost) << ended->what();
    EXPECT_EQ(ended->outcome(), Outcome::not_sent);
    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::not_connected);
    EXPECT_EQ(states.back(), "closed");
}

TEST_P(ReconnectTest, NothingIsConnectedAfterADisconnectAtAnyStep)
{
    for (int steps = 0; steps < 60; ++steps) {
        SCOPED_TRACE(steps);
        connect_with(options());
        lose();
        bool is_done = false;
        boost::asio::co_spawn(context, model.list_secrets(), [&](std::exception_ptr, const std::vector<Secret>&) { is_done = true; });
        context.restart();
        for (int i = 0; i < steps && !is_done; ++i)
            context.run_one_for(10ms);
        context.restart();

        run(model.disconnect());

        run_until([&] { return is_done; });
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (mock.connections() != 0 && std::chrono::steady_clock::now() < limit) {
            context.run_for(1ms);
            context.restart();
        }
        EXPECT_EQ(mock.connections(), 0U);
        EXPECT_FALSE(model.is_connected());
        EXPECT_EQ(error_of(model.list_secrets()).code(), errc::not_connected);
    }
}

TEST_P(ReconnectTest, AModelMayBeDestroyedMeanwhile)
{
    auto other = std::make_unique<Model>(context.get_executor());
    run(other->connect(options()));
    mock.black_hole_node(0);
    mock.drop_connections();
    run_until([&] { return !other->is_connected(); });
    bool is_done = false;
    boost::asio::co_spawn(context, other->list_secrets(), [&](std::exception_ptr error, const std::vector<Secret>&) {
        EXPECT_TRUE(error);
        is_done = true;
    });
    context.restart();
    context.poll();

    other.reset();

    run_until([&] { return is_done; });
}

TEST_P(ReconnectTest, RenewedMacaroonsLogInAgain)
{
    std::size_t asked = 0;
    auto how = options().username("bob").password("");
    how.ask_password([&](const std::string&) {
        ++asked;
        return SecretValue("hunter2");
    });
    connect_with(how);
    lose();

    EXPECT_TRUE(run(model.list_secrets()).empty());
    EXPECT_EQ(asked, 1U);

    mock.expire_macaroons();
    lose();
    EXPECT_TRUE(run(model.list_secrets()).empty());
    EXPECT_EQ(asked, 2U);
}

TEST_P(ReconnectTest, WhatALoginsCallbackThrowsIsTheErrorOfTheCall)
{
    bool throws = false;
    bool throws_a_number = false;
    auto how = options().username("bob").password("");
    how.ask_password([&](const std::string&) {
        if (throws_a_number)
            throw 42;
        if (throws)
            throw std::runtime_error("nobody\nis there");
        return SecretValue("hunter2");
    });
    connect_with(how);
    mock.expire_macaroons();
    throws = true;
    lose();

    const Error named = error_of(model.list_secrets());
    EXPECT_EQ(named.code(), errc::connect_failed);
    EXPECT_EQ(named.outcome(), Outcome::not_sent);
    EXPECT_NE(std::string(named.what()).find("an exception was thrown while connecting: nobody\\x0ais there"), std::string::npos)
        << named.what();

    throws_a_number = true;
    const Error nameless = error_of(model.list_secrets());
    EXPECT_EQ(nameless.code(), errc::connect_failed) << nameless.what();
}

TEST_P(ReconnectTest, WhatACallbackThrowsEndsNothing)
{
    auto how = options();
    std::size_t told = 0;
    how.on_state_change([&](ConnectionState) {
        ++told;
        throw std::runtime_error("a bug");
    });
    run(model.connect(how));
    lose();

    EXPECT_TRUE(run(model.list_secrets()).empty());
    run_until([&] { return told == 4; }); // connected, lost, reconnecting, connected
}

} // namespace
} // namespace juju
