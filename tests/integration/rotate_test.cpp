// Rotation: the new content is in force when it works, the old one when it does not, and the result says what is so.

#include "interruption.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <memory>
#include <thread>

namespace juju {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::Client;
using test::Interruption;

constexpr auto id = "9m4e2mr0ui3e8a215n4g";
constexpr auto old_base64 = "T0xETUFSS0VS";
constexpr auto new_base64 = "TkVXTUFSS0VS";

MockOptions options(MockProfile profile)
{
    return MockOptions().profile(profile).state_yaml("next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90]\n");
}

/// No value, neither plain nor as base64 nor as a checksum, may be in a text.
void expect_no_secret_in(const std::string& text)
{
    for (const auto& secret : {std::string("MARKER"), std::string("TUFSS0VS"), SecretContent("password=OLDMARKER").checksum(),
                               SecretContent("password=NEWMARKER").checksum()})
        EXPECT_EQ(text.find(secret), std::string::npos) << text;
}

std::vector<int> numbers(const MockSecret& secret)
{
    std::vector<int> result;
    for (const auto& revision : secret.revisions)
        result.push_back(revision.number);
    return result;
}

std::string latest_base64(const MockSecret& secret)
{
    return secret.revisions.back().data.at("password");
}

std::vector<std::string> methods(const Client& client)
{
    std::vector<std::string> names;
    for (const auto& text : client.sent())
        names.push_back(test::method_of(text));
    return names;
}

class RotateTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    RotateTest() : Client(options(GetParam()))
    {
        connect();
        run(model.add_secret("db", {"password=OLDMARKER"}));
        mock.clear_transcript();
    }

    template <class Check>
    RotateResult rotate(Check check, RotateOptions rotate_options = RotateOptions())
    {
        return run(model.rotate_secret("db", {"password=NEWMARKER"}, std::move(check), rotate_options));
    }

    /// The error of a rotation that changed nothing.
    Error thrown_by(asio::awaitable<RotateResult> rotation)
    {
        std::optional<RotateResult> result;
        return error_of(detail::store_result(std::move(rotation), result));
    }

    MockSecret stored() const { return mock.secret(id).value(); }

    /// What a rotation ends with that another client's content, "third", comes into at the given moment.
    RotateResult overtaken(SecretContent content, RotateCheck check, const std::function<bool()>& is_the_moment)
    {
        std::optional<RotateResult> result;
        auto finish = [&](std::exception_ptr error, RotateResult ended) {
            EXPECT_FALSE(error);
            result = std::move(ended);
        };
        asio::co_spawn(context, model.rotate_secret("db", std::move(content), std::move(check)), finish);
        while (!is_the_moment())
            context.run_one_for(1ms);
        run(model.update_secret("db", SecretUpdate().data({"password=third"})));
        while (!result)
            context.run_one_for(10s);
        return *result;
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, RotateTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

bool works()
{
    return true;
}

bool fails()
{
    return false;
}

TEST_P(RotateTest, NewContentThatWorksStaysAndTheOldRevisionIsPruned)
{
    std::vector<int> during;
    const auto check = [&](const Secret& secret) -> asio::awaitable<bool> {
        EXPECT_EQ(secret.latest_revision(), 2);
        EXPECT_EQ(secret.name(), "db");
        EXPECT_FALSE(secret.has_content());
        during = numbers(stored());
        const Secret revealed = co_await model.reveal_secret(secret.uri());
        co_return revealed.content().at("password").text() == "NEWMARKER";
    };

    const auto result = rotate(check);

    EXPECT_EQ(result.state(), RotateState::rotated);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.uri().id(), id);
    EXPECT_EQ(result.old_revision(), 1);
    EXPECT_EQ(result.new_revision(), 2);
    EXPECT_FALSE(result.restored_revision());
    EXPECT_TRUE(result.pruned());
    EXPECT_EQ(result.check_error(), nullptr);
    EXPECT_FALSE(result.error());
    EXPECT_EQ(during, (std::vector<int>{1, 2})) << "the old content is there as long as it may be needed";
    EXPECT_EQ(numbers(stored()), std::vector<int>{2});
    EXPECT_EQ(latest_base64(stored()), new_base64);
}

TEST_P(RotateTest, SendsTheseRequests)
{
    rotate(works).ok();

    const std::vector<std::string> expected = {
        R"({"request-id":3,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":true,"filter":{"label":"db"}}})",
        R"({"request-id":4,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"content":{"data":{"password":"TkVXTUFSS0VS"}},"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})",
        R"({"request-id":5,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})",
        R"({"request-id":6,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"auto-prune":true,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})"};
    EXPECT_EQ(sent(), expected);
}

