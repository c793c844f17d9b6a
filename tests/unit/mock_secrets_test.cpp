#include "mock_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace juju::test {
namespace {

constexpr auto juju_3_6 = MockProfile::juju_3_6;
constexpr auto juju_4_0 = MockProfile::juju_4_0;

std::string by_id(const std::string& id, const std::string& more)
{
    return R"({"uri":"secret:)" + id + R"(",)" + more + "}";
}

/// Sets the content of a secret to {"k":"<base64 of text>"}.
Json set_content(Dialogue& mock, const std::string& id, const std::string& base64)
{
    return mock.item("UpdateSecrets", by_id(id, R"("content":{"data":{"k":")" + base64 + R"("}})"));
}

std::string with_revisions(Dialogue& mock, int count)
{
    const std::string id = mock.create(R"({"label":"x","content":{"data":{"k":"AAAA"}}})");
    for (int i = 2; i <= count; ++i) {
        EXPECT_EQ(set_content(mock, id, "BB" + std::to_string(10 + i)), Json::object());
    }
    return id;
}

const Json denied{{"message", "permission denied"}, {"code", "unauthorized access"}};

TEST(MockSecrets, ReusesARemovedLatestNumberOn40)
{
    Dialogue mock(juju_4_0);
    const std::string id = with_revisions(mock, 2);

    EXPECT_EQ(mock.item("RemoveSecrets", by_id(id, R"("revisions":[2])")), Json::object());
    EXPECT_EQ(mock.stored(id).latest_revision, 1);
    (void)set_content(mock, id, "CCCC");

    EXPECT_EQ(mock.stored(id).latest_revision, 2);
    EXPECT_EQ(revision_numbers(mock.list().at(0)), (std::vector<int>{1, 2}));
}

TEST(MockSecrets, KeepsCountingAfterARemovedLatestOn36)
{
    Dialogue mock(juju_3_6);
    const std::string id = with_revisions(mock, 2);

    EXPECT_EQ(mock.item("RemoveSecrets", by_id(id, R"("revisions":[2])")), Json::object());
    EXPECT_EQ(mock.stored(id).latest_revision, 2);
    (void)set_content(mock, id, "CCCC");

    EXPECT_EQ(revision_numbers(mock.list().at(0)), (std::vector<int>{1, 3}));
}

TEST(MockSecrets, RemovedLatestContentStillCountsAsTheLatest)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        const std::string id = with_revisions(mock, 2);
        (void)mock.item("RemoveSecrets", by_id(id, R"("revisions":[2])"));

        (void)set_content(mock, id, "BB12");

        EXPECT_EQ(mock.stored(id).revisions.size(), 1U);
    }
}

TEST(MockSecrets, ListsRevisionsByTheirTextOn36AndByNumberOn40)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        with_revisions(mock, 11);

        const std::vector<int> text{1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9};
        const std::vector<int> numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

        EXPECT_EQ(revision_numbers(mock.list().at(0)), profile == juju_3_6 ? text : numbers);
    }
}

TEST(MockSecrets, RemovingTheLastRevisionRemovesTheSecretAndFreesItsName)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        const std::string id = with_revisions(mock, 2);

        EXPECT_EQ(mock.item("RemoveSecrets", by_id(id, R"("revisions":[2,1])")), Json::object());

        EXPECT_FALSE(mock.exists(id));
        EXPECT_NE(mock.create(R"({"label":"x","content":{"data":{"k":"AAAA"}}})"), id);
    }
}

TEST(MockSecrets, NamesTheMissingRevisionsOn36)
{
    Dialogue mock(juju_3_6);
    const std::string id = with_revisions(mock, 1);

    const Json error = mock.item("RemoveSecrets", by_id(id, R"("revisions":[4,5])")).at("error");

    EXPECT_EQ(error.at("message"), "cannot delete any of revisions [4 5] - revisions not found");
}

TEST(MockSecrets, PrunesWhatNobodyTracksAtOnceOn36)
{
    Dialogue mock(juju_3_6);
    const std::string id = with_revisions(mock, 3);
    mock.core.with_world([&](mock::World& world) { world.store.find(id)->revisions[1].tracked_by = {"app/0"}; });

    (void)mock.item("UpdateSecrets", by_id(id, R"("auto-prune":true)"));
    EXPECT_EQ(revision_numbers(mock.list().at(0)), (std::vector<int>{2, 3}));
    (void)set_content(mock, id, "DDDD");

    EXPECT_EQ(revision_numbers(mock.list().at(0)), (std::vector<int>{2, 4}));
}

