// A secret for the time of a piece of work: whatever happens in it and to the connection, none is left behind unnoticed.

#include "interruption.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <memory>

namespace juju {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::Client;
using test::Interruption;

constexpr auto id = "9m4e2mr0ui3e8a215n4g";

MockOptions options(MockProfile profile)
{
    return MockOptions().profile(profile).state_yaml("next_ids: [9m4e2mr0ui3e8a215n4g]\n");
}

class WithSecretTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    WithSecretTest() : Client(options(GetParam())) { connect(); }

    std::vector<std::string> methods() const
    {
        std::vector<std::string> names;
        for (const auto& text : sent())
            names.push_back(test::method_of(text));
        return names;
    }

    template <class Body>
    auto job(Body body)
    {
        return with_secret(model, "job-token", {"token=MARKER"}, {"gitlab", "mysql"}, std::move(body));
    }

    /// The `SecretLeftBehind` that a call ends with.
    template <class T>
    SecretLeftBehind left_behind_by(asio::awaitable<T> call)
    {
        try {
            run(std::move(call));
        } catch (const SecretLeftBehind& error) {
            return error;
        }
        ADD_FAILURE() << "no secret was left behind";
        throw std::logic_error("no secret was left behind");
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, WithSecretTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

asio::awaitable<void> nothing()
{
    co_return;
}

asio::awaitable<void> wait_for_ever()
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

TEST_P(WithSecretTest, TheSecretIsThereInTheBodyAndGoneAfterwards)
{
    const auto body = [this](const SecretUri& uri) -> asio::awaitable<std::string> {
        const auto stored = mock.secret("job-token");
        EXPECT_TRUE(stored);
        EXPECT_EQ(stored->grants.size(), 2U);
        EXPECT_EQ(stored->description, "");
        const Secret secret = co_await model.reveal_secret(uri);
        co_return std::string(secret.content().at("token").text());
    };

    EXPECT_EQ(run(job(body)), "MARKER");

    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, SendsTheseRequests)
{
    run(job(nothing));

    const std::vector<std::string> expected = {
        R"({"request-id":2,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"label":"job-token","content":{"data":{"token":"TUFSS0VS"}}}]}})",
        R"({"request-id":3,"type":"Secrets","version":2,"request":"GrantSecret","params":{"uri":"secret:9m4e2mr0ui3e8a215n4g","applications":["gitlab","mysql"]}})",
        R"({"request-id":4,"type":"Secrets","version":2,"request":"RevokeSecret","params":{"uri":"secret:9m4e2mr0ui3e8a215n4g","applications":["gitlab","mysql"]}})",
        R"({"request-id":5,"type":"Secrets","version":2,"request":"RemoveSecrets","params":{"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})"};
    EXPECT_EQ(sent(), expected);
}

TEST_P(WithSecretTest, GrantsAndRevokesNothingWithoutApplications)
{
    run(with_secret(model, "", {"token=MARKER"}, {}, nothing));

    const std::vector<std::string> expected = {
        R"({"request-id":2,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"content":{"data":{"token":"TUFSS0VS"}}}]}})",
        R"({"request-id":3,"type":"Secrets","version":2,"request":"RemoveSecrets","params":{"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})"};
    EXPECT_EQ(sent(), expected);
}

/// As users write it, with all that GCC 12 is known to break close by: lambdas with captures that need destructors, braces, temporaries.
TEST_P(WithSecretTest, TakesEveryKindOfBody)
{
    const std::string text(100, 'x');
    const auto shared = std::make_shared<int>(7);
    auto program = [&]() -> asio::awaitable<int> {
        const auto number = [shared, text](const SecretUri& uri) -> asio::awaitable<int> {
            EXPECT_EQ(uri.id(), id);
            EXPECT_EQ(text.size(), 100U);
            co_return *shared;
        };
        const auto words = [text](SecretUri uri) -> asio::awaitable<std::vector<std::string>> {
            std::vector<std::string> result(2, text + uri.str());
            co_return result;
        };
        const auto unique = [text]() -> asio::awaitable<std::unique_ptr<std::string>> { co_return std::make_unique<std::string>(text); };
        const auto plain = [shared](const SecretUri&) { return nothing(); };
        const int first = co_await with_secret(model, "one", {"token=MARKER"}, {"gitlab"}, number);
        const auto second = co_await with_secret(model, "two", SecretContent("token=MARKER"), "mysql", words);
        EXPECT_EQ(second.size(), 2U);
        const auto third = co_await with_secret(model, std::string("three"), {"token=MARKER", "other=MARKER"}, {}, unique);
        EXPECT_EQ(*third, text);
        co_await with_secret(model, "four", {"token=MARKER"}, Applications(std::vector<std::string>(1, "gitlab")), plain);
        co_await with_secret(model, "five", {"token=MARKER"}, {}, nothing);
        co_return first;
    };

    EXPECT_EQ(run(program()), 7);
    EXPECT_EQ(shared.use_count(), 1);
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, TheBodyRunsOnTheCallersExecutor)
{
    bool here = false;
    const auto body = [&]() -> asio::awaitable<void> {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        here = executor == asio::any_io_executor(context.get_executor());
    };

    run(job(body));

    EXPECT_TRUE(here);
}

