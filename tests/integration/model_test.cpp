// Every public call against both profiles of the mock controller, over a real TLS WebSocket, with the same expected results.

#include "support/client.hpp"

#include <algorithm>
#include <random>

namespace juju {
namespace {

using test::Client;

constexpr auto model_owner = "model-deadbeef-0bad-400d-8000-4b1d0d06f00d";

class ModelTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    ModelTest()
        : Client(MockOptions()
                     .profile(GetParam())
                     .applications({"gitlab", "mysql", "postgresql"})
                     .state_yaml("model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: testmodel, owner: admin}\n"
                                 "next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90]\n"))
    {
        connect();
    }

    std::string last_sent() const { return sent().back(); }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ModelTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ModelTest, IsConnectedBetweenConnectAndDisconnect)
{
    EXPECT_TRUE(model.is_connected());

    run(model.disconnect());

    EXPECT_FALSE(model.is_connected());
    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::not_connected);
}

TEST_P(ModelTest, LogsInWithoutTheCommandLine)
{
    const auto login = mock.transcript().front().text;

    EXPECT_EQ(login, R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":")" +
                         mock.password() + R"("}})");
}

TEST_P(ModelTest, AddsASecret)
{
    const SecretUri uri = run(model.add_secret("my-apitoken", {"token=34ae35facd4"}, "api token"));

    EXPECT_EQ(uri.str(), "secret:9m4e2mr0ui3e8a215n4g");
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":2,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"description":"api token","label":"my-apitoken","content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]}})");
    const auto stored = mock.secret("my-apitoken");
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->description, "api token");
    EXPECT_EQ(stored->revisions.at(0).data.at("token"), "MzRhZTM1ZmFjZDQ=");
}

TEST_P(ModelTest, AddsAnUnnamedSecretWithoutALabelOnTheWire)
{
    run(model.add_secret("", {"token=34ae35facd4"}));
    run(model.add_secret("", {"token=34ae35facd4"}));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]}})");
    EXPECT_EQ(mock.secrets().size(), 2U);
}

TEST_P(ModelTest, RefusesASecondSecretOfTheSameName)
{
    run(model.add_secret("my-apitoken", {"token=34ae35facd4"}));

    const Error error = error_of(model.add_secret("my-apitoken", {"token=other"}));

    EXPECT_EQ(error.code(), errc::already_exists);
    EXPECT_STREQ(error.what(), "Secrets.CreateSecrets: secret with name \"my-apitoken\" already exists (already exists)");
    EXPECT_EQ(error.server_code(), "already exists");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(error.connection_usable());
}

TEST_P(ModelTest, ListsMetadataWithoutContent)
{
    run(model.add_secret("zebra", {"key=value"}));
    run(model.add_secret("apple", {"key=value"}, "first"));
    run(model.grant_secret("apple", {"mysql", "gitlab"}));

    const auto secrets = run(model.list_secrets());

    EXPECT_EQ(last_sent(),
              R"({"request-id":5,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{}}})");
    ASSERT_EQ(secrets.size(), 2U);
    const Secret& secret = secrets[0];
    EXPECT_EQ(secret.name(), "apple");
    EXPECT_EQ(secret.label(), "apple");
    EXPECT_EQ(secret.info(), "first");
    EXPECT_EQ(secret.owner(), model_owner);
    EXPECT_EQ(secret.latest_revision(), 1);
    EXPECT_EQ(secret.rotate_policy(), "never");
    EXPECT_EQ(secret.checksum(), SecretContent({"key=value"}).checksum());
    ASSERT_EQ(secret.revisions().size(), 1U);
    EXPECT_EQ(secret.revisions()[0].backend(), "internal");
    ASSERT_EQ(secret.access().size(), 2U);
    EXPECT_EQ(secret.access()[0].application(), "gitlab");
    EXPECT_EQ(secret.access()[1].application(), "mysql");
    EXPECT_EQ(secret.access()[0].scope(), model_owner);
    EXPECT_FALSE(secret.has_content());
    EXPECT_THROW(secret.content(), Error);
    EXPECT_EQ(secrets[1].name(), "zebra");
}