TEST_P(RotateTest, SendsTheseRequestsWhenTheCheckFails)
{
    run(model.rotate_secret(SecretUri::parse(id), {"password=NEWMARKER"}, fails)).ok();

    const std::vector<std::string> expected = {
        R"({"request-id":3,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":true,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})",
        R"({"request-id":4,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"content":{"data":{"password":"TkVXTUFSS0VS"}},"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})",
        R"({"request-id":5,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})",
        R"({"request-id":6,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})",
        R"({"request-id":7,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"content":{"data":{"password":"T0xETUFSS0VS"}},"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})",
        R"({"request-id":8,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})"};
    EXPECT_EQ(sent(), expected);
}

TEST_P(RotateTest, AFailedCheckPutsTheOldContentBack)
{
    const auto result = rotate(fails);

    EXPECT_EQ(result.state(), RotateState::restored);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.old_revision(), 1);
    EXPECT_EQ(result.new_revision(), 2);
    EXPECT_EQ(result.restored_revision(), 3);
    EXPECT_FALSE(result.pruned());
    EXPECT_EQ(result.check_error(), nullptr);
    EXPECT_FALSE(result.error());
    EXPECT_EQ(numbers(stored()), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(stored().checksum, SecretContent("password=OLDMARKER").checksum());
    EXPECT_EQ(latest_base64(stored()), old_base64);
    EXPECT_FALSE(stored().auto_prune);
}

TEST_P(RotateTest, PutsBackWhatTheControllerHasPrunedAlready)
{
    run(model.update_secret("db", SecretUpdate().auto_prune(true)));
    std::vector<int> during;
    const auto check = [&] {
        during = numbers(stored());
        return false;
    };

    const auto result = rotate(check);

    EXPECT_EQ(during, std::vector<int>{2});
    EXPECT_EQ(result.state(), RotateState::restored);
    EXPECT_EQ(result.restored_revision(), 3);
    EXPECT_EQ(latest_base64(stored()), old_base64);
}

TEST_P(RotateTest, PutsBackBytesAsTheyWereStored)
{
    MockSecret odd;
    odd.label = "odd";
    odd.revisions.emplace_back(1, std::map<std::string, std::string>{{"A_KEY", "not base64!"}, {"bytes", "AP8="}});
    const auto odd_id = mock.add_secret(odd);

    const auto result = run(model.rotate_secret("odd", {"password=NEWMARKER"}, fails));

    EXPECT_EQ(result.state(), RotateState::restored);
    EXPECT_EQ(mock.secret(odd_id)->revisions.back().data, odd.revisions.back().data);
    EXPECT_EQ(mock.secret(odd_id)->revisions.back().number, 3);
}

/// As users write it, with all that GCC 12 is known to break close by: lambdas with captures that need destructors, braces, temporaries.
TEST_P(RotateTest, TakesEveryKindOfCheck)
{
    const std::string text(100, 'x');
    const auto shared = std::make_shared<int>(0);
    auto program = [&]() -> asio::awaitable<int> {
        int good = 0;
        const auto count = [&good](const RotateResult& result) { good += result.ok() ? 1 : 0; };

        const auto coroutine = [shared, text]() -> asio::awaitable<bool> { co_return ++*shared > 0 && text.size() == 100; };
        count(co_await model.rotate_secret("db", {"password=1"}, coroutine));
        const auto with_secret = [shared, text](const Secret& secret) -> asio::awaitable<bool> {
            co_return ++*shared > 0 && secret.latest_revision() == 3;
        };
        count(co_await model.rotate_secret("db", {"password=2"}, with_secret, juju::RotateOptions()));
        const auto with_uri = [shared, text](SecretUri uri) -> asio::awaitable<bool> { co_return ++*shared > 0 && uri.id() == id; };
        count(co_await model.rotate_secret("db", SecretContent("password=3"), with_uri, juju::RotateOptions().prune(true)));
        const auto no_answer = [shared, text](Secret) -> asio::awaitable<void> {
            ++*shared;
            co_return;
        };
        count(co_await model.rotate_secret("db", {"password=4", "other=5"}, no_answer));
        const auto function = [shared, text] { return ++*shared > 0; };
        count(co_await model.rotate_secret("db", {"password=5"}, function));
        const auto function_of_secret = [shared, text](const Secret&) { ++*shared; };
        count(co_await model.rotate_secret("db", {"password=6"}, function_of_secret));
        const auto function_of_uri = [shared, text](const SecretUri&) { return ++*shared; };
        count(co_await model.rotate_secret("db", {"password=7"}, function_of_uri));
        const RotateCheck made_before(function);
        const RotateResult result = co_await model.rotate_secret("db", {"password=8"}, made_before);
        count(result);
        count(co_await model.rotate_secret("db", {"password=9"}, works));
        co_return good;
    };

    EXPECT_EQ(run(program()), 9);
    EXPECT_EQ(*shared, 8);
    EXPECT_EQ(shared.use_count(), 1);
}

