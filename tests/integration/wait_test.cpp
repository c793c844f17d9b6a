// Waiting until the controller has carried out what it was told, against both profiles.

#include "support/client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>

#include <future>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

constexpr auto db_uri = "secret:9m4e2mr0ui3e8a215n4g";
constexpr auto absent_uri = "secret:cvq3k8t0fr6s73c1l9ag";

class WaitTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    WaitTest()
        : Client(
              MockOptions().profile(GetParam()).state_yaml("next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90]\n").removal_delay(100ms))
    {
        connect();
    }

    static std::string list_request(int id, const std::string& filter)
    {
        return R"({"request-id":)" + std::to_string(id) +
               R"(,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":)" + filter + "}}";
    }

    void run_until_sent(std::size_t count)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (sent().size() < count && std::chrono::steady_clock::now() < limit)
            context.run_one_for(1ms);
        ASSERT_GE(sent().size(), count);
    }

    void finish(std::future<void>& call)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (call.wait_for(0s) != std::future_status::ready && std::chrono::steady_clock::now() < limit)
            context.run_one_for(1ms);
        ASSERT_EQ(call.wait_for(0s), std::future_status::ready);
        call.get();
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, WaitTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(WaitTest, ReturnsAtOnceWhereThereIsNoSuchSecret)
{
    run(model.wait_until_removed("nosuch"));
    run(model.wait_until_removed(absent_uri, 0ms));

    EXPECT_EQ(sent(), (std::vector<std::string>{list_request(2, R"({"label":"nosuch"})"),
                                                list_request(3, R"({"uri":"secret:cvq3k8t0fr6s73c1l9ag"})")}));
}

TEST_P(WaitTest, ReturnsWhenTheSecretIsGone)
{
    run(model.add_secret("db", {"key=1"}));
    run(model.remove_secret("db")); // 4.0 carries it out later

    run(model.wait_until_removed("db"));

    EXPECT_FALSE(mock.secret("db"));
}

TEST_P(WaitTest, FollowsTheSecretThatHadTheNameWhenItBegan)
{
    run(model.add_secret("db", {"key=1"}));
    auto waiting = boost::asio::co_spawn(context, model.wait_until_removed("db", 1h), boost::asio::use_future);
    run_until_sent(3);

    run(model.update_secret(db_uri, SecretUpdate().new_name("old-db")));
    run(model.add_secret("db", {"key=2"}));
    run(model.remove_secret("old-db"));
    finish(waiting);

    EXPECT_TRUE(mock.secret("db"));
    EXPECT_FALSE(mock.secret("old-db"));
    const auto texts = sent();
    EXPECT_EQ(texts.at(1), list_request(3, R"({"label":"db"})"));
    EXPECT_NE(texts.at(2).find(R"("filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"})"), std::string::npos) << texts.at(2);
}

TEST_P(WaitTest, PrefersTheUserSecretOfAName)
{
    run(model.add_secret("db", {"key=1"}));
    mock.add_charm_secret("application-mysql", "db", {{"key", "dmFsdWU="}});
    auto waiting = boost::asio::co_spawn(context, model.wait_until_removed("db", 1h), boost::asio::use_future);
    run_until_sent(2);

    run(model.remove_secret("db"));
    finish(waiting);

    EXPECT_EQ(mock.secrets().size(), 1U) << "the charm's is still there";
    EXPECT_EQ(error_of(model.wait_until_removed("db", 0ms)).code(), errc::timed_out) << "and is what the name means now";
}

TEST_P(WaitTest, DoesNotGuessAmongCharmSecrets)
{
    mock.add_charm_secret("application-mysql", "db", {{"key", "dmFsdWU="}});
    mock.add_charm_secret("application-gitlab", "db", {{"key", "dmFsdWU="}});

    EXPECT_EQ(error_of(model.wait_until_removed("db")).code(), errc::several_matches);
    EXPECT_EQ(error_of(model.wait_until_pruned("db")).code(), errc::several_matches);
}

TEST_P(WaitTest, ALimitOfNothingIsOneLook)
{
    run(model.add_secret("db", {"key=1"}));
    for (const auto limit : {0ms, -1ms, std::chrono::milliseconds::min()}) {
        const auto before = sent().size();

        const Error error = error_of(model.wait_until_removed("db", limit));

        EXPECT_EQ(error.code(), errc::timed_out);
        EXPECT_STREQ(error.what(), "secret \"db\" was not removed within 0 ms: it is still there");
        EXPECT_EQ(sent().size(), before + 1);
    }
}

// It looks after 0, 50, 150 and 350 ms, and then each time that half of what is left has passed: 10 times at most.
TEST_P(WaitTest, AWaitThatEndsInVainSaysSoAndThatNothingWasChanged)
{
    run(model.add_secret("db", {"key=1"}));
    const auto before = std::chrono::steady_clock::now();

    const Error error = error_of(model.wait_until_removed(db_uri, 1s));

    EXPECT_GE(std::chrono::steady_clock::now() - before, 1s);
    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_STREQ(error.what(), "secret \"secret:9m4e2mr0ui3e8a215n4g\" was not removed within 1000 ms: it is still there");
    EXPECT_EQ(error.request(), "Secrets.ListSecrets");
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_TRUE(mock.secret("db"));
    EXPECT_GE(sent().size(), 1 + 2U);
    EXPECT_LE(sent().size(), 1 + 10U);
}

