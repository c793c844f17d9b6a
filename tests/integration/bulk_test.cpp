// Many secrets in one call: an outcome for each, in the order of the items, also where the call takes several requests.

#include "support/client.hpp"

namespace juju {
namespace {

using test::Client;

class BulkTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    BulkTest() : Client(MockOptions().profile(GetParam())) {}

    void connect_with_limit(std::size_t bytes) { run(model.connect(mock.connect_options().max_request_size(bytes))); }

    SecretsManager& manager() { return model.secrets_manager(); }

    static std::string name_of(int number) { return "secret-" + std::to_string(number); }

    static std::vector<SecretDraft> drafts(int count)
    {
        std::vector<SecretDraft> result;
        for (int number = 0; number < count; ++number)
            result.emplace_back(name_of(number), SecretContent("key=" + std::to_string(number)));
        return result;
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, BulkTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(BulkTest, CreatesAThousandSecretsOfWhichOneIsADuplicate)
{
    connect();
    auto items = drafts(1000);
    items[500] = SecretDraft("secret-3", {"key=other"});

    const auto outcomes = run(manager().create(items));

    EXPECT_EQ(sent().size(), 1U);
    ASSERT_EQ(outcomes.size(), 1000U);
    EXPECT_EQ(outcomes.failed(), 1U);
    EXPECT_EQ(outcomes[500].subject(), "secret-3");
    ASSERT_TRUE(outcomes[500].error());
    EXPECT_EQ(outcomes[500].error()->code(), errc::already_exists);
    EXPECT_EQ(outcomes[500].error()->outcome(), Outcome::rejected);
    EXPECT_EQ(mock.secrets().size(), 999U);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (i == 500)
            continue;
        const auto stored = mock.secret(name_of(int(i)));
        ASSERT_TRUE(stored) << i;
        EXPECT_EQ(outcomes[i].value().id(), stored->id);
    }
}

TEST_P(BulkTest, SplitsWhatIsTooLargeForOneRequestWithoutChangingTheOrder)
{
    connect_with_limit(4096);
    auto items = drafts(1000);
    items[500] = SecretDraft("secret-3", {"key=other"});

    const auto outcomes = run(manager().create(items));

    const auto requests = sent();
    EXPECT_GE(requests.size(), 15U);
    EXPECT_LT(requests.size(), 30U);
    for (const auto& request : requests)
        EXPECT_LE(request.size(), 4096U);
    ASSERT_EQ(outcomes.size(), 1000U);
    EXPECT_EQ(outcomes.failed(), 1U);
    EXPECT_FALSE(outcomes[500].ok());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (i == 500)
            continue;
        EXPECT_EQ(outcomes[i].value().id(), mock.secret(name_of(int(i)))->id) << i;
    }
}

TEST_P(BulkTest, SplitsUpdatesAndRemovalsToo)
{
    connect_with_limit(1024);
    run(manager().create(drafts(100)));
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    std::vector<SecretRemoval> removals;
    for (int number = 0; number < 100; ++number) {
        const std::string name = number == 70 ? "nobody" : name_of(number);
        updates.emplace_back(name, SecretUpdate().info("changed"));
        removals.push_back(SecretRemoval::all(name));
    }
    mock.clear_transcript();

    const auto changed = run(manager().update(updates));

    EXPECT_GT(sent().size(), 5U);
    EXPECT_EQ(changed.failed(), 1U);
    EXPECT_EQ(changed.at(70).subject(), "nobody");
    EXPECT_EQ(changed.at(70).error()->code(), errc::not_found);
    EXPECT_EQ(mock.secret("secret-99")->description, "changed");

    const auto removed = run(manager().remove(removals));

    EXPECT_EQ(removed.failed(), 1U);
    EXPECT_EQ(removed.at(70).error()->code(), errc::not_found);
    ASSERT_EQ(mock.secrets().size(), 1U);
    EXPECT_EQ(mock.secrets()[0].label, "secret-70");
}

TEST_P(BulkTest, RefusesASingleItemThatFitsIntoNoRequest)
{
    connect_with_limit(1024);
    auto items = drafts(3);
    items[1] = SecretDraft("big", SecretContent("key=" + std::string(2000, 'x')));

    const Error error = error_of(manager().create(items));

    EXPECT_EQ(error.code(), errc::message_too_large);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    // 2,000 bytes are 2,668 of base64; with R"({"args":[{"label":"big","content":{"data":{"key":""}}}]})" 2,724. 1,024 less 128 for the
    // rest.
    EXPECT_STREQ(error.what(), "item 1: a request of 2724 bytes exceeds the limit of 896 (ConnectOptions::max_request_size)");
    ASSERT_EQ(error.items().size(), 3U);
    EXPECT_TRUE(error.items()[0].ok());
    EXPECT_FALSE(error.items()[1].ok());
    EXPECT_TRUE(sent().empty());
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(BulkTest, AlsoRefusesASingleCallThatFitsIntoNoRequest)
{
    connect_with_limit(1024);

    const Error error = error_of(model.add_secret("big", SecretContent("key=" + std::string(2000, 'x'))));

    EXPECT_EQ(error.code(), errc::message_too_large);
    EXPECT_TRUE(sent().empty());
}

TEST_P(BulkTest, RefusesAGrantThatFitsIntoNoRequest)
{
    connect_with_limit(1024);
    const std::vector<std::string> applications(200, "ubuntu");

    const Error error = error_of(model.grant_secret("db", applications));

    EXPECT_EQ(error.code(), errc::message_too_large);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    // 200 times "ubuntu" with its quotes, 199 commas, R"({"label":"db","applications":[]})", the names, and 96 for the rest.
    EXPECT_STREQ(error.what(),
                 "Secrets.GrantSecret: a request of up to 1945 bytes exceeds the limit of 1024 (ConnectOptions::max_request_size)");
    EXPECT_TRUE(sent().empty());
}

TEST_P(BulkTest, ARefusedRequestOfSeveralHidesNoOther)
{
    connect_with_limit(1024);
    mock.add_fault(MockFault(MockFaultKind::error).method("CreateSecrets").nth(2).text("try again").code("try again"));

    const auto outcomes = run(manager().create(drafts(60)));

    EXPECT_GT(sent().size(), 2U);
    EXPECT_EQ(mock.secrets().size(), outcomes.size() - outcomes.failed());
    ASSERT_TRUE(outcomes[0].ok());
    ASSERT_TRUE(outcomes[59].ok());
    EXPECT_GT(outcomes.failed(), 5U);
    for (const auto& outcome : outcomes) {
        EXPECT_EQ(mock.secret(outcome.subject()).has_value(), outcome.ok()) << outcome.subject();
        if (!outcome.ok()) {
            EXPECT_EQ(outcome.error()->code(), errc::try_again);
            EXPECT_EQ(outcome.error()->outcome(), Outcome::rejected);
        }
    }
}

TEST_P(BulkTest, AfterALostAnswerTheRestIsNotSentAndSaysSo)
{
    connect_with_limit(1024);
    mock.add_fault(MockFault(MockFaultKind::reset).method("CreateSecrets").nth(2).after_applying());

    const auto outcomes = run(manager().create(drafts(40)));

    EXPECT_EQ(sent().size(), 2U);
    std::vector<std::size_t> by_outcome(4);
    for (const auto& outcome : outcomes) {
        const bool stored = mock.secret(outcome.subject()).has_value();
        if (outcome.ok()) {
            EXPECT_TRUE(stored);
            ++by_outcome[3];
            continue;
        }
        const Error& error = *outcome.error();
        EXPECT_EQ(error.code(), errc::connection_lost);
        EXPECT_FALSE(error.connection_usable());
        ++by_outcome[std::size_t(error.outcome())];
        EXPECT_EQ(stored, error.outcome() == Outcome::unknown) << outcome.subject();
    }
    EXPECT_GT(by_outcome[std::size_t(Outcome::not_sent)], 0U);
    EXPECT_GT(by_outcome[std::size_t(Outcome::unknown)], 0U);
    EXPECT_EQ(by_outcome[std::size_t(Outcome::rejected)], 0U);
    EXPECT_GT(by_outcome[3], 0U);
    EXPECT_FALSE(outcomes[39].ok());
    EXPECT_NE(std::string(outcomes[39].error()->what()).find("not sent"), std::string::npos);
}

TEST_P(BulkTest, ThrowsWhenNoRequestOfSeveralSucceeded)
{
    connect_with_limit(1024);
    mock.set_access("admin", MockAccess::read);

    const Error error = error_of(manager().create(drafts(40)));

    EXPECT_EQ(error.code(), errc::permission_denied);
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(BulkTest, RefusesALimitThatLeavesNoRoomForALogin)
{
    const Error error = error_of(model.connect(mock.connect_options().max_request_size(1023)));

    EXPECT_EQ(error.code(), errc::invalid_argument);
    EXPECT_STREQ(error.what(), "max_request_size must be at least 1024");
}

/// Juju 3.6.28, which ends the whole request for one bad item.
class AbortedBatchTest : public testing::Test, protected Client {
protected:
    AbortedBatchTest() : Client(MockOptions().profile(MockProfile::juju_3_6).crash_on_bad_batch(true)) {}

    std::vector<std::pair<SecretRef, SecretUpdate>> updates_with_a_missing_one() const
    {
        std::vector<std::pair<SecretRef, SecretUpdate>> updates;
        updates.emplace_back("one", SecretUpdate().info("changed"));
        updates.emplace_back("nobody", SecretUpdate().info("changed"));
        return updates;
    }
};

TEST_F(AbortedBatchTest, IsSaidClearly)
{
    connect();
    run(model.add_secret("one", {"key=value"}));

    const Error error = error_of(model.secrets_manager().update(updates_with_a_missing_one()));

    EXPECT_EQ(error.code(), errc::batch_aborted);
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_STREQ(error.what(),
                 "Secrets.UpdateSecrets: runtime error: invalid memory address or nil pointer dereference: Juju 3.6.28 aborts a "
                 "request like this when one of its items is not usable, and stores none of its 2; send them one by one to "
                 "find it");
    EXPECT_EQ(error.server_message(), "runtime error: invalid memory address or nil pointer dereference");
    EXPECT_EQ(mock.secret("one")->description, "");
}

TEST_F(AbortedBatchTest, OfSeveralRequestsTouchesOnlyItsOwnItems)
{
    run(model.connect(mock.connect_options().max_request_size(1024)));
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    std::vector<SecretDraft> drafts;
    for (int number = 0; number < 40; ++number) {
        const std::string name = "secret-" + std::to_string(number);
        drafts.emplace_back(name, SecretContent("key=value"));
        updates.emplace_back(number == 39 ? "nobody" : name, SecretUpdate().info("changed"));
    }
    run(model.secrets_manager().create(drafts));

    const auto outcomes = run(model.secrets_manager().update(updates));

    ASSERT_TRUE(outcomes[0].ok());
    ASSERT_FALSE(outcomes[39].ok());
    for (std::size_t i = 0; i < 39; ++i) {
        EXPECT_EQ(mock.secret(drafts[i].name())->description == "changed", outcomes[i].ok()) << i;
        if (outcomes[i].ok())
            continue;
        EXPECT_EQ(outcomes[i].error()->code(), errc::batch_aborted);
    }
}

} // namespace
} // namespace juju