TEST_P(ModelTest, RevealsTheLatestAndAnOldRevision)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));
    run(model.update_secret("my-apitoken", SecretUpdate().data({"token=second"})));

    const auto latest = run(model.reveal_secret("my-apitoken"));
    const auto old = run(model.reveal_secret(uri, 1));
    const auto old_by_name = run(model.reveal_secret("my-apitoken", 1));

    EXPECT_EQ(latest.content().at("token").text(), "second");
    EXPECT_EQ(latest.revisions().size(), 2U);
    EXPECT_EQ(old.content().at("token").text(), "first");
    EXPECT_EQ(old.latest_revision(), 2);
    ASSERT_EQ(old.revisions().size(), 1U);
    EXPECT_EQ(old.revisions()[0].number(), 1);
    EXPECT_EQ(old_by_name.content().at("token").text(), "first");
}

TEST_P(ModelTest, GetsOneSecretByNameUriAndBareId)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));

    EXPECT_EQ(run(model.get_secret("my-apitoken")).uri(), uri);
    EXPECT_EQ(run(model.get_secret(uri)).name(), "my-apitoken");
    EXPECT_EQ(run(model.get_secret("secret:9m4e2mr0ui3e8a215n4g")).name(), "my-apitoken");
    EXPECT_EQ(run(model.get_secret("9m4e2mr0ui3e8a215n4g")).name(), "my-apitoken");
}

TEST_P(ModelTest, ReportsOneErrorForEverySpellingOfNotFound)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));
    constexpr auto absent = "secret:cvq3k8t0fr6s73c1l9ag";

    EXPECT_EQ(error_of(model.get_secret("nosuch")).code(), errc::not_found);
    EXPECT_EQ(error_of(model.get_secret(absent)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.reveal_secret(absent)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.reveal_secret(uri, 5)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.reveal_secret("my-apitoken", 5)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.update_secret("nosuch", SecretUpdate().info("x"))).code(), errc::not_found);
    EXPECT_EQ(error_of(model.update_secret(absent, SecretUpdate().info("x"))).code(), errc::not_found);
    EXPECT_EQ(error_of(model.remove_secret("nosuch")).code(), errc::not_found);
    EXPECT_EQ(error_of(model.remove_secret(absent)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.remove_secret(uri, 5)).code(), errc::not_found);
    EXPECT_EQ(error_of(model.grant_secret("nosuch", "gitlab")).code(), errc::not_found);
    EXPECT_EQ(error_of(model.grant_secret(absent, "gitlab")).code(), errc::not_found);
    EXPECT_EQ(error_of(model.grant_secret(uri, "nosuch")).code(), errc::not_found);
    EXPECT_EQ(error_of(model.revoke_secret("nosuch", "gitlab")).code(), errc::not_found);
    constexpr auto elsewhere = "secret://11111111-2222-4333-8444-555555555555/cvq3k8t0fr6s73c1l9ag";
    EXPECT_EQ(error_of(model.update_secret(elsewhere, SecretUpdate().info("x"))).code(), errc::not_found);
    EXPECT_TRUE(model.is_connected());
}

TEST_P(ModelTest, GrantsAndRevokes)
{
    run(model.add_secret("my-apitoken", {"token=first"}));

    run(model.grant_secret("my-apitoken", {"gitlab", "mysql"}));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"Secrets","version":2,"request":"GrantSecret","params":{"label":"my-apitoken","applications":["gitlab","mysql"]}})");
    EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 2U);

    run(model.grant_secret("my-apitoken", "gitlab"));
    EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 2U);

    run(model.revoke_secret(SecretUri::parse("9m4e2mr0ui3e8a215n4g"), "gitlab"));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":5,"type":"Secrets","version":2,"request":"RevokeSecret","params":{"uri":"secret:9m4e2mr0ui3e8a215n4g","applications":["gitlab"]}})");
    ASSERT_EQ(mock.secret("my-apitoken")->grants.size(), 1U);
    EXPECT_EQ(mock.secret("my-apitoken")->grants[0].target_tag, "application-mysql");
}

TEST_P(ModelTest, KeepsTheGrantsThatWorkedBesideOneThatFailed)
{
    run(model.add_secret("my-apitoken", {"token=first"}));

    const Error error = error_of(model.grant_secret("my-apitoken", {"gitlab", "nosuch", "mysql"}));

    EXPECT_EQ(error.code(), errc::not_found);
    ASSERT_EQ(error.items().size(), 3U);
    EXPECT_EQ(error.items()[0].subject(), "gitlab");
    EXPECT_TRUE(error.items()[0].ok());
    EXPECT_EQ(error.items()[1].subject(), "nosuch");
    ASSERT_FALSE(error.items()[1].ok());
    EXPECT_EQ(error.items()[1].error()->code(), errc::not_found);
    EXPECT_TRUE(error.items()[2].ok());
    EXPECT_NE(std::string(error.what()).find("1 of 3 applications failed; nosuch: "), std::string::npos) << error.what();
    EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 2U);
}

