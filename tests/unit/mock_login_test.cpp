#include "mock_support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace juju::test {
namespace {

constexpr auto juju_3_6 = MockProfile::juju_3_6;
constexpr auto juju_4_0 = MockProfile::juju_4_0;

mock::Settings people(MockProfile profile)
{
    return MockOptions()
        .profile(profile)
        .user("admin", "pw", MockAccess::admin, MockControllerAccess::superuser)
        .user("bob", "pw", MockAccess::read)
        .user("stranger", "pw", MockAccess::none, MockControllerAccess::none)
        .user("visitor", "pw", MockAccess::none)
        .user("guest", "pw", MockAccess::read, MockControllerAccess::none)
        .user("disabled", "pw", MockAccess::admin)
        .user("removed", "pw", MockAccess::admin)
        .agent("unit-mysql-0", "ag3nt")
        .settings();
}

/// "message / code" of a refused login, or "" for an accepted one.
std::string outcome(Dialogue& mock, const std::string& params)
{
    const Json reply = mock.ask(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":)" + params + "}");
    return reply.contains("error") ? reply.at("error").get<std::string>() + " / " + reply.value("error-code", "") : "";
}

std::string as(const std::string& tag, const std::string& password)
{
    return R"({"auth-tag":")" + tag + R"(","credentials":")" + password + R"("})";
}

std::string fresh_outcome(MockProfile profile, const std::string& params, void (*prepare)(mock::World&) = nullptr)
{
    Dialogue mock(people(profile));
    mock.core.with_world([&](mock::World& world) {
        world.find_user("disabled")->account = MockAccount::disabled;
        world.find_user("removed")->account = MockAccount::removed;
        if (prepare != nullptr) {
            prepare(world);
        }
    });
    return outcome(mock, params);
}

TEST(MockLogin, FailsAsItsRelease)
{
    struct Row {
        std::string params;
        std::string on_3_6;
        std::string on_4_0;
    };
    const std::string bad = "invalid entity name or password / unauthorized access";
    const std::string denied = "permission denied / unauthorized access";
    const std::string unauthorized = "failed to authenticate request: unauthorized / unauthorized access";
    const std::vector<Row> rows{
        {as("user-admin", "pw"), "", ""},
        {as("user-admin@local", "pw"), "", ""},
        {as("user-admin", "wrong"), bad, bad},
        {as("user-unknown", "pw"), bad, bad},
        {as("user-disabled", "pw"), "user \"disabled\" is disabled / unauthorized access", bad},
        {as("user-removed", "pw"), "user \"removed\" is permanently deleted / unauthorized access", bad},
        {as("user-stranger", "pw"), bad, denied},
        {as("user-visitor", "pw"), denied, denied},
        {as("user-guest", "pw"), denied, denied},
        {as("unit-mysql-0", "ag3nt"), "", ""},
        {as("unit-mysql-0", "wrong"), bad, bad},
        {as("unit-mysql-1", "ag3nt"), bad, bad},
        {as("bar", "pw"), "\"bar\" is not a valid tag / ", "\"bar\" is not a valid tag / "},
        {as("user-x", "pw"), "\"user-x\" is not a valid user tag / ", "\"user-x\" is not a valid user tag / "},
        {as("cloud-aws", "pw"), "unexpected login entity tag: invalid request / unauthorized access",
         "unexpected login entity tag: invalid request / unauthorized access"},
        {R"({"auth-tag":""})", unauthorized, unauthorized},
        {R"({"token":"abc"})", unauthorized, unauthorized},
        {"null", unauthorized, unauthorized},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(fresh_outcome(juju_3_6, row.params), row.on_3_6) << row.params;
        EXPECT_EQ(fresh_outcome(juju_4_0, row.params), row.on_4_0) << row.params;
    }
}

TEST(MockLogin, OnAControllerConnectionNeedsNoModel)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        for (const auto& [user, access] : {std::pair("admin", "superuser"), std::pair("bob", "login"), std::pair("visitor", "login")}) {
            Dialogue mock(people(profile), mock::Target::controller);

            const Json result = mock.login(user).at("response");

            EXPECT_FALSE(result.contains("model-tag"));
            EXPECT_EQ(result.at("user-info").at("controller-access"), access);
            EXPECT_EQ(result.at("user-info").at("model-access"), "");
            std::map<std::string, Json> versions;
            for (const Json& facade : result.at("facades")) {
                versions[facade.at("name").get<std::string>()] = facade.at("versions");
            }
            EXPECT_EQ(versions.size(), profile == juju_3_6 ? 16U : 14U);
            EXPECT_EQ(versions["SecretBackends"], Json::array({1}));
            EXPECT_EQ(versions["ModelManager"], profile == juju_3_6 ? Json::array({9, 10}) : Json::array({10, 11}));
            EXPECT_FALSE(versions.contains("Secrets"));
        }
        Dialogue stranger(people(profile), mock::Target::controller);
        EXPECT_EQ(stranger.login("guest").contains("error"), true);
    }
}