TEST_P(RotateTest, TheCheckRunsOnTheCallersExecutor)
{
    bool here = false;
    const auto check = [&]() -> asio::awaitable<bool> {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        here = executor == asio::any_io_executor(context.get_executor());
        co_return true;
    };

    rotate(check).ok();

    EXPECT_TRUE(here);
}

TEST_P(RotateTest, ACheckThatThrowsHasFailedAndItsExceptionIsKept)
{
    struct Unusual {
        int number;
    };
    const auto coroutine = []() -> asio::awaitable<bool> {
        throw Unusual(1);
        co_return true;
    };
    const auto function = [](const Secret&) -> bool { throw Unusual(2); };

    for (const auto& result : {rotate(coroutine), rotate(function)}) {
        EXPECT_EQ(result.state(), RotateState::restored);
        EXPECT_THROW(std::rethrow_exception(result.check_error()), Unusual);
        EXPECT_FALSE(result.error());
        EXPECT_EQ(latest_base64(stored()), old_base64);
    }
    EXPECT_EQ(stored().latest_revision, 5);
}

TEST_P(RotateTest, PrunesNothingWhenToldSo)
{
    const auto result = rotate(works, RotateOptions().prune(false));

    EXPECT_TRUE(result.ok());
    EXPECT_FALSE(result.pruned());
    EXPECT_EQ(numbers(stored()), (std::vector<int>{1, 2}));
    EXPECT_EQ(methods(*this), (std::vector<std::string>{"ListSecrets", "UpdateSecrets", "ListSecrets"}));
}

TEST_P(RotateTest, SaysThatTheNewContentIsInForceThoughThePruneFailed)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("UpdateSecrets").nth(2).text("no").code("try again"));

    const auto result = rotate(works);

    EXPECT_EQ(result.state(), RotateState::rotated);
    EXPECT_FALSE(result.ok());
    EXPECT_FALSE(result.pruned());
    ASSERT_TRUE(result.error());
    EXPECT_EQ(result.error()->code(), errc::try_again);
    EXPECT_EQ(numbers(stored()), (std::vector<int>{1, 2}));
}

TEST_P(RotateTest, ContentThatIsThereAlreadyIsCheckedAndPruned)
{
    run(model.update_secret("db", SecretUpdate().data({"password=NEWMARKER"})));
    mock.clear_transcript();
    int revision = 0;
    const auto check = [&](const Secret& secret) { revision = secret.latest_revision(); };

    const auto result = rotate(check);

    EXPECT_TRUE(result.ok());
    EXPECT_EQ(revision, 2);
    EXPECT_EQ(result.old_revision(), 2);
    EXPECT_EQ(result.new_revision(), 2);
    EXPECT_TRUE(result.pruned());
    EXPECT_EQ(numbers(stored()), std::vector<int>{2});
    EXPECT_EQ(methods(*this), (std::vector<std::string>{"ListSecrets", "ListSecrets", "UpdateSecrets"}));
}

TEST_P(RotateTest, ContentThatIsThereAlreadyCannotBePutBack)
{
    const auto check = [] { throw std::runtime_error("no"); };

    const auto result = run(model.rotate_secret("db", {"password=OLDMARKER"}, check));

    EXPECT_EQ(result.state(), RotateState::unchecked);
    EXPECT_EQ(result.old_revision(), 1);
    EXPECT_EQ(result.new_revision(), 1);
    EXPECT_FALSE(result.restored_revision());
    EXPECT_THROW(std::rethrow_exception(result.check_error()), std::runtime_error);
    ASSERT_TRUE(result.error());
    EXPECT_EQ(result.error()->code(), errc::nothing_to_update);
    EXPECT_STREQ(result.error()->what(), "the check failed, and the old content, which is the same, cannot replace the new");
    EXPECT_EQ(numbers(stored()), std::vector<int>{1});
}