TEST_P(ModelTest, UpdatesTheValueAndNothingElse)
{
    run(model.add_secret("my-apitoken", {"token=first"}, "described"));

    run(model.update_secret("my-apitoken", SecretUpdate().data({"token=second"})));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"content":{"data":{"token":"c2Vjb25k"}},"existing-label":"my-apitoken"}]}})");
    const auto stored = mock.secret("my-apitoken");
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->description, "described");
    EXPECT_EQ(stored->latest_revision, 2);
}

TEST_P(ModelTest, MakesNoRevisionOfEqualContent)
{
    run(model.add_secret("my-apitoken", {"token=first"}));

    run(model.update_secret("my-apitoken", SecretUpdate().data({"token=first"})));

    EXPECT_EQ(mock.secret("my-apitoken")->latest_revision, 1);
}

TEST_P(ModelTest, RenamesDescribesAndPrunes)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}, "described"));

    run(model.update_secret("my-apitoken", SecretUpdate().new_name("new-token").clear_info().auto_prune(true)));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"description":"","label":"new-token","auto-prune":true,"existing-label":"my-apitoken"}]}})");
    const auto stored = mock.secret(uri.id());
    EXPECT_EQ(stored->label, "new-token");
    EXPECT_EQ(stored->description, "");
    EXPECT_TRUE(stored->auto_prune);
    EXPECT_EQ(stored->latest_revision, 1);
}

TEST_P(ModelTest, RemovesOneRevisionThenTheSecret)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));
    run(model.update_secret(uri, SecretUpdate().data({"token=second"})));

    run(model.remove_secret("my-apitoken", 1));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":4,"type":"Secrets","version":2,"request":"RemoveSecrets","params":{"args":[{"label":"my-apitoken","revisions":[1]}]}})");
    ASSERT_TRUE(mock.secret("my-apitoken"));
    EXPECT_EQ(mock.secret("my-apitoken")->revisions.size(), 1U);

    run(model.remove_secret(uri));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":5,"type":"Secrets","version":2,"request":"RemoveSecrets","params":{"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})");
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(ModelTest, NeverRemovesEverythingByAccident)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));
    run(model.add_secret("", {"token=unnamed"}));
    const auto requests = mock.total_requests();

    EXPECT_EQ(error_of(model.remove_secret(uri, 0)).code(), errc::invalid_revision);
    EXPECT_EQ(error_of(model.remove_secret(uri, -1)).code(), errc::invalid_revision);
    EXPECT_THROW(model.remove_secret(SecretUri()), Error);
    EXPECT_THROW(model.remove_secret(""), Error);
    std::vector<SecretRemoval> removals;
    removals.emplace_back(uri, std::vector<int>());
    EXPECT_EQ(error_of(model.secrets_manager().remove(removals)).code(), errc::invalid_revision);

    EXPECT_EQ(mock.total_requests(), requests);
    EXPECT_EQ(mock.secrets().size(), 2U);
}

TEST_P(ModelTest, PrefersTheUserSecretToACharmsOfTheSameLabel)
{
    mock.add_charm_secret("application-mysql", "db-root", {{"password", "Y2hhcm0="}});
    const auto charm_only = run(model.reveal_secret("db-root"));
    EXPECT_EQ(charm_only.owner(), "application-mysql");
    EXPECT_EQ(charm_only.name(), "");
    EXPECT_EQ(charm_only.label(), "db-root");

    run(model.add_secret("db-root", {"password=user"}));
    const auto secret = run(model.reveal_secret("db-root"));
    EXPECT_EQ(secret.content().at("password").text(), "user");
    EXPECT_EQ(run(model.reveal_secret("db-root", 1)).content().at("password").text(), "user");
    EXPECT_EQ(run(model.list_secrets(SecretFilter().name("db-root"))).size(), 2U);
}