TEST_P(WithSecretTest, AnExceptionOfTheBodyComesThroughUnchanged)
{
    struct Unusual {
        int number;
    };
    const auto coroutine = []() -> asio::awaitable<int> {
        throw Unusual(1);
        co_return 0;
    };
    const auto function = [](const SecretUri&) -> asio::awaitable<void> { throw Unusual(2); };

    try {
        run(job(coroutine));
        ADD_FAILURE();
    } catch (const Unusual& error) {
        EXPECT_EQ(error.number, 1);
    }
    try {
        run(job(function));
        ADD_FAILURE();
    } catch (const Unusual& error) {
        EXPECT_EQ(error.number, 2);
    }

    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, ARefusedCreationIsAllThatHappens)
{
    run(model.add_secret("job-token", {"token=first"}));
    bool ran = false;
    const auto body = [&]() -> asio::awaitable<void> {
        ran = true;
        co_return;
    };

    EXPECT_EQ(error_of(job(body)).code(), errc::already_exists);
    EXPECT_EQ(error_of(with_secret(model, "job-token", SecretContent(), {}, body)).code(), errc::empty_content);

    EXPECT_FALSE(ran);
    EXPECT_EQ(methods(), (std::vector<std::string>{"CreateSecrets", "CreateSecrets"}));
    EXPECT_EQ(mock.secret("job-token")->revisions.at(0).data.at("token"), "Zmlyc3Q=");
}

TEST_P(WithSecretTest, ARefusedGrantLeavesNothingBehind)
{
    const Error error = error_of(with_secret(model, "job-token", {"token=MARKER"}, {"gitlab", "nosuch"}, nothing));

    EXPECT_EQ(error.code(), errc::not_found);
    ASSERT_EQ(error.items().size(), 2U);
    EXPECT_TRUE(error.items()[0].ok());
    EXPECT_EQ(methods(), (std::vector<std::string>{"CreateSecrets", "GrantSecret", "RemoveSecrets"}));
    EXPECT_TRUE(mock.secrets().empty());

    EXPECT_EQ(error_of(with_secret(model, "job-token", {"token=MARKER"}, {"Not an application"}, nothing)).code(), errc::invalid_argument);
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, TheBodyMayRenameOrRemoveTheSecret)
{
    const auto rename = [this](const SecretUri& uri) -> asio::awaitable<void> {
        co_await model.update_secret(uri, SecretUpdate().new_name("other"));
    };
    const auto remove = [this](const SecretUri& uri) -> asio::awaitable<void> { co_await model.remove_secret(uri); };

    run(job(rename));
    EXPECT_TRUE(mock.secrets().empty());
    run(job(remove));
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, ARefusedRevokeIsMadeUpForByTheRemoval)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("RevokeSecret").text("no").code("unauthorized access"));

    run(job(nothing));

    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, TellsWhatWasLeftBehindAndWhatTheBodyThrew)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("RemoveSecrets").text("permission denied").code("unauthorized access").always());
    const auto body = []() -> asio::awaitable<void> {
        throw std::runtime_error("MARKER");
        co_return;
    };

    const auto error = left_behind_by(job(body));

    EXPECT_EQ(error.code(), errc::left_behind);
    EXPECT_STREQ(error.what(), "secret \"job-token\" (secret:9m4e2mr0ui3e8a215n4g) was left behind: Secrets.RemoveSecrets: permission "
                               "denied (unauthorized access)");
    EXPECT_EQ(error.name(), "job-token");
    EXPECT_EQ(error.uri().id(), id);
    EXPECT_EQ(error.request(), "Secrets.RemoveSecrets");
    EXPECT_EQ(error.server_code(), "unauthorized access");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_THROW(std::rethrow_exception(error.body_error()), std::runtime_error);
    const auto stored = mock.secret("job-token");
    ASSERT_TRUE(stored);
    EXPECT_TRUE(stored->grants.empty()) << "revoked, at least";
}