TEST_P(WaitTest, ReturnsWhenOnlyTheLatestRevisionIsLeft)
{
    run(model.add_secret("db", {"key=1"}));
    run(model.wait_until_pruned("db", 0ms));
    run(model.update_secret("db", SecretUpdate().data({"key=2"})));
    run(model.update_secret("db", SecretUpdate().data({"key=3"}).auto_prune(true)));

    run(model.wait_until_pruned("db"));

    EXPECT_EQ(mock.secret("db")->revisions.size(), 1U);
    EXPECT_EQ(mock.secret("db")->revisions.front().number, 3);
}

TEST_P(WaitTest, NamesTheRevisionsThatAreLeft)
{
    run(model.add_secret("db", {"key=1"}));
    run(model.update_secret("db", SecretUpdate().data({"key=2"})));
    run(model.update_secret("db", SecretUpdate().data({"key=3"})));

    const Error error = error_of(model.wait_until_pruned("db", 0ms));

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_STREQ(error.what(), "secret \"db\" was not pruned within 0 ms: beside the latest, 3, there is still 1, 2");
}

TEST_P(WaitTest, WaitsForAUnitThatTracksARevision)
{
    mock.set_removal_delay(0ms);
    run(model.add_secret("db", {"key=1"}));
    run(model.update_secret("db", SecretUpdate().data({"key=2"})));
    mock.track_revision("9m4e2mr0ui3e8a215n4g", 2, "mysql/0");
    run(model.update_secret("db", SecretUpdate().data({"key=3"}).auto_prune(true)));

    const Error error = error_of(model.wait_until_pruned("db", 0ms));
    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_STREQ(error.what(), "secret \"db\" was not pruned within 0 ms: beside the latest, 3, there is still 2");

    auto waiting = boost::asio::co_spawn(context, model.wait_until_pruned("db", 1h), boost::asio::use_future);
    run_until_sent(sent().size() + 1);
    mock.track_revision("9m4e2mr0ui3e8a215n4g", 3, "mysql/0");
    finish(waiting);

    EXPECT_EQ(mock.secret("db")->revisions.size(), 1U);
}

TEST_P(WaitTest, ThereIsNothingToPruneInASecretThatIsNotThere)
{
    for (const auto* secret : {"nosuch", absent_uri}) {
        const Error error = error_of(model.wait_until_pruned(secret));

        EXPECT_EQ(error.code(), errc::not_found);
        EXPECT_STREQ(error.what(), ("secret \"" + std::string(secret) + "\" not found").c_str());
    }
}

TEST_P(WaitTest, ASecretThatGoesWhileItIsPrunedIsNotFound)
{
    run(model.add_secret("db", {"key=1"}));
    run(model.update_secret("db", SecretUpdate().data({"key=2"})));
    auto waiting = boost::asio::co_spawn(context, model.wait_until_pruned("db", 1h), boost::asio::use_future);
    run_until_sent(3);
    run(model.remove_secret("db"));

    try {
        finish(waiting);
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::not_found);
        EXPECT_STREQ(error.what(), "secret \"db\" not found");
    }
}

TEST_P(WaitTest, TheLimitBoundsARequestThatIsNotAnswered)
{
    run(model.add_secret("db", {"key=1"}));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets").always());

    const Error error = error_of(model.wait_until_removed("db", 50ms));

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_STREQ(error.what(), "secret \"db\" was not removed within 50 ms: the controller did not answer");
    EXPECT_TRUE(model.is_connected());
}

TEST_P(WaitTest, AnErrorOfACallComesThroughAsItIs)
{
    auto options = mock.connect_options();
    options.call_timeout(50ms);
    run(model.connect(options));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    const Error late = error_of(model.wait_until_removed("db", 1h));
    EXPECT_EQ(late.code(), errc::timed_out);
    EXPECT_STREQ(late.what(), "Secrets.ListSecrets: no answer within 50 ms");

    run(model.connect(mock.connect_options().reconnect(false)));
    mock.add_fault(MockFault(MockFaultKind::error).method("ListSecrets").text("no").code("unauthorized access"));
    const Error refused = error_of(model.wait_until_pruned("db", 1h));
    EXPECT_EQ(refused.code(), errc::permission_denied);
    EXPECT_EQ(refused.server_message(), "no");

    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));
    const Error lost = error_of(model.wait_until_removed("db", 1h));
    EXPECT_EQ(lost.code(), errc::connection_lost);
    EXPECT_EQ(lost.request(), "Secrets.ListSecrets");
    EXPECT_FALSE(lost.connection_usable());
    EXPECT_EQ(error_of(model.wait_until_removed("db", 1h)).code(), errc::not_connected);
}

TEST_P(WaitTest, CanBeCancelled)
{
    run(model.add_secret("db", {"key=1"}));
    boost::asio::cancellation_signal signal;
    bool ended = false;
    boost::system::error_code code;
    auto finish = [&](std::exception_ptr error) {
        ended = true;
        try {
            if (error)
                std::rethrow_exception(error);
        } catch (const Error& failure) {
            code = failure.code();
        }
    };
    boost::asio::co_spawn(context, model.wait_until_removed("db", 1h), boost::asio::bind_cancellation_slot(signal.slot(), finish));
    run_until_sent(4); // it has paused and looked again
    signal.emit(boost::asio::cancellation_type::terminal);
    while (!ended)
        ASSERT_NE(context.run_one_for(20s), 0U);

    EXPECT_EQ(code, errc::canceled);
    EXPECT_EQ(error_of(juju::with_timeout(30ms, model.wait_until_removed("db", 1h))).code(), errc::timed_out);
    EXPECT_TRUE(model.is_connected());
}

} // namespace
} // namespace juju