TEST_P(ModelTest, DoesNotGuessBetweenCharmSecretsOfOneLabel)
{
    mock.add_charm_secret("application-mysql", "shared", {{"password", "Y2hhcm0="}});
    mock.add_charm_secret("application-gitlab", "shared", {{"password", "Y2hhcm0="}});

    EXPECT_EQ(error_of(model.get_secret("shared")).code(), errc::several_matches);
}

TEST_P(ModelTest, FiltersAlikeOnBothControllers)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));
    run(model.add_secret("other", {"token=first"}));
    run(model.update_secret("my-apitoken", SecretUpdate().data({"token=second"})));
    mock.add_charm_secret("application-mysql", "my-apitoken", {{"password", "Y2hhcm0="}});
    mock.add_charm_secret("unit-mysql-0", "unit-secret", {{"password", "Y2hhcm0="}});

    const auto owners = [&](SecretFilter filter) {
        std::vector<std::string> result;
        for (const auto& secret : run(model.list_secrets(filter)))
            result.push_back(secret.owner() + " " + secret.label());
        std::ranges::sort(result);
        return result;
    };
    const std::string owner = model_owner;
    using Names = std::vector<std::string>;

    EXPECT_EQ(owners(SecretFilter().owner(owner)), (Names{owner + " my-apitoken", owner + " other"}));
    EXPECT_EQ(owners(SecretFilter().owner("application-mysql")), Names{"application-mysql my-apitoken"});
    EXPECT_EQ(owners(SecretFilter().owner("unit-mysql-0")), Names{"unit-mysql-0 unit-secret"});
    EXPECT_EQ(owners(SecretFilter().owner("application-nosuch")), Names{});
    EXPECT_EQ(owners(SecretFilter().owner("application-mysql").name("my-apitoken")), Names{"application-mysql my-apitoken"});
    EXPECT_EQ(owners(SecretFilter().owner("application-mysql").name("other")), Names{});
    EXPECT_EQ(owners(SecretFilter().uri(uri).name("my-apitoken")), Names{owner + " my-apitoken"});
    EXPECT_EQ(owners(SecretFilter().uri(uri).name("other")), Names{});
    EXPECT_EQ(owners(SecretFilter().uri(uri).owner("application-mysql")), Names{});
    EXPECT_EQ(owners(SecretFilter().uri(SecretUri::parse("cvq3k8t0fr6s73c1l9ag"))), Names{});
    EXPECT_EQ(owners(SecretFilter().uri(uri).revision(5)), Names{});
    EXPECT_EQ(owners(SecretFilter().name("nosuch")), Names{});
    EXPECT_EQ(owners(SecretFilter().name("my-apitoken").revision(2)), Names{owner + " my-apitoken"});
    EXPECT_EQ(owners(SecretFilter().name("my-apitoken").revision(1)), (Names{"application-mysql my-apitoken", owner + " my-apitoken"}));
}

TEST_P(ModelTest, RevealsTheRevisionThatAFilterNames)
{
    run(model.add_secret("my-apitoken", {"token=first"}));
    run(model.update_secret("my-apitoken", SecretUpdate().data({"token=second"})));
    mock.add_charm_secret("application-mysql", "my-apitoken", {{"password", "Y2hhcm0="}});

    const auto shown = run(model.list_secrets(SecretFilter().name("my-apitoken").revision(2).show_secrets(true)));

    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].content().at("token").text(), "second");
    ASSERT_EQ(shown[0].revisions().size(), 1U);
    EXPECT_EQ(shown[0].revisions()[0].number(), 2);
}

TEST_P(ModelTest, SortsRevisionsByNumber)
{
    run(model.add_secret("my-apitoken", {"token=1"}));
    for (int i = 2; i <= 12; ++i)
        run(model.update_secret("my-apitoken", SecretUpdate().data({"token=" + std::to_string(i)})));

    const auto secret = run(model.get_secret("my-apitoken"));

    ASSERT_EQ(secret.revisions().size(), 12U);
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(secret.revisions()[static_cast<std::size_t>(i)].number(), i + 1);
}