TEST_P(WithSecretTest, TellsThatTheGrantFailedWhenItsSecretIsLeftBehind)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("GrantSecret").text("no grant").code(""));
    mock.add_fault(MockFault(MockFaultKind::error).method("RemoveSecrets").text("no removal").code(""));

    const auto error = left_behind_by(with_secret(model, "", {"token=MARKER"}, "gitlab", nothing));

    EXPECT_STREQ(error.what(), "a secret without a name (secret:9m4e2mr0ui3e8a215n4g) was left behind: after its grant had failed "
                               "(Secrets.GrantSecret: no grant), Secrets.RemoveSecrets: no removal");
    EXPECT_EQ(error.body_error(), nullptr);
    EXPECT_EQ(error.name(), "");
    EXPECT_TRUE(mock.secret(id));
}

TEST_P(WithSecretTest, TellsThatTheSecretMayBeThereWhenItsCreationWasNotAnswered)
{
    mock.add_fault(MockFault(MockFaultKind::reset).method("CreateSecrets").after_applying());

    const auto error = left_behind_by(job(nothing));

    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("secret \"job-token\" may have been left behind, since it is not known whether it was made: "
                                 "Secrets.CreateSecrets: "))
        << text;
    EXPECT_EQ(error.name(), "job-token");
    EXPECT_TRUE(error.uri().empty());
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_FALSE(error.connection_usable());
    EXPECT_EQ(error.body_error(), nullptr);
}

TEST_P(WithSecretTest, RemovesAgainWhatWasRemovedWithoutAnAnswer)
{
    mock.set_removal_delay(1h);
    mock.add_fault(MockFault(MockFaultKind::reply).method("RemoveSecrets").text(R"({"request-id":$ID,"response":{}})"));

    run(job(nothing));

    EXPECT_EQ(methods(), (std::vector<std::string>{"CreateSecrets", "GrantSecret", "RevokeSecret", "RemoveSecrets", "RemoveSecrets"}));
}

/// How a `with_secret` ended, and what the controller then has.
struct Ending {
    std::size_t requests = 0;
    std::string interrupted; ///< the method of the k-th request; empty when there were fewer
    bool ran = false;
    bool returned = false;
    std::optional<SecretLeftBehind> left_behind;
    std::optional<Error> error;
    std::optional<MockSecret> stored;
};

Ending interrupt(MockProfile profile, const Interruption& interruption, std::size_t k, bool reconnects,
                 std::chrono::milliseconds call_timeout)
{
    Client client(options(profile));
    client.run(client.model.connect(client.mock.connect_options().call_timeout(call_timeout).reconnect(reconnects)));
    client.mock.add_fault(interruption.at_request(k));
    Ending ending;
    const auto body = [&]() -> asio::awaitable<int> {
        ending.ran = true;
        co_return 7;
    };
    try {
        ending.returned = client.run(with_secret(client.model, "job-token", {"token=MARKER"}, "gitlab", body)) == 7;
    } catch (const SecretLeftBehind& error) {
        ending.left_behind = error;
    } catch (const Error& error) {
        ending.error = error;
    }
    const auto sent = client.sent();
    ending.requests = sent.size();
    ending.interrupted = sent.size() < k ? "" : test::method_of(sent[k - 1]);
    ending.stored = client.mock.secret("job-token");
    return ending;
}