TEST_P(RotateTest, ThrowsWhenNothingIsChanged)
{
    bool ran = false;
    const auto check = [&] { ran = true; };
    const auto error_for = [&](SecretRef secret, SecretContent content) {
        return thrown_by(model.rotate_secret(std::move(secret), std::move(content), check));
    };
    mock.fail_reveal(mock.add_charm_secret("application-mysql", "charm", {{"password", "Y2hhcm0="}}), 1, "vault is sealed", "");

    EXPECT_EQ(error_for("db", SecretContent()).code(), errc::empty_content);
    EXPECT_TRUE(sent().empty());
    EXPECT_EQ(error_for("nosuch", {"password=NEWMARKER"}).code(), errc::not_found);
    EXPECT_EQ(error_for("secret:cvq3k8t0fr6s73c1l9ag", {"password=NEWMARKER"}).code(), errc::not_found);
    EXPECT_EQ(error_for("charm", {"password=NEWMARKER"}).server_message(), "vault is sealed");
    mock.add_fault(MockFault(MockFaultKind::error).method("UpdateSecrets").text("permission denied").code("unauthorized access"));
    EXPECT_EQ(error_for("db", {"password=NEWMARKER"}).code(), errc::permission_denied);
    mock.set_controller_access("admin", MockControllerAccess::login);
    mock.set_access("admin", MockAccess::write);
    EXPECT_EQ(error_for("db", {"password=NEWMARKER"}).code(), errc::permission_denied) << "the old content cannot be read";
    run(model.disconnect());
    EXPECT_EQ(error_for("db", {"password=NEWMARKER"}).code(), errc::not_connected);

    EXPECT_FALSE(ran);
    EXPECT_EQ(numbers(stored()), std::vector<int>{1});
}

TEST_P(RotateTest, TreatsCharmSecretsAsAnUpdateDoes)
{
    const auto charm_id = mock.add_charm_secret("application-mysql", "root", {{"password", "Y2hhcm0="}});

    const Error by_label = thrown_by(model.rotate_secret("root", {"password=NEWMARKER"}, works));
    EXPECT_EQ(by_label.code(), errc::not_found);
    EXPECT_STREQ(by_label.what(), "secret \"root\" not found: only a charm's secret has that label; give its URI to rotate it");
    EXPECT_EQ(mock.secret(charm_id)->latest_revision, 1);

    if (GetParam() == MockProfile::juju_3_6) {
        EXPECT_TRUE(run(model.rotate_secret(charm_id, {"password=NEWMARKER"}, works)).ok());
        EXPECT_EQ(latest_base64(*mock.secret(charm_id)), new_base64);
    } else {
        EXPECT_EQ(thrown_by(model.rotate_secret(charm_id, {"password=NEWMARKER"}, works)).code(), errc::permission_denied);
        EXPECT_EQ(mock.secret(charm_id)->latest_revision, 1);
    }
}

/// Controllers keep the checksum of a latest revision that was removed, and take content with that checksum for no change.
TEST_P(RotateTest, IsNotFooledByTheChecksumOfARemovedRevision)
{
    run(model.update_secret("db", SecretUpdate().data({"password=NEWMARKER"})));
    run(model.remove_secret("db", 2));

    if (GetParam() == MockProfile::juju_3_6) {
        EXPECT_EQ(thrown_by(model.rotate_secret("db", {"password=NEWMARKER"}, works)).code(), errc::not_found);
    } else {
        EXPECT_EQ(thrown_by(model.rotate_secret("db", {"password=NEWMARKER"}, works)).code(), errc::not_supported);
        const auto same = run(model.rotate_secret("db", {"password=OLDMARKER"}, works));
        EXPECT_TRUE(same.ok());
        EXPECT_EQ(same.new_revision(), 1);
    }
    EXPECT_EQ(numbers(stored()), std::vector<int>{1});
    EXPECT_EQ(latest_base64(stored()), old_base64);
}

TEST_P(RotateTest, LeavesWhatAnotherClientWroteDuringTheCheck)
{
    const auto check = [this](const SecretUri& uri) -> asio::awaitable<bool> {
        co_await model.update_secret(uri, SecretUpdate().data({"password=third"}));
        co_return false;
    };

    const auto result = rotate(check);

    EXPECT_EQ(result.state(), RotateState::unknown);
    ASSERT_TRUE(result.error());
    EXPECT_EQ(result.error()->code(), errc::try_again);
    EXPECT_STREQ(result.error()->what(),
                 "secret \"secret:9m4e2mr0ui3e8a215n4g\": another client changed the content meanwhile; its revision 3 was left alone");
    EXPECT_EQ(result.new_revision(), 2);
    EXPECT_FALSE(result.restored_revision());
    EXPECT_EQ(latest_base64(stored()), "dGhpcmQ=");
    EXPECT_EQ(stored().latest_revision, 3);
}