TEST_P(ModelTest, TellsAnUnreadableContentWithoutHidingTheOthers)
{
    const auto uri = run(model.add_secret("broken", {"token=1"}));
    run(model.add_secret("fine", {"token=2"}));
    mock.fail_reveal(uri.id(), 1, "backend is away", "");

    const auto secrets = run(model.list_secrets(SecretFilter().show_secrets(true)));

    ASSERT_EQ(secrets.size(), 2U);
    ASSERT_TRUE(secrets[0].content_error());
    EXPECT_EQ(secrets[0].content_error()->server_message(), "backend is away");
    EXPECT_THROW(secrets[0].content(), Error);
    EXPECT_EQ(secrets[1].content().at("token").text(), "2");
    EXPECT_EQ(error_of(model.reveal_secret("broken")).server_message(), "backend is away");
}

TEST_P(ModelTest, KeepsEveryOneByteSuffix)
{
    for (int byte = 0; byte < 256; ++byte) {
        SecretContent content;
        content.set("value", "abc" + std::string(1, static_cast<char>(byte)));
        const auto uri = run(model.add_secret("", content));
        EXPECT_TRUE(run(model.reveal_secret(uri)).content() == content) << byte;
    }
}

TEST_P(ModelTest, KeepsRandomValues)
{
    std::mt19937 random(20261124);
    for (int round = 0; round < 100; ++round) {
        std::string bytes(random() % 65, '\0');
        for (auto& c : bytes)
            c = static_cast<char>(random());
        SecretContent content;
        content.set("value", bytes).set("nul-and-ff", std::string_view("\0\xff\0", 3));
        const auto uri = run(model.add_secret("", content));
        const auto revealed = run(model.reveal_secret(uri));
        EXPECT_EQ(revealed.content().at("value").text(), bytes);
        EXPECT_EQ(revealed.content().at("nul-and-ff").text(), std::string_view("\0\xff\0", 3));
        EXPECT_EQ(revealed.checksum(), content.checksum());
    }
}

TEST_P(ModelTest, KeepsTheLargestValue)
{
    std::string bytes(750'000, '\0');
    std::mt19937 random(7);
    for (auto& c : bytes)
        c = static_cast<char>(random());
    SecretContent content;
    content.set("value", bytes);

    const auto uri = run(model.add_secret("large", content));
    EXPECT_EQ(run(model.reveal_secret(uri)).content().at("value").text(), bytes);

    const auto requests = mock.total_requests();
    bytes += 'x';
    try {
        content.set("value", bytes);
        FAIL() << "750,001 bytes were accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::content_too_large);
    }
    EXPECT_EQ(mock.total_requests(), requests);
}

TEST_P(ModelTest, KeepsNamesAndDescriptionsWithEveryCharacter)
{
    const std::string name = "naïve \"quoted\" \\ <&> \t 秘密";
    const std::string info = "line one\nline two \x01 \x7f";

    const auto uri = run(model.add_secret(name, {"token=x"}, info));

    const auto secret = run(model.get_secret(SecretRef::by_name(name)));
    EXPECT_EQ(secret.uri(), uri);
    EXPECT_EQ(secret.name(), name);
    EXPECT_EQ(secret.info(), info);
}

TEST_P(ModelTest, CreatesSeveralSecretsWithAnOutcomeForEach)
{
    std::vector<SecretDraft> drafts;
    drafts.emplace_back("one", SecretContent({"key=1"}));
    drafts.emplace_back("one", SecretContent({"key=2"}));
    drafts.emplace_back("two", SecretContent({"key=3"}));

    const auto outcomes = run(model.secrets_manager().create(drafts));

    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0].value().id(), "9m4e2mr0ui3e8a215n4g");
    EXPECT_EQ(outcomes[1].error()->code(), errc::already_exists);
    EXPECT_EQ(outcomes[1].subject(), "one");
    EXPECT_EQ(outcomes[2].value().id(), "coj8mulh8b41e8nv6p90");
    EXPECT_EQ(outcomes.failed(), 1U);
}

TEST_P(ModelTest, SendsNothingOfAListWithAnUnusableItem)
{
    const auto requests = mock.total_requests();
    std::vector<SecretDraft> drafts;
    drafts.emplace_back("one", SecretContent({"key=1"}));
    drafts.emplace_back("two", SecretContent());

    const Error error = error_of(model.secrets_manager().create(drafts));

    EXPECT_EQ(error.code(), errc::empty_content);
    EXPECT_NE(std::string(error.what()).find("item 1: "), std::string::npos) << error.what();
    EXPECT_EQ(mock.total_requests(), requests);
}

} // namespace
} // namespace juju