/// What must be true however it ended.
void expect_true(const Ending& ending, const Interruption& interruption)
{
    EXPECT_EQ(int(ending.returned) + int(ending.left_behind.has_value()) + int(ending.error.has_value()), 1);
    if (ending.stored) {
        EXPECT_TRUE(ending.left_behind) << "a secret is left, and nobody was told";
    }
    if (ending.returned) {
        EXPECT_TRUE(ending.ran);
    }
    if (ending.error) {
        EXPECT_FALSE(ending.ran);
        EXPECT_EQ(std::string(ending.error->what()).find("MARKER"), std::string::npos);
    }
    if (ending.interrupted == "CreateSecrets" || ending.interrupted == "GrantSecret") {
        EXPECT_FALSE(ending.ran);
    } else {
        EXPECT_TRUE(ending.ran);
    }
    if (!ending.left_behind)
        return;
    const SecretLeftBehind& error = *ending.left_behind;
    EXPECT_EQ(error.code(), errc::left_behind);
    EXPECT_EQ(error.name(), "job-token");
    EXPECT_EQ(error.body_error(), nullptr);
    EXPECT_EQ(std::string(error.what()).find("MARKER"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("TUFSS0VS"), std::string::npos);
    if (error.uri().empty()) {
        EXPECT_EQ(ending.interrupted, "CreateSecrets");
        EXPECT_FALSE(interruption.answered());
        EXPECT_EQ(ending.stored.has_value(), interruption.applied);
    } else if (error.outcome() == Outcome::unknown) {
        EXPECT_EQ(ending.interrupted, "RemoveSecrets");
        EXPECT_TRUE(interruption.ends_connection());
        EXPECT_EQ(ending.stored.has_value(), !interruption.applied);
    } else {
        ASSERT_TRUE(ending.stored);
        EXPECT_EQ(ending.stored->id, error.uri().id());
    }
}

/// Interrupts each of the four requests once.
void expect_truthful(MockProfile profile, const Interruption& interruption, bool reconnects)
{
    for (std::size_t k = 1; k <= 5; ++k) {
        SCOPED_TRACE("request " + std::to_string(k) + ": " + interruption.name() + (reconnects ? ", reconnects" : ""));
        const auto ending = test::with_call_timeout(
            interruption, [&](std::chrono::milliseconds limit) { return interrupt(profile, interruption, k, reconnects, limit); });
        expect_true(ending, interruption);
        if (k == 5) {
            EXPECT_EQ(ending.interrupted, "") << "it takes four requests";
            EXPECT_TRUE(ending.returned);
        } else if (interruption.ends_connection() && !reconnects) {
            EXPECT_TRUE(ending.left_behind) << "nothing can be removed without a connection";
        } else if (k == 1) {
            EXPECT_EQ(ending.left_behind.has_value(), !interruption.answered());
        } else if (k == 4 && interruption.answered()) {
            EXPECT_TRUE(ending.left_behind);
        } else {
            EXPECT_FALSE(ending.left_behind) << "with a connection the secret can be removed";
        }
    }
}

TEST_P(WithSecretTest, IsTruthfulWhateverRequestIsInterrupted)
{
    for (const auto& interruption : test::interruptions()) {
        expect_truthful(GetParam(), interruption, true);
        expect_truthful(GetParam(), interruption, false);
    }
}

TEST_P(WithSecretTest, LeavesNothingWhenCancelledWhileARequestIsOut)
{
    for (std::size_t k = 1; k <= 4; ++k) {
        SCOPED_TRACE("request " + std::to_string(k));
        bool ran = false;
        const auto body = [&]() -> asio::awaitable<int> {
            ran = true;
            co_return 7;
        };
        std::optional<int> result;
        std::exception_ptr failure;
        mock.clear_transcript();

        test::cancel_at_request(*this, k, job(body), result, failure);

        EXPECT_TRUE(mock.secrets().empty());
        auto requests = methods();
        std::erase(requests, "ListSecrets"); // of the test itself
        EXPECT_EQ(requests, (std::vector<std::string>{"CreateSecrets", "GrantSecret", "RevokeSecret", "RemoveSecrets"}));
        EXPECT_EQ(ran, k > 2);
        EXPECT_EQ(result.has_value(), ran) << "what the body gave is not lost to a cancellation that came after it";
        EXPECT_EQ(failure == nullptr, ran);
        if (!failure)
            continue;
        try {
            std::rethrow_exception(failure);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), errc::canceled);
            EXPECT_STREQ(error.what(), "with_secret: cancelled before the body ran; the secret was removed again");
        }
    }
}