TEST(MockSecrets, PrunesAndRemovesLaterOn40)
{
    mock::Settings settings = mock_settings(juju_4_0);
    settings.removal_delay = std::chrono::hours(1);
    Dialogue mock(settings);
    mock.login("admin");
    const std::string id = with_revisions(mock, 2);

    (void)mock.item("UpdateSecrets", by_id(id, R"("auto-prune":true)"));
    EXPECT_EQ(mock.item("RemoveSecrets", R"({"label":"x"})"), Json::object());

    EXPECT_EQ(revision_numbers(mock.list().at(0)), (std::vector<int>{1, 2}));
    EXPECT_EQ(mock.item("RemoveSecrets", R"({"label":"x"})"), Json::object());
    mock.core.with_world([](mock::World& world) { world.store.settle(mock::SecretStore::Clock::now() + std::chrono::hours(2)); });
    EXPECT_FALSE(mock.exists(id));
    EXPECT_EQ(mock.item("RemoveSecrets", R"({"uri":"secret:)" + id + R"("})").at("error").at("code"), "secret not found");
}

TEST(MockSecrets, TakesTheEmptyNameForEverOn36)
{
    Dialogue mock(juju_3_6);
    const std::string first = mock.create(R"({"label":"a","content":{"data":{"k":"AAAA"}}})");
    const std::string second = mock.create(R"({"label":"b","content":{"data":{"k":"AAAA"}}})");
    const Json taken{{"message", R"(secret with name "" already exists)"}, {"code", "already exists"}};

    EXPECT_EQ(mock.item("UpdateSecrets", by_id(first, R"("label":"")")), Json::object());
    EXPECT_EQ(mock.item("UpdateSecrets", by_id(second, R"("label":"")")).at("error"), taken);
    EXPECT_EQ(mock.item("UpdateSecrets", by_id(first, R"("label":"a")")), Json::object());
    EXPECT_EQ(mock.item("UpdateSecrets", by_id(second, R"("label":"")")).at("error"), taken);

    EXPECT_EQ(mock.item("CreateSecrets", R"({"label":"","content":{"data":{"k":"AAAA"}}})").at("error"), taken);
    EXPECT_EQ(mock.item("CreateSecrets", R"({"content":{"data":{"k":"AAAA"}}})").count("error"), 0U);
}

TEST(MockSecrets, DoesNotMindEmptyNamesOn40)
{
    Dialogue mock(juju_4_0);

    (void)mock.create(R"({"label":"","content":{"data":{"k":"AAAA"}}})");
    (void)mock.create(R"({"label":"","content":{"data":{"k":"AAAA"}}})");

    EXPECT_EQ(mock.list(R"({"label":""})").size(), 2U);
}

TEST(MockSecrets, RemovesTheOnlyUnnamedSecretWhenNothingIsNamedOn36)
{
    Dialogue mock(juju_3_6);
    const std::string id = mock.create(R"({"content":{"data":{"k":"AAAA"}}})");

    EXPECT_EQ(mock.item("RemoveSecrets", "{}"), Json::object());
    EXPECT_FALSE(mock.exists(id));
    (void)mock.create(R"({"content":{"data":{"k":"AAAA"}}})");
    (void)mock.create(R"({"content":{"data":{"k":"AAAA"}}})");

    EXPECT_EQ(mock.item("RemoveSecrets", "{}").at("error").at("message"), R"(more than 1 secret with label "" not found)");
}

TEST(MockSecrets, LeavesAFailedRenameWithoutAnyEffect)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        const std::string id = mock.create(R"({"label":"a","content":{"data":{"k":"AAAA"}}})");
        (void)mock.create(R"({"label":"b","content":{"data":{"k":"AAAA"}}})");

        const Json result = mock.item("UpdateSecrets", by_id(id, R"("label":"b","description":"d","content":{"data":{"k":"BBBB"}})"));

        EXPECT_EQ(result.at("error").at("code"), "already exists");
        EXPECT_EQ(mock.stored(id).description, "");
        EXPECT_EQ(mock.stored(id).revisions.size(), 1U);
    }
}

TEST(MockSecrets, IgnoresAUserSecretsNameAmongCharmSecrets)
{
    Dialogue mock(juju_4_0);
    mock.core.with_world([](mock::World& world) {
        MockSecret secret;
        secret.owner_tag = "application-mysql";
        secret.label = "same";
        secret.revisions.push_back(MockRevision(1, {{"k", "AAAA"}}));
        world.store.add(secret, world.now());
    });

    const std::string id = mock.create(R"({"label":"same","content":{"data":{"k":"BBBB"}}})");

    EXPECT_EQ(mock.list(R"({"label":"same"})").size(), 2U);
    EXPECT_EQ(mock.list(R"({"owner-tag":"application-mysql","label":"other"})").size(), 1U);
    EXPECT_EQ(mock.item("RemoveSecrets", R"({"label":"same"})"), Json::object());
    EXPECT_FALSE(mock.exists(id));
    EXPECT_EQ(mock.list().size(), 1U);
}

