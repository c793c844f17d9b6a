// Converging on a content without ever reading one back.

#include "support/client.hpp"

#include <algorithm>

namespace juju {
namespace {

using test::Client;

class EnsureTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    EnsureTest() : Client(MockOptions().profile(GetParam()).applications({"gitlab", "mysql", "ubuntu"})) { connect(); }

    ~EnsureTest() override { expect_no_reveal(); }

    void expect_no_reveal() const
    {
        for (const auto& text : sent())
            EXPECT_EQ(text.find(R"("show-secrets":true)"), std::string::npos) << text;
    }

    EnsureResult ensure(const SecretContent& content, const EnsureOptions& options = EnsureOptions())
    {
        return run(model.ensure_secret("db", content, options));
    }

    /// The methods of the requests since the last call of this.
    std::vector<std::string> methods()
    {
        expect_no_reveal();
        std::vector<std::string> result;
        for (const auto& text : sent()) {
            const auto start = text.find(R"("request":")") + 11;
            result.push_back(text.substr(start, text.find('"', start) - start));
        }
        mock.clear_transcript();
        return result;
    }

    std::vector<std::string> granted_to() const
    {
        std::vector<std::string> result;
        const auto secret = mock.secret("db");
        for (const auto& grant : secret->grants)
            result.push_back(grant.target_tag);
        std::ranges::sort(result);
        return result;
    }
};

using Names = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Profiles, EnsureTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(EnsureTest, CreatesThenLeavesThenUpdatesOnce)
{
    const SecretContent content("user=admin", "password=first");

    const auto first = ensure(content);
    EXPECT_EQ(first.action(), EnsureAction::created);
    EXPECT_EQ(first.uri().id(), mock.secret("db")->id);
    EXPECT_EQ(methods(), (Names{"ListSecrets", "CreateSecrets"}));

    const auto second = ensure(content);
    EXPECT_EQ(second.action(), EnsureAction::unchanged);
    EXPECT_EQ(second.uri(), first.uri());
    EXPECT_EQ(mock.secret("db")->latest_revision, 1);
    EXPECT_EQ(methods(), Names{"ListSecrets"});

    const auto third = ensure(SecretContent("user=admin", "password=second"));
    EXPECT_EQ(third.action(), EnsureAction::updated);
    EXPECT_EQ(third.uri(), first.uri());
    EXPECT_EQ(mock.secret("db")->latest_revision, 2);
    EXPECT_EQ(methods(), (Names{"ListSecrets", "UpdateSecrets"}));
}

TEST_P(EnsureTest, SendsExactlyThis)
{
    ensure(SecretContent("token=34ae35facd4"), EnsureOptions().info("database").grant("ubuntu"));

    const std::string id = mock.secret("db")->id;
    const auto texts = sent();
    ASSERT_EQ(texts.size(), 3U);
    EXPECT_EQ(
        texts[0],
        R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"label":"db"}}})");
    EXPECT_EQ(
        texts[1],
        R"({"request-id":3,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"description":"database","label":"db","content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]}})");
    EXPECT_EQ(texts[2], R"({"request-id":4,"type":"Secrets","version":2,"request":"GrantSecret","params":{"uri":"secret:)" + id +
                            R"(","applications":["ubuntu"]}})");
}

TEST_P(EnsureTest, ChangesOnlyTheDescriptionWhenOnlyThatDiffers)
{
    const SecretContent content("token=value");
    ensure(content, EnsureOptions().info("old"));
    methods();

    EXPECT_EQ(ensure(content, EnsureOptions().info("new")).action(), EnsureAction::updated);

    EXPECT_NE(sent().back().find(R"("params":{"args":[{"description":"new","uri":)"), std::string::npos) << sent().back();
    EXPECT_EQ(sent().back().find("content"), std::string::npos);
    EXPECT_EQ(mock.secret("db")->latest_revision, 1);
    EXPECT_EQ(ensure(content).action(), EnsureAction::unchanged) << "a description that is not set is left alone";
    EXPECT_EQ(mock.secret("db")->description, "new");
    EXPECT_EQ(ensure(content, EnsureOptions().info("")).action(), EnsureAction::updated);
    EXPECT_EQ(mock.secret("db")->description, "");
}

TEST_P(EnsureTest, AddsMissingGrantsAndSaysWhich)
{
    const SecretContent content("token=value");

    auto result = ensure(content, EnsureOptions().grant("ubuntu"));
    EXPECT_EQ(result.granted(), Names{"ubuntu"});
    EXPECT_TRUE(result.revoked().empty());

    result = ensure(content, EnsureOptions().grant({"ubuntu", "mysql"}).grant("gitlab").grant("mysql"));
    EXPECT_EQ(result.action(), EnsureAction::unchanged);
    EXPECT_EQ(result.granted(), (Names{"mysql", "gitlab"}));

    methods();
    result = ensure(content, EnsureOptions().grant("mysql"));
    EXPECT_TRUE(result.granted().empty());
    EXPECT_TRUE(result.revoked().empty());
    EXPECT_EQ(methods(), Names{"ListSecrets"});
    EXPECT_EQ(granted_to(), (Names{"application-gitlab", "application-mysql", "application-ubuntu"}));
}