TEST_P(RotateTest, LeavesWhatAnotherClientWroteBeforeTheCheck)
{
    bool ran = false;
    const auto check = [&] { ran = true; };
    mock.add_fault(MockFault(MockFaultKind::hold).method("UpdateSecrets")); // its answer comes after that of the next request
    const auto result = overtaken({"password=NEWMARKER"}, check, [&] { return stored().latest_revision == 2; });

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_EQ(result.error().value().code(), errc::try_again);
    EXPECT_FALSE(ran);
    EXPECT_EQ(latest_base64(stored()), "dGhpcmQ=");
}

TEST_P(RotateTest, SaysThatAnotherClientWroteAfterTheOldContentWasPutBack)
{
    mock.add_fault(MockFault(MockFaultKind::hold).method("UpdateSecrets").nth(2));
    const auto result = overtaken({"password=NEWMARKER"}, fails, [&] { return stored().latest_revision == 3; });

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_EQ(result.error().value().code(), errc::try_again);
    EXPECT_FALSE(result.restored_revision());
    EXPECT_EQ(latest_base64(stored()), "dGhpcmQ=");
}

/// On 4.0 the latest revision is the old one then, with the checksum of the one that was removed.
TEST_P(RotateTest, IsNotFooledWhenAnotherClientRemovesTheNewRevision)
{
    const auto check = [this](const Secret& secret) -> asio::awaitable<bool> {
        co_await model.remove_secret(secret.uri(), secret.latest_revision());
        co_return false;
    };

    const auto result = rotate(check);

    if (GetParam() == MockProfile::juju_3_6) {
        EXPECT_EQ(result.state(), RotateState::restored);
        EXPECT_EQ(numbers(stored()), (std::vector<int>{1, 3}));
    } else {
        EXPECT_EQ(result.state(), RotateState::unknown);
        EXPECT_EQ(result.error().value().code(), errc::try_again);
        EXPECT_EQ(numbers(stored()), std::vector<int>{1});
    }
    EXPECT_EQ(latest_base64(stored()), old_base64);
}

TEST_P(RotateTest, SeesThatContentWhichWasThereIsThereNoMore)
{
    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets"));
    const auto result = overtaken({"password=OLDMARKER"}, works, [&] { return !sent().empty(); });

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_EQ(result.error().value().code(), errc::try_again);
    EXPECT_EQ(latest_base64(stored()), "dGhpcmQ=");
    EXPECT_EQ(methods(*this), (std::vector<std::string>{"ListSecrets", "UpdateSecrets", "ListSecrets"}));
}

TEST_P(RotateTest, SaysWhenTheSecretIsGone)
{
    const auto check = [this](const SecretUri& uri) -> asio::awaitable<bool> {
        co_await model.remove_secret(uri);
        co_return false;
    };

    const auto result = rotate(check);

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_EQ(result.error().value().code(), errc::not_found);
    EXPECT_TRUE(mock.secrets().empty());
}

/// How a rotation ended, and what the controller then has.
struct Ending {
    std::string interrupted; ///< the text of the k-th request; empty when there were fewer
    std::size_t requests = 0;
    bool checked = false;
    std::optional<Error> thrown;
    RotateResult result;
    MockSecret stored;

    bool interrupts_content() const { return interrupted.find(R"("content")") != std::string::npos; }
};

Ending interrupt(MockProfile profile, const Interruption& interruption, std::size_t k, bool check_passes, bool reconnects,
                 std::chrono::milliseconds call_timeout)
{
    Client client(options(profile));
    client.run(client.model.connect(client.mock.connect_options().call_timeout(call_timeout).reconnect(reconnects)));
    client.run(client.model.add_secret("db", {"password=OLDMARKER"}));
    client.mock.clear_transcript();
    client.mock.add_fault(interruption.at_request(k));
    Ending ending;
    const auto check = [&] {
        ending.checked = true;
        return check_passes;
    };
    try {
        ending.result = client.run(client.model.rotate_secret("db", {"password=NEWMARKER"}, check));
    } catch (const Error& error) {
        ending.thrown = error;
    }
    const auto sent = client.sent();
    ending.requests = sent.size();
    ending.interrupted = sent.size() < k ? "" : sent[k - 1];
    ending.stored = client.mock.secret(id).value();
    return ending;
}