TEST(MockLogin, MayBeTriedAgainUnlessItFailedLate)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Dialogue mock(people(profile));
        EXPECT_NE(outcome(mock, as("user-admin", "wrong")), "");
        EXPECT_EQ(outcome(mock, as("user-admin", "pw")), "");
    }
    Dialogue old(people(juju_3_6));
    (void)outcome(old, as("user-visitor", "pw"));

    EXPECT_EQ(outcome(old, as("user-admin", "pw")), "already logged in / ");
}

TEST(MockLogin, IsRestrictedWhileTheControllerIsUpgraded)
{
    const auto upgrading = [](mock::World& world) { world.upgrading = true; };
    EXPECT_EQ(fresh_outcome(juju_4_0, as("user-admin", "wrong"), upgrading), "login failed - maintenance in progress / ");
    EXPECT_EQ(fresh_outcome(juju_4_0, as("unit-mysql-0", "ag3nt"), upgrading),
              "login for unit mysql/0 blocked because upgrade is in progress / ");
    Dialogue mock(people(juju_4_0));
    mock.core.with_world(upgrading);

    EXPECT_EQ(outcome(mock, as("user-admin", "pw")), "");

    EXPECT_EQ(mock.secrets("ListSecrets", "{}").at("error-code"), "upgrade in progress");
    EXPECT_FALSE(mock.ask(R"({"request-id":2,"type":"Pinger","version":1,"request":"Ping"})").contains("error"));
}

TEST(MockLogin, DecidesAboutMigrationsOnceForAConnection)
{
    Dialogue before(people(juju_4_0));
    (void)outcome(before, as("user-admin", "pw"));
    before.core.with_world([](mock::World& world) { world.importing = true; });
    EXPECT_FALSE(before.secrets("ListSecrets", "{}").contains("error"));

    Dialogue after(people(juju_4_0));
    after.core.with_world([](mock::World& world) { world.importing = true; });
    (void)outcome(after, as("user-admin", "pw"));

    const Json ping = after.ask(R"({"request-id":2,"type":"Pinger","version":1,"request":"Ping"})");
    EXPECT_EQ(ping.at("error"), "migration in progress, model is importing");
}

TEST(MockLogin, AsksForADischargeWithoutAPassword)
{
    Dialogue mock(people(juju_4_0));

    const Json reply = mock.login("admin", "");

    EXPECT_TRUE(reply.at("response").contains("discharge-required"));
    EXPECT_TRUE(reply.at("response").contains("bakery-discharge-required"));
    EXPECT_FALSE(mock.conversation.logged_in());
}

TEST(MockLogin, TellsWhoAndWhere)
{
    Dialogue mock(people(juju_3_6));
    mock.core.with_world([](mock::World& world) { world.network.ports = {17070}; });

    const Json response = mock.login("bob").at("response");

    EXPECT_EQ(response.at("user-info"),
              Json({{"display-name", ""}, {"identity", "user-bob"}, {"controller-access", "login"}, {"model-access", "read"}}));
    EXPECT_EQ(response.at("server-version"), "3.6.28");
    EXPECT_EQ(response.at("servers").at(0).at(0).at("port"), 17070);
    EXPECT_EQ(response.at("facades").size(), 106U);
    EXPECT_TRUE(response.contains("model-tag"));
}

TEST(MockLogin, HasNoModelOnAControllerConnection)
{
    Dialogue mock(people(juju_4_0), mock::Target::controller);

    const Json response = mock.login("admin").at("response");

    EXPECT_FALSE(response.contains("model-tag"));
    EXPECT_EQ(response.at("user-info").at("model-access"), "");
    EXPECT_EQ(response.at("facades").size(), 14U);
}

TEST(MockLogin, LeavesSecretsOutWhenToldTo)
{
    mock::Settings settings = people(juju_4_0);
    settings.secrets_versions = std::vector<int>{};
    Dialogue mock(settings);

    const Json facades = mock.login("admin").at("response").at("facades");

    for (const Json& facade : facades) {
        EXPECT_NE(facade.at("name"), "Secrets");
    }
    EXPECT_EQ(mock.secrets("ListSecrets", "{}").at("error"), R"(unknown version (2) of interface "Secrets")");
}

} // namespace
} // namespace juju::test