TEST_P(EnsureTest, RevokesTheRestOnlyWhenToldTo)
{
    const SecretContent content("token=value");
    ensure(content, EnsureOptions().grant({"ubuntu", "mysql", "gitlab"}));

    const auto result = ensure(content, EnsureOptions().grant("mysql").exact_grants(true));

    EXPECT_EQ(result.action(), EnsureAction::unchanged);
    EXPECT_TRUE(result.granted().empty());
    EXPECT_EQ(result.revoked(), (Names{"gitlab", "ubuntu"}));
    EXPECT_EQ(granted_to(), Names{"application-mysql"});
    EXPECT_EQ(ensure(content, EnsureOptions().exact_grants(true)).revoked(), Names{"mysql"});
    EXPECT_TRUE(granted_to().empty());
}

TEST_P(EnsureTest, SendsAutoPruneEachTimeSinceNobodyShowsIt)
{
    const SecretContent content("token=value");

    EXPECT_EQ(ensure(content, EnsureOptions().auto_prune(true)).action(), EnsureAction::created);
    EXPECT_EQ(methods(), (Names{"ListSecrets", "CreateSecrets", "UpdateSecrets"}));
    EXPECT_TRUE(mock.secret("db")->auto_prune);
    EXPECT_EQ(ensure(content, EnsureOptions().auto_prune(true)).action(), EnsureAction::unchanged);
    EXPECT_EQ(methods(), (Names{"ListSecrets", "UpdateSecrets"}));
    EXPECT_EQ(ensure(content).action(), EnsureAction::unchanged);
    EXPECT_EQ(methods(), Names{"ListSecrets"});
    EXPECT_TRUE(mock.secret("db")->auto_prune);
}

TEST_P(EnsureTest, TakesACharmSecretOfThatLabelForAnotherThing)
{
    mock.add_charm_secret("application-mysql", "db", {{"token", "dmFsdWU="}});

    EXPECT_EQ(ensure(SecretContent("token=value")).action(), EnsureAction::created);
    EXPECT_EQ(ensure(SecretContent("token=value")).action(), EnsureAction::unchanged);
}

TEST_P(EnsureTest, WithoutAChecksumSendsTheContentAndNeverReveals)
{
    MockSecret old;
    old.label = "db";
    old.revisions.emplace_back(1, std::map<std::string, std::string>{{"token", "dmFsdWU="}});
    const std::string id = mock.add_secret(old);
    mock.add_fault(MockFault(MockFaultKind::reply)
                       .method("ListSecrets")
                       .text(R"({"request-id":$ID,"response":{"results":[{"uri":"secret:)" + id + R"(","version":1,"owner-tag":"model-)" +
                             mock.model_uuid() +
                             R"(","label":"db","latest-revision":1,"latest-revision-checksum":"","create-time":"2024-01-01T00:00:00Z",)" +
                             R"("update-time":"2024-01-01T00:00:00Z","revisions":[{"revision":1,"create-time":"2024-01-01T00:00:00Z",)" +
                             R"("update-time":"2024-01-01T00:00:00Z"}]}]}})"));

    EXPECT_EQ(ensure(SecretContent("token=value")).action(), EnsureAction::updated);
}

TEST_P(EnsureTest, TakesASecretThatAppearsMeanwhile)
{
    MockSecret other;
    other.label = "db";
    other.revisions.emplace_back(1, std::map<std::string, std::string>{{"token", "b3RoZXI="}});
    mock.add_secret(other);
    mock.add_fault(MockFault(MockFaultKind::reply).method("ListSecrets").text(R"({"request-id":$ID,"response":{"results":[]}})"));

    EXPECT_EQ(ensure(SecretContent("token=value")).action(), EnsureAction::updated);

    EXPECT_EQ(methods(), (Names{"ListSecrets", "CreateSecrets", "ListSecrets", "UpdateSecrets"}));
    EXPECT_EQ(mock.secrets().size(), 1U);
    EXPECT_EQ(mock.secret("db")->revisions.back().data.at("token"), "dmFsdWU=");
}