TEST(MockSecrets, ComputesTheKnownChecksums)
{
    using Data = std::map<std::string, std::string>;
    EXPECT_EQ(mock::content_checksum(Data{{"foo", "bar"}}), "7a38bf81f383f69433ad6e900d35b3e2385593f76a7b7ab5d4355b8ba41ee24b");
    EXPECT_EQ(mock::content_checksum(Data{{"username", "YWRtaW4="}, {"password", "aHVudGVyMg=="}}),
              "05576a28baf0b1d7c4945b60d113b6ce4ce890959997082d4e2cb706d4a9a45b");
    EXPECT_EQ(mock::content_checksum(Data{{"empty", ""}}), "5ddea0bed9ab50512425b4c9fa9698e0bacfb81414a3e65f3af66c9e85a9c8f0");
}

TEST(MockSecrets, StoresAChecksumWithoutDataOn40Only)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        const std::string id = mock.create(R"({"content":{"data":{"foo":"bar"}}})");

        (void)mock.item("UpdateSecrets", by_id(id, R"("description":"d","content":{"checksum":"bad"})"));

        EXPECT_EQ(mock.stored(id).checksum == "bad", profile == juju_4_0);
    }
}

TEST(MockSecrets, ReplacesTheWholeContent)
{
    Dialogue mock(juju_4_0);
    const std::string id = mock.create(R"({"content":{"data":{"a":"AAAA","b":"BBBB"}}})");

    (void)set_content(mock, id, "CCCC");

    EXPECT_EQ(mock.list("{}", true).at(0).at("value").at("data"), Json({{"k", "CCCC"}}));
}

TEST(MockSecrets, RefusesByAccess)
{
    const std::string create = R"({"args":[{"content":{"data":{"k":"AAAA"}}}]})";
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        const auto code = [&](const char* user, const std::string& method, const std::string& params) {
            Dialogue mock(mock_settings(profile));
            mock.login(user);
            return mock.secrets(method, params).value("error-code", "");
        };
        EXPECT_EQ(code("nobody", "ListSecrets", "{}"), "unauthorized access");
        EXPECT_EQ(code("nobody", "ListSecrets", R"({"show-secrets":true})"), ""); // a superuser may reveal
        EXPECT_EQ(code("reader", "ListSecrets", "{}"), "");
        EXPECT_EQ(code("reader", "ListSecrets", R"({"show-secrets":true})"), "unauthorized access");
        EXPECT_EQ(code("reader", "CreateSecrets", R"({"args":[]})"), "unauthorized access");
        EXPECT_EQ(code("reader", "RemoveSecrets", R"({"args":[]})"), "");
        EXPECT_EQ(code("writer", "CreateSecrets", create), "");
        EXPECT_EQ(code("writer", "ListSecrets", R"({"show-secrets":true})"), "unauthorized access");
    }
}

TEST(MockSecrets, RefusesARemovalInsideTheResultOn36AndAtTheTopOn40)
{
    const std::string unknown = R"({"args":[{"label":"nosuch"},{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]})";
    Dialogue old(mock_settings(juju_3_6));
    old.login("reader");
    Dialogue now(mock_settings(juju_4_0));
    now.login("reader");

    const Json results = old.secrets("RemoveSecrets", unknown).at("response").at("results");

    EXPECT_EQ(results.at(0).at("error").at("code"), "not found");
    EXPECT_EQ(results.at(1).at("error"), denied);
    EXPECT_EQ(now.secrets("RemoveSecrets", unknown).at("error"), "permission denied");
}

TEST(MockSecrets, PutsARevealFailureIntoItsItem)
{
    Dialogue mock(juju_4_0);
    const std::string id = mock.create(R"({"label":"a","content":{"data":{"k":"AAAA"}}})");
    (void)mock.create(R"({"label":"b","content":{"data":{"k":"AAAA"}}})");
    mock.core.with_world(
        [&](mock::World& world) { world.failing_reveals.insert_or_assign(std::pair(id, 1), mock::Failure("backend down", "not found")); });

    const Json items = mock.list("{}", true);

    ASSERT_EQ(items.size(), 2U);
    for (const Json& item : items) {
        const bool failing = item.at("label") == "a";
        EXPECT_EQ(item.at("value").contains("error"), failing);
        EXPECT_EQ(item.at("value").contains("data"), !failing);
    }
}