TEST_P(WithSecretTest, LeavesNothingWhenTheBodyIsCancelled)
{
    asio::cancellation_signal signal;
    const auto body = [&]() -> asio::awaitable<void> {
        asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
        co_await wait_for_ever();
    };
    bool done = false;
    std::exception_ptr failure;
    auto finish = [&](std::exception_ptr error) {
        done = true;
        failure = error;
    };

    asio::co_spawn(context, job(body), asio::bind_cancellation_slot(signal.slot(), finish));
    while (!done)
        context.run_one_for(10s);

    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), asio::error::operation_aborted) << "as the body ended";
    }
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, LeavesNothingWhenItsTimeIsUp)
{
    EXPECT_EQ(error_of(with_timeout(100ms, job(wait_for_ever))).code(), errc::timed_out);

    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, LeavesTheCallersCancellationAsItFindsIt)
{
    asio::cancellation_signal signal;
    bool threw = false;
    bool setting = false;
    const auto body = [&]() -> asio::awaitable<void> {
        setting = co_await asio::this_coro::throw_if_cancelled();
        signal.emit(asio::cancellation_type::terminal);
    };
    auto program = [&]() -> asio::awaitable<void> {
        co_await job(body);
        setting = setting && co_await asio::this_coro::throw_if_cancelled();
        try {
            co_await nothing();
        } catch (const boost::system::system_error&) {
            threw = true;
        }
    };
    bool done = false;

    asio::co_spawn(context, program(), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                       EXPECT_FALSE(error);
                       done = true;
                   }));
    while (!done)
        context.run_one_for(10s);

    EXPECT_TRUE(setting);
    EXPECT_TRUE(threw) << "the caller is cancelled, and learns of it";
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, LeavesTheSettingAsTheBodyDoes)
{
    bool setting = true;
    const auto body = []() -> asio::awaitable<void> { co_await asio::this_coro::throw_if_cancelled(false); };
    auto program = [&]() -> asio::awaitable<void> {
        co_await job(body);
        setting = co_await asio::this_coro::throw_if_cancelled();
    };

    run(program());

    EXPECT_FALSE(setting);
}

TEST_P(WithSecretTest, RunsInACallerThatGoesOnAfterACancellation)
{
    bool ran = false;
    bool setting = true;
    const auto body = [&]() -> asio::awaitable<int> {
        ran = true;
        co_return 7;
    };
    auto program = [&]() -> asio::awaitable<int> {
        co_await asio::this_coro::throw_if_cancelled(false);
        const int number = co_await job(body);
        setting = co_await asio::this_coro::throw_if_cancelled();
        co_return number;
    };
    std::optional<int> result;
    std::exception_ptr failure;

    test::cancel_at_request(*this, 1, program(), result, failure);

    EXPECT_TRUE(ran);
    EXPECT_FALSE(setting);
    EXPECT_EQ(result, 7);
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(WithSecretTest, ItsFrameMayGoWithTheContext)
{
    for (std::size_t k = 1; k <= 4; ++k) {
        const auto client = std::make_unique<Client>(options(GetParam()));
        client->connect();
        client->mock.add_fault(MockFault(MockFaultKind::withhold).nth(k));
        const auto before = client->mock.total_requests();
        asio::co_spawn(client->context, with_secret(client->model, "job-token", {"token=MARKER"}, "gitlab", nothing),
                       [](std::exception_ptr) { ADD_FAILURE() << "it has not ended"; });

        while (client->mock.total_requests() < before + k)
            client->context.run_one_for(1ms);
    }
}

TEST_P(WithSecretTest, ManyAtOnceFromFourThreads)
{
    asio::thread_pool pool(4);
    Model shared(pool.get_executor());
    asio::co_spawn(pool, shared.connect(mock.connect_options()), asio::use_future).get();
    const auto body = [&](const SecretUri& uri) -> asio::awaitable<std::string> {
        const Secret secret = co_await shared.get_secret(uri);
        co_return secret.name();
    };
    std::vector<std::future<std::string>> jobs;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "job-" + std::to_string(i);
        jobs.push_back(asio::co_spawn(pool, with_secret(shared, name, {"token=MARKER"}, "gitlab", body), asio::use_future));
    }

    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(jobs[static_cast<std::size_t>(i)].get(), "job-" + std::to_string(i));

    EXPECT_TRUE(mock.secrets().empty());
    asio::co_spawn(pool, shared.disconnect(), asio::use_future).get();
    pool.join();
}

} // namespace
} // namespace juju