/// What must be true however it ended.
void expect_true(const Ending& ending, const Interruption& interruption, bool check_passes)
{
    const int latest = ending.stored.latest_revision;
    const bool is_new = latest_base64(ending.stored) == new_base64;
    EXPECT_TRUE(is_new || latest_base64(ending.stored) == old_base64);
    if (ending.thrown) {
        EXPECT_EQ(latest, 1) << "something was changed, and it is not told what";
        EXPECT_FALSE(ending.checked);
        expect_no_secret_in(ending.thrown->what());
        return;
    }
    const RotateResult& result = ending.result;
    EXPECT_EQ(result.uri().id(), id);
    EXPECT_EQ(result.old_revision(), 1);
    EXPECT_EQ(result.check_error(), nullptr);
    if (result.error())
        expect_no_secret_in(result.error()->what());
    switch (result.state()) {
    case RotateState::rotated:
        EXPECT_TRUE(is_new);
        EXPECT_TRUE(ending.checked && check_passes);
        EXPECT_EQ(latest, 2);
        EXPECT_EQ(result.new_revision(), 2);
        break;
    case RotateState::restored:
        EXPECT_FALSE(is_new);
        EXPECT_FALSE(ending.checked && check_passes);
        EXPECT_EQ(latest, 3);
        EXPECT_EQ(result.restored_revision().value_or(3), 3);
        break;
    case RotateState::unchecked:
        EXPECT_TRUE(is_new);
        EXPECT_FALSE(ending.checked && check_passes);
        EXPECT_EQ(latest, 2);
        EXPECT_TRUE(result.error());
        break;
    case RotateState::unknown:
        EXPECT_TRUE(ending.interrupts_content() && !interruption.answered()) << "it could be known";
        EXPECT_EQ(result.error().value().outcome(), Outcome::unknown);
        EXPECT_EQ(result.error().value().request(), "Secrets.UpdateSecrets");
        break;
    }
    if (result.new_revision()) {
        EXPECT_EQ(result.new_revision(), 2);
    }
    if (result.pruned()) {
        EXPECT_TRUE(ending.stored.auto_prune);
        EXPECT_EQ(numbers(ending.stored), std::vector<int>{2});
    }
    if (result.ok()) {
        EXPECT_TRUE(result.pruned());
    } else if (result.state() == RotateState::rotated) {
        EXPECT_FALSE(result.pruned());
        EXPECT_TRUE(result.error());
    }
}

/// Interrupts each request of a rotation once.
void expect_truthful(MockProfile profile, const Interruption& interruption, bool check_passes, bool reconnects)
{
    const std::size_t all = check_passes ? 4 : 6;
    for (std::size_t k = check_passes ? 1 : 3; k <= all + 1; ++k) { // before the third request there is no difference
        SCOPED_TRACE("request " + std::to_string(k) + ": " + interruption.name() + (check_passes ? "" : ", the check fails") +
                     (reconnects ? ", reconnects" : ""));
        const auto ending = test::with_call_timeout(interruption, [&](std::chrono::milliseconds limit) {
            return interrupt(profile, interruption, k, check_passes, reconnects, limit);
        });
        expect_true(ending, interruption, check_passes);
        const bool goes_on = reconnects || !interruption.ends_connection();
        if (k > all) {
            EXPECT_EQ(ending.requests, all);
            EXPECT_EQ(ending.result.state(), check_passes ? RotateState::rotated : RotateState::restored);
            EXPECT_FALSE(ending.result.error());
        } else if (k == 1) { // it reads
            EXPECT_EQ(ending.thrown.has_value(), !(reconnects && interruption.ends_connection()));
        } else if (goes_on && !interruption.answered() && interruption.applied) { // else it may still be carried out
            EXPECT_NE(ending.result.state(), RotateState::unknown) << "it can be looked up";
            EXPECT_NE(ending.result.state(), RotateState::unchecked) << "the old content can be put back";
        }
    }
}

TEST_P(RotateTest, IsTruthfulWhateverRequestIsInterrupted)
{
    for (const auto& interruption : test::interruptions()) {
        for (const bool reconnects : {true, false}) {
            expect_truthful(GetParam(), interruption, true, reconnects);
            expect_truthful(GetParam(), interruption, false, reconnects);
        }
    }
}

TEST_P(RotateTest, SaysUnknownWhenThereIsNoWayToFindOut)
{
    run(model.connect(mock.connect_options().reconnect(false)));
    mock.add_fault(MockFault(MockFaultKind::reset).method("UpdateSecrets"));

    const auto result = rotate(works);

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_FALSE(result.new_revision());
    EXPECT_EQ(result.error().value().code(), errc::connection_lost);
    const std::string text = result.error()->what();
    EXPECT_TRUE(text.starts_with("it is not known whether the new content is the latest: Secrets.UpdateSecrets: ")) << text;
    EXPECT_FALSE(result.error()->connection_usable());
}

TEST_P(RotateTest, ARequestThatWasNotCarriedOutYetMayStillBe)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("UpdateSecrets"));
    mock.add_fault(MockFault(MockFaultKind::reply).method("UpdateSecrets").text(R"({"request-id":$ID,"response":{}})"));

    const auto result = rotate(works);

    EXPECT_EQ(result.state(), RotateState::unknown);
    EXPECT_EQ(result.error().value().code(), errc::malformed_reply);
    EXPECT_EQ(stored().latest_revision, 1);
}