TEST(MockSecrets, GivesAnItemForALabelWithoutTheRevisionOn40)
{
    Dialogue mock(juju_4_0);
    const std::string id = with_revisions(mock, 1);

    const Json item = mock.list(R"({"label":"x","revision":5})", true).at(0);

    EXPECT_TRUE(item.at("revisions").is_null());
    EXPECT_EQ(item.at("value").at("error").at("message"), "secret " + id + " revision 5 not found");
}

TEST(MockSecrets, ForgetsOrKeepsTheGrantsOfARemovedApplication)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(profile);
        with_revisions(mock, 1);
        (void)mock.secrets("GrantSecret", R"({"label":"x","applications":["gitlab"]})");

        mock.core.with_world([](mock::World& world) {
            world.applications.erase("gitlab");
            world.store.remove_application_grants("gitlab");
        });

        const Json item = mock.list().at(0);
        EXPECT_EQ(item.contains("access"), profile == juju_4_0);
        if (profile == juju_4_0) {
            EXPECT_EQ(item.at("access").at(0).at("target-tag"), "application-");
        }
    }
}

TEST(MockSecrets, RefusesToGrantToWhatIsNoPlainApplicationOn36)
{
    Dialogue mock(juju_3_6);
    const std::string id = with_revisions(mock, 1);
    mock.core.with_world([](mock::World& world) {
        world.applications["dying"] = MockApplication::dying;
        world.applications["remote"] = MockApplication::consumed;
    });
    const std::string prefix = "cannot change access to \"secret:" + id + "\" for ";

    const Json results =
        mock.secrets("GrantSecret", R"({"label":"x","applications":["dying","remote","Bad_App"]})").at("response").at("results");

    EXPECT_EQ(results.at(0).at("error").at("message"), prefix + R"("dying": cannot grant dying "application-dying" access to secret)");
    EXPECT_EQ(results.at(1).at("error").at("code"), "not supported");
    EXPECT_EQ(results.at(2).at("error").at("message"),
              prefix + R"("Bad_App": invalid subject reference: "Bad_App" is not a valid application name)");
}

TEST(MockSecrets, ShufflesListsButNeverBulkResults)
{
    mock::Settings settings = mock_settings(juju_4_0);
    settings.shuffle_results = true;
    Dialogue mock(settings);
    mock.login("admin");
    const std::string id = with_revisions(mock, 8);
    bool moved = false;

    for (int i = 0; i < 50 && !moved; ++i) {
        const std::vector<int> numbers = revision_numbers(mock.list().at(0));
        moved = !std::is_sorted(numbers.begin(), numbers.end());
    }

    EXPECT_TRUE(moved);
    const Json results = mock.secrets("RemoveSecrets", R"({"args":[{"label":"nosuch"},{"label":"x"}]})").at("response").at("results");
    EXPECT_TRUE(results.at(0).contains("error"));
    EXPECT_EQ(results.at(1), Json::object());
}

TEST(MockSecrets, HasWholeSecondsOn36AndTrimmedNanosecondsOn40)
{
    Dialogue old(juju_3_6);
    Dialogue now(juju_4_0);
    with_revisions(old, 1);
    with_revisions(now, 1);

    EXPECT_EQ(old.list().at(0).at("create-time"), "2026-03-02T10:00:00Z");
    EXPECT_EQ(now.list().at(0).at("create-time"), "2026-03-02T10:00:00.123456789Z");
    EXPECT_FALSE(old.list().at(0).contains("rotate-policy"));
    EXPECT_EQ(now.list().at(0).at("rotate-policy"), "never");
}

TEST(MockSecrets, WorksAsAnOldServerWithVersionOneOnly)
{
    mock::Settings settings = mock_settings(juju_3_6);
    settings.secrets_versions = std::vector<int>{1};
    Dialogue mock(settings);
    mock.login("admin");

    const Json listed = mock.ask(R"({"request-id":2,"type":"Secrets","version":1,"request":"ListSecrets"})");
    const Json created = mock.ask(R"({"request-id":2,"type":"Secrets","version":1,"request":"CreateSecrets"})");

    EXPECT_EQ(listed.at("response").at("results"), Json::array());
    EXPECT_EQ(created.at("error"), "no such request - method Secrets(1).CreateSecrets is not implemented");
    EXPECT_EQ(mock.secrets("ListSecrets", "{}").at("error"), R"(unknown version (2) of interface "Secrets")");
}

} // namespace
} // namespace juju::test