TEST_P(EnsureTest, AFailingGrantSaysWhatWasDone)
{
    const SecretContent content("token=value");

    const Error error = error_of(model.ensure_secret("db", content, EnsureOptions().grant({"mysql", "nosuch"})));

    EXPECT_EQ(error.code(), errc::not_found);
    const std::string id = mock.secret("db")->id;
    EXPECT_EQ(
        std::string(error.what()).find("secret \"db\" was created as secret:" + id + ", but then: 1 of 2 applications failed; nosuch: "),
        0U)
        << error.what();
    ASSERT_EQ(error.items().size(), 2U);
    EXPECT_TRUE(error.items()[0].ok());
    EXPECT_FALSE(error.items()[1].ok());
    EXPECT_EQ(error.outcome(), Outcome::rejected);

    const auto again = ensure(content, EnsureOptions().grant("mysql"));
    EXPECT_EQ(again.action(), EnsureAction::unchanged);
    EXPECT_TRUE(again.granted().empty());
}

TEST_P(EnsureTest, GoesOnWhereItWasInterrupted)
{
    const SecretContent content("token=value");
    const auto options = EnsureOptions().info("text").grant("mysql").auto_prune(true);
    for (std::size_t message = 1; message <= 4; ++message) {
        for (const bool after : {false, true}) {
            SCOPED_TRACE(std::to_string(message) + (after ? " after" : " before"));
            Client client(MockOptions().profile(GetParam()).applications({"mysql"}));
            client.run(client.model.connect(client.mock.connect_options().reconnect(false)));
            client.mock.add_fault(MockFault(MockFaultKind::reset).nth(message).after_applying(after));

            const Error error = client.error_of(client.model.ensure_secret("db", content, options));
            EXPECT_EQ(error.code(), errc::connection_lost);
            client.connect();
            client.run(client.model.ensure_secret("db", content, options));

            const auto stored = client.mock.secret("db");
            ASSERT_TRUE(stored);
            EXPECT_EQ(client.mock.secrets().size(), 1U);
            EXPECT_EQ(stored->latest_revision, 1);
            EXPECT_EQ(stored->description, "text");
            EXPECT_TRUE(stored->auto_prune);
            EXPECT_EQ(stored->grants.size(), 1U);
        }
    }
}

TEST_P(EnsureTest, RefusesWhatCannotBeEnsured)
{
    EXPECT_EQ(error_of(model.ensure_secret("", SecretContent("token=value"))).code(), errc::invalid_name);
    EXPECT_EQ(error_of(model.ensure_secret("db", SecretContent())).code(), errc::empty_content);
    EXPECT_TRUE(sent().empty());
}

TEST_P(EnsureTest, ComparesByTheChecksum)
{
    run(model.add_secret("db", {"token=value"}));

    EXPECT_EQ(run(model.secret_matches("db", {"token=value"})), true);
    EXPECT_EQ(run(model.secret_matches(mock.secret("db")->id, {"token=value"})), true);
    EXPECT_EQ(run(model.secret_matches("db", {"token=other"})), false);
    EXPECT_EQ(run(model.secret_matches("db", {"token=value", "more=1"})), false);
    EXPECT_EQ(error_of(model.secret_matches("nobody", {"token=value"})).code(), errc::not_found);
}

TEST_P(EnsureTest, DoesNotKnowWithoutAChecksum)
{
    run(model.add_secret("db", {"token=value"}));
    mock.add_fault(
        MockFault(MockFaultKind::reply)
            .method("ListSecrets")
            .text(R"({"request-id":$ID,"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","version":1,"owner-tag":"model-)" +
                  mock.model_uuid() +
                  R"(","label":"db","latest-revision":1,"latest-revision-checksum":"","create-time":"2024-01-01T00:00:00Z",)" +
                  R"("update-time":"2024-01-01T00:00:00Z","revisions":null}]}})"));

    EXPECT_EQ(run(model.secret_matches("db", {"token=value"})), std::nullopt);
}

/// Juju 3.6 keeps the number and the checksum of a latest revision that was removed.
TEST(EnsureOn36, DoesNotTakeTheChecksumOfARemovedRevisionForTheContents)
{
    Client client(MockOptions().profile(MockProfile::juju_3_6));
    client.connect();
    client.run(client.model.add_secret("db", {"token=first"}));
    client.run(client.model.update_secret("db", SecretUpdate().data({"token=second"})));
    client.run(client.model.remove_secret("db", 2));

    EXPECT_EQ(client.run(client.model.secret_matches("db", {"token=second"})), std::nullopt);
    const Error error = client.error_of(client.model.ensure_secret("db", {"token=second"}));
    EXPECT_EQ(error.code(), errc::not_supported);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(std::string(error.what()).find("second"), std::string::npos);
    EXPECT_EQ(client.run(client.model.ensure_secret("db", {"token=third"})).action(), EnsureAction::updated);
    EXPECT_EQ(client.run(client.model.ensure_secret("db", {"token=second"})).action(), EnsureAction::updated);
    EXPECT_EQ(client.mock.secret("db")->latest_revision, 4);
}

} // namespace
} // namespace juju