/// A cancellation while the k-th request of a rotation is with the controller.
struct Cancelled {
    Cancelled(MockProfile profile, std::size_t k, bool check_passes)
    {
        Client client(options(profile));
        client.connect();
        client.run(client.model.add_secret("db", {"password=OLDMARKER"}));
        const auto check = [this, check_passes] {
            checked = true;
            return check_passes;
        };
        test::cancel_at_request(client, k, client.model.rotate_secret("db", {"password=NEWMARKER"}, check), result, failure);
        stored = client.mock.secret("db").value();
    }

    bool checked = false;
    std::optional<RotateResult> result;
    std::exception_ptr failure;
    MockSecret stored;
};

void expect_canceled(const std::exception_ptr& failure)
{
    ASSERT_TRUE(failure);
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::canceled) << error.what();
    }
}

TEST_P(RotateTest, CancellingItBeforeTheWriteChangesNothing)
{
    const Cancelled cancelled(GetParam(), 1, true);

    EXPECT_FALSE(cancelled.result);
    expect_canceled(cancelled.failure);
    EXPECT_EQ(cancelled.stored.latest_revision, 1);
    EXPECT_FALSE(cancelled.checked);
}

TEST_P(RotateTest, CancellingItBeforeTheCheckPutsTheOldContentBack)
{
    for (const std::size_t k : {2, 3}) {
        SCOPED_TRACE("request " + std::to_string(k));
        const Cancelled cancelled(GetParam(), k, true);

        ASSERT_TRUE(cancelled.result);
        EXPECT_EQ(cancelled.result->state(), RotateState::restored);
        EXPECT_EQ(cancelled.result->restored_revision(), 3);
        EXPECT_FALSE(cancelled.result->error());
        expect_canceled(cancelled.result->check_error());
        EXPECT_EQ(latest_base64(cancelled.stored), old_base64);
        EXPECT_FALSE(cancelled.checked);
    }
}

TEST_P(RotateTest, CancellingItAfterTheCheckComesTooLate)
{
    const Cancelled accepting(GetParam(), 4, true);
    ASSERT_TRUE(accepting.result);
    EXPECT_TRUE(accepting.result->ok());
    EXPECT_TRUE(accepting.result->pruned());
    EXPECT_EQ(latest_base64(accepting.stored), new_base64);

    for (const std::size_t k : {4, 5, 6}) {
        SCOPED_TRACE("request " + std::to_string(k));
        const Cancelled putting_back(GetParam(), k, false);

        ASSERT_TRUE(putting_back.result);
        EXPECT_EQ(putting_back.result->state(), RotateState::restored);
        EXPECT_EQ(putting_back.result->restored_revision(), 3);
        EXPECT_EQ(putting_back.result->check_error(), nullptr);
        EXPECT_FALSE(putting_back.result->error());
        EXPECT_EQ(latest_base64(putting_back.stored), old_base64);
    }
}

/// The old content has come on the connection's thread, but the caller's has not gone on yet when it is cancelled.
TEST_P(RotateTest, CancellingItBetweenTheReadAndTheWriteChangesNothing)
{
    asio::thread_pool pool(1);
    Model elsewhere(pool.get_executor());
    asio::co_spawn(pool, elsewhere.connect(mock.connect_options()), asio::use_future).get();
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    bool done = false;
    auto finish = [&](std::exception_ptr error, const RotateResult&) {
        done = true;
        failure = error;
    };
    mock.clear_transcript();
    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets")); // its answer comes after that of the next request
    asio::co_spawn(context, elsewhere.rotate_secret("db", {"password=NEWMARKER"}, works),
                   asio::bind_cancellation_slot(signal.slot(), finish));
    context.poll();
    while (sent().empty())
        std::this_thread::sleep_for(1ms);

    signal.emit(asio::cancellation_type::terminal); // waits for its turn in the caller's context, before the answer
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(pool, elsewhere.list_secrets(), asio::use_future).get();
    while (!done)
        context.run_one_for(10s);

    expect_canceled(failure);
    EXPECT_EQ(methods(*this), std::vector<std::string>(3, "ListSecrets"));
    EXPECT_EQ(stored().latest_revision, 1);
    asio::co_spawn(pool, elsewhere.disconnect(), asio::use_future).get();
    pool.join();
}

TEST_P(RotateTest, ACheckThatIsCancelledHasFailed)
{
    asio::cancellation_signal signal;
    const auto check = [&]() -> asio::awaitable<bool> {
        asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
        asio::steady_timer timer(context, asio::steady_timer::time_point::max());
        co_await timer.async_wait(asio::use_awaitable);
        co_return true;
    };
    std::optional<RotateResult> result;
    auto finish = [&](std::exception_ptr error, RotateResult ended) {
        EXPECT_FALSE(error);
        result = std::move(ended);
    };

    asio::co_spawn(context, model.rotate_secret("db", {"password=NEWMARKER"}, check), asio::bind_cancellation_slot(signal.slot(), finish));
    while (!result)
        context.run_one_for(10s);

    EXPECT_EQ(result->state(), RotateState::restored);
    EXPECT_THROW(std::rethrow_exception(result->check_error()), boost::system::system_error);
    EXPECT_EQ(latest_base64(stored()), old_base64);
    EXPECT_EQ(stored().latest_revision, 3);
}

TEST_P(RotateTest, ACheckThatTakesTooLongHasFailed)
{
    const auto check = []() -> asio::awaitable<bool> {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        co_await timer.async_wait(asio::use_awaitable);
        co_return true;
    };
    std::optional<RotateResult> result;
    for (auto limit = 200ms; !result || !result->new_revision(); limit *= 2) { // long enough for the check to be reached
        try {
            result = run(with_timeout(limit, model.rotate_secret("db", {"password=NEWMARKER"}, check)));
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), errc::timed_out);
        }
    }

    EXPECT_EQ(result->state(), RotateState::restored);
    EXPECT_NE(result->check_error(), nullptr);
    EXPECT_EQ(latest_base64(stored()), old_base64);
}

TEST_P(RotateTest, LeavesTheCallersCancellationAsItFindsIt)
{
    bool setting = true;
    bool seen_by_check = true;
    const auto check = [&]() -> asio::awaitable<bool> {
        seen_by_check = co_await asio::this_coro::throw_if_cancelled();
        co_return true;
    };
    auto program = [&]() -> asio::awaitable<RotateResult> {
        co_await asio::this_coro::throw_if_cancelled(false);
        RotateResult result = co_await model.rotate_secret("db", {"password=NEWMARKER"}, check);
        setting = co_await asio::this_coro::throw_if_cancelled();
        co_return result;
    };
    std::optional<RotateResult> result;
    std::exception_ptr failure;

    test::cancel_at_request(*this, 2, program(), result, failure);

    ASSERT_TRUE(result);
    EXPECT_TRUE(result->ok()) << "a caller that goes on after a cancellation is not hindered";
    EXPECT_FALSE(seen_by_check);
    EXPECT_FALSE(setting);
}

TEST_P(RotateTest, ItsFrameMayGoWithTheContext)
{
    for (std::size_t k = 1; k <= 6; ++k) {
        const auto client = std::make_unique<Client>(options(GetParam()));
        client->connect();
        client->run(client->model.add_secret("db", {"password=OLDMARKER"}));
        client->mock.add_fault(MockFault(MockFaultKind::withhold).nth(k));
        const auto before = client->mock.total_requests();
        asio::co_spawn(client->context, client->model.rotate_secret("db", {"password=NEWMARKER"}, fails),
                       [](std::exception_ptr, const RotateResult&) { ADD_FAILURE() << "it has not ended"; });

        while (client->mock.total_requests() < before + k)
            client->context.run_one_for(1ms);
    }
}

TEST_P(RotateTest, ManyAtOnceFromFourThreads)
{
    asio::thread_pool pool(4);
    Model shared(pool.get_executor());
    asio::co_spawn(pool, shared.connect(mock.connect_options()), asio::use_future).get();
    std::vector<std::future<RotateResult>> rotations;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "secret-" + std::to_string(i);
        asio::co_spawn(pool, shared.add_secret(name, {"password=OLDMARKER"}), asio::use_future).get();
        const auto check = [&shared, i](const SecretUri& uri) -> asio::awaitable<bool> {
            const Secret secret = co_await shared.get_secret(uri);
            co_return secret.latest_revision() == 2 && i % 2 == 0;
        };
        rotations.push_back(asio::co_spawn(pool, shared.rotate_secret(name, {"password=NEWMARKER"}, check), asio::use_future));
    }

    for (int i = 0; i < 20; ++i) {
        const auto result = rotations[static_cast<std::size_t>(i)].get();
        EXPECT_EQ(result.state(), i % 2 == 0 ? RotateState::rotated : RotateState::restored);
        EXPECT_EQ(latest_base64(mock.secret("secret-" + std::to_string(i)).value()), i % 2 == 0 ? new_base64 : old_base64);
    }
    asio::co_spawn(pool, shared.disconnect(), asio::use_future).get();
    pool.join();
}

} // namespace
} // namespace juju
