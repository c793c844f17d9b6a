#include "mock_logins_support.hpp"

#include <gtest/gtest.h>

namespace juju::test {
namespace {

MockOptions people(MockProfile profile)
{
    return MockOptions()
        .profile(profile)
        .user("bob", "pw", MockAccess::read)
        .user("carol", "pw", MockAccess::write)
        .user("visitor", "pw", MockAccess::none);
}

std::string outcome(const Json& reply)
{
    if (reply.contains("error")) {
        return reply.at("error").get<std::string>() + " / " + reply.value("error-code", "");
    }
    const Json& response = reply.at("response");
    return response.contains("bakery-discharge-required") ? "discharge required"
                                                          : response.at("user-info").at("identity").get<std::string>();
}

class MockLogins : public testing::TestWithParam<MockProfile> {
protected:
    MockLogins() : mock(people(GetParam())), client(mock) {}

    MockController mock;
    LoginClient client;
};

TEST_P(MockLogins, AskForADischargeOfAVersion3Macaroon)
{
    mock.set_clock(MockTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + std::chrono::hours(10)));

    const Json response = client.login_without_password("user-bob").at("response");

    ASSERT_EQ(response.size(), 3U);
    EXPECT_EQ(response.at("discharge-required-error"), "invalid login macaroon");
    const Json bakery = response.at("bakery-discharge-required");
    const Json macaroon = bakery.at("m");
    EXPECT_EQ(response.at("discharge-required"), macaroon);
    EXPECT_EQ(bakery.at("v"), 3);
    EXPECT_EQ(bakery.at("ns"), "std:");
    EXPECT_EQ(bakery.at("cdata").size(), 1U);
    EXPECT_EQ(macaroon.at("l"), "juju model " + mock.model_uuid());
    EXPECT_EQ(macaroon.at("c").at(0), Json({{"i", "time-before 2026-03-03T10:00:00Z"}}));
    EXPECT_EQ(macaroon.at("c").at(1).at("i64"), "AwA");
    EXPECT_EQ(macaroon.at("c").at(1).at("l"), "https://" + mock.endpoint() + "/auth");
    EXPECT_EQ(macaroon.at("c").at(1).at("v64").get<std::string>().size(), 96U);
}

TEST_P(MockLogins, HaveTheFormOfTheBakeryVersion)
{
    for (const int version : {0, 1}) {
        const Json response = client.login_without_password("user-bob", version).at("response");
        const Json macaroon = response.at("bakery-discharge-required");
        EXPECT_EQ(response.at("discharge-required"), macaroon);
        EXPECT_EQ(macaroon.at("signature").get<std::string>().size(), 64U);
        const Json caveat = macaroon.at("caveats").at(1);
        EXPECT_EQ(caveat.at("cl"), "https://" + mock.endpoint() + "/auth");
        const RawAnswer answer = client.post("/auth/discharge", "id=" + caveat.at("cid").get<std::string>() +
                                                                    "&token-kind=juju_userpass&token=" + client.token("bob", "pw"));
        EXPECT_EQ(Json::parse(answer.body).at("Macaroon").at("identifier"), caveat.at("cid"));
    }
    const Json bare = client.login_without_password("user-bob", 2).at("response").at("bakery-discharge-required");
    const std::string id = bare.at("c").at(1).at("i64");
    const RawAnswer answer = client.post("/auth/discharge", "id64=" + id + "&token-kind=juju_userpass&token=" + client.token("bob", "pw"));
    EXPECT_EQ(Json::parse(answer.body).at("Macaroon").at("i64"), id);
    EXPECT_TRUE(client.login_without_password("user-bob", 9).at("response").at("bakery-discharge-required").contains("cdata"));
}

TEST_P(MockLogins, TakeAnyFormOfADischargedMacaroon)
{
    const Json slice = client.slice("bob", "pw");
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({slice}))), "user-bob");
    // One that is none, and one of somebody else's mock, before the right one.
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({Json::array({{{"i", "x"}, {"s64", "AAAA"}}}), slice}))), "user-bob");

    const Json old = client.login_without_password("user-bob", 0).at("response").at("discharge-required");
    const RawAnswer answer = client.post("/auth/discharge", "id=" + old.at("caveats").at(1).at("cid").get<std::string>() +
                                                                "&token-kind=juju_userpass&token=" + client.token("bob", "pw"));
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({Json::array({old, Json::parse(answer.body).at("Macaroon")})}))),
              "discharge required"); // not bound
}

TEST_P(MockLogins, AnswerEveryStepOfALocalDischarge)
{
    const Json asked = client.login_without_password("user-bob");
    const std::string caveat = LoginClient::caveat_of(asked);
    const std::string required = R"({"Code":"interaction required","Message":"cannot discharge: interaction required",)"
                                 R"("Info":{"InteractionMethods":{"juju_userpass":{"url":"/auth/form"}}}})";

    const RawAnswer first = client.post("/auth/discharge", caveat);
    EXPECT_EQ(first.status, 401);
    EXPECT_EQ(first.header("WWW-Authenticate"), "Macaroon");
    EXPECT_EQ(first.header("Content-Type"), "application/json");
    EXPECT_EQ(first.body, required);
    const RawAnswer in_query = client.post("/auth/discharge?id=%03%00&" + caveat.substr(caveat.find('&') + 1), "");
    EXPECT_EQ(in_query.body, required);
    for (const std::string headers : {"", "Bakery-Protocol-Version: 0\r\n", "Bakery-Protocol-Version: x\r\n"}) {
        const RawAnswer old = client.post("/auth/discharge", caveat, headers);
        EXPECT_EQ(old.status, 407) << headers;
        EXPECT_EQ(old.header("WWW-Authenticate"), "");
        EXPECT_EQ(old.body, required);
    }

    const RawAnswer wrong = client.submit_form("bob", "wrong");
    EXPECT_EQ(wrong.status, 500);
    EXPECT_EQ(wrong.body, R"({"Message":"invalid entity name or password"})");
    EXPECT_EQ(client.submit_form("unknown", "pw").body, wrong.body);

    const RawAnswer form = client.submit_form("bob", "pw");
    EXPECT_EQ(form.status, 200);
    const Json value = Json::parse(form.body).at("token").at("value");
    EXPECT_EQ(form.body, R"({"token":{"kind":"juju_userpass","value":")" + value.get<std::string>() + "\"}}");
    const std::string token = mock::from_base64(value.get<std::string>()).value();
    EXPECT_EQ(token.size(), 24U);

    const RawAnswer done = client.post("/auth/discharge", caveat + "&token=" + token + "&token-kind=juju_userpass");
    EXPECT_EQ(done.status, 200);
    const Json macaroon = Json::parse(done.body).at("Macaroon");
    EXPECT_EQ(macaroon.at("v"), 3);
    EXPECT_EQ(macaroon.at("m").at("i64"), "AwA");
    EXPECT_EQ(macaroon.at("m").at("c").at(0), Json({{"i", "declared username bob"}}));
    EXPECT_FALSE(macaroon.at("m").contains("l"));

    const RawAnswer again = client.post("/auth/discharge", caveat + "&token=" + token + "&token-kind=juju_userpass");
    EXPECT_EQ(again.status, 500);
    EXPECT_EQ(again.body, R"({"Message":"cannot discharge: invalid token"})");
}

TEST_P(MockLogins, RefuseTokensOfOthersOfOtherKindsAndOldOnes)
{
    const std::string caveat = LoginClient::caveat_of(client.login_without_password("user-bob"));

    const RawAnswer others = client.post("/auth/discharge", caveat + "&token-kind=juju_userpass&token=" + client.token("carol", "pw"));
    EXPECT_EQ(others.status, 500);
    EXPECT_EQ(others.body, R"({"Message":"cannot discharge: discharge token for user \"carol\" does not match declared user \"bob\""})");
    const RawAnswer kind = client.post("/auth/discharge", caveat + "&token-kind=agent&token=" + client.token("bob", "pw"));
    EXPECT_EQ(kind.body, R"({"Message":"cannot discharge: invalid token"})");

    const MockTime start(std::chrono::hours(24 * 365 * 56));
    mock.set_clock(start);
    const std::string token = client.token("bob", "pw");
    mock.set_clock(start + std::chrono::minutes(2) + std::chrono::seconds(1));
    const RawAnswer late = client.post("/auth/discharge", caveat + "&token-kind=juju_userpass&token=" + token);
    EXPECT_EQ(late.body, R"({"Message":"cannot discharge: invalid token"})");
    const RawAnswer token64 =
        client.post("/auth/discharge", caveat + "&token-kind=juju_userpass&token64=" + mock::to_base64url(client.token("bob", "pw")));
    EXPECT_EQ(token64.status, 200);
}

TEST_P(MockLogins, AnswerOtherRequestsToTheDischarger)
{
    const RawAnswer form = client.get("/auth/form");
    EXPECT_EQ(form.status, 405);
    EXPECT_EQ(form.body, "GET method not allowed\n");
    EXPECT_EQ(form.header("Content-Type"), "text/plain; charset=utf-8");
    const RawAnswer key = client.get("/auth/publickey");
    EXPECT_EQ(key.status, 200);
    EXPECT_EQ(mock::from_base64(Json::parse(key.body).at("PublicKey").get<std::string>()).value().size(), 32U);
    EXPECT_EQ(client.get("/auth/discharge").status, 405);
    EXPECT_EQ(client.get("/auth/nothing").status, 404);
    EXPECT_EQ(client.get("/identity/publickey").status, 404);
    EXPECT_EQ(client.post("/auth/form", "rubbish").status, 400);
    EXPECT_EQ(client.post("/auth/form", R"({"form":{"user":"bob"}})").status, 400);
    const RawAnswer unknown = client.post("/auth/discharge", "id=rubbish");
    EXPECT_EQ(unknown.status, 500);
    EXPECT_EQ(unknown.body, R"({"Message":"cannot discharge: discharger cannot decode caveat id"})");
}

TEST_P(MockLogins, KeepTheConnectionForFurtherRequests)
{
    RawHttp connection(mock.endpoint(), mock.ca_cert());

    EXPECT_EQ(connection.request("GET", "/auth/publickey").status, 200);
    EXPECT_EQ(connection.request("GET", "/auth/form").status, 405);
    EXPECT_EQ(connection.request("GET", "/auth/publickey", "Connection: close\r\n").header("Connection"), "close");

    EXPECT_THROW(connection.request("GET", "/auth/publickey"), std::runtime_error);
    EXPECT_EQ(mock.total_connections(), 1U);
}

TEST_P(MockLogins, WithMacaroonsObeyThePermissions)
{
    EXPECT_EQ(outcome(client.login_with("user-carol", Json::array({client.slice("bob", "pw")}))),
              "permission denied / unauthorized access");
    EXPECT_EQ(outcome(client.login_with("user-visitor", Json::array({client.slice("visitor", "pw")}))),
              "permission denied / unauthorized access");
    const Json slice = client.slice("bob", "pw");
    mock.set_account("bob", MockAccount::disabled);
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({slice}))), GetParam() == MockProfile::juju_3_6
                                                                                ? "user \"bob\" is disabled / unauthorized access"
                                                                                : "invalid entity name or password / unauthorized access");
}

TEST_P(MockLogins, RefuseTamperedMacaroons)
{
    const Json good = client.slice("bob", "pw");
    ASSERT_EQ(outcome(client.login_with("user-bob", Json::array({good}))), "user-bob");
    RawWebSocket socket(mock.endpoint(), mock.ca_cert(), "/model/" + mock.model_uuid() + "/api");
    const auto refused = [&](const Json& slice) {
        const Json reply = Json::parse(
            socket.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-bob","macaroons":[)" +
                        slice.dump() + "]}}"));
        return outcome(reply) == "discharge required";
    };
    for (const std::size_t which : {0U, 1U}) {
        const std::string signature = mock::from_base64(good[which].at("s64").get<std::string>()).value();
        for (std::size_t i = 0; i < signature.size(); ++i) {
            std::string changed = signature;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            Json slice = good;
            slice[which]["s64"] = mock::to_base64url(changed);
            EXPECT_TRUE(refused(slice)) << which << ' ' << i;
        }
    }
    std::vector<Json> others(8, good);
    others[0].erase(1);                                             // no discharge
    others[1].push_back(good[1]);                                   // one too many
    others[2] = Json::array({good[1], good[0]});                    // wrong order
    others[3][0]["c"].erase(0);                                     // without its end
    others[4][1]["c"][0]["i"] = "declared username carol";          // somebody else
    others[5][0]["i64"] = client.slice("carol", "pw")[0].at("i64"); // another id
    others[6][1] = client.slice("bob", "pw")[1];                    // a discharge of another login
    others[7][0]["c"][1]["v64"] = std::string(96, 'A');             // another key
    for (std::size_t i = 0; i < others.size(); ++i) {
        EXPECT_TRUE(refused(others[i])) << i;
    }
    EXPECT_TRUE(refused(Json::array()));
    EXPECT_TRUE(refused(Json("text")));
    Json long_id = good;
    long_id[0]["i"] = std::string(40'000, 'x');
    EXPECT_TRUE(refused(long_id));
    Json many = good;
    many[0]["c"] = Json(std::vector<Json>(1000, {{"i", "x"}}));
    EXPECT_TRUE(refused(many));
    MockController foreign(people(GetParam()));
    EXPECT_TRUE(refused(LoginClient(foreign).slice("bob", "pw")));
}

TEST_P(MockLogins, AskAgainWhenMacaroonsHaveExpired)
{
    const MockTime start(std::chrono::hours(24 * 365 * 56));
    mock.set_clock(start);
    const Json slice = client.slice("bob", "pw");
    mock.set_clock(start + std::chrono::hours(24) - std::chrono::seconds(1));
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({slice}))), "user-bob");
    mock.set_clock(start + std::chrono::hours(24));
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({slice}))), "discharge required");

    const Json other = client.slice("bob", "pw");
    RawWebSocket connected(mock.endpoint(), mock.ca_cert(), "/model/" + mock.model_uuid() + "/api");
    (void)connected.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-bob","macaroons":[)" +
                         other.dump() + "]}}");
    mock.expire_macaroons();
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({other}))), "discharge required");
    EXPECT_EQ(connected.call(R"({"request-id":7,"type":"Pinger","version":1,"request":"Ping"})"), "{\"request-id\":7,\"response\":{}}\n");
    EXPECT_EQ(outcome(client.login_with("user-bob", Json::array({client.slice("bob", "pw")}))), "user-bob");
}

TEST_P(MockLogins, HaveTheLifetimeThatIsSet)
{
    MockController brief(people(GetParam()).macaroon_lifetime(std::chrono::seconds(30)).clock(MockTime(std::chrono::hours(24))));

    const Json asked = LoginClient(brief).login_without_password("user-bob");

    EXPECT_EQ(asked.at("response").at("discharge-required").at("c").at(0).at("i"), "time-before 1970-01-02T00:00:30Z");
}

TEST_P(MockLogins, AreRecordedAndRedacted)
{
    const Json slice = client.slice("bob", "pw");
    (void)client.login_with("user-bob", Json::array({slice}));

    const std::vector<MockHttpRequest> requests = mock.http_requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].method, "POST");
    EXPECT_EQ(requests[0].target, "/auth/form");
    EXPECT_EQ(requests[0].body, R"({"form":{"user":"bob","password":"pw"}})");
    EXPECT_EQ(requests[0].status, 200U);
    EXPECT_EQ(requests[1].target, "/auth/discharge");
    EXPECT_EQ(requests[1].answer.find(R"({"Macaroon":{"m":{"c":[{"i":"declared username bob"})"), 0U);

    const std::string signature = slice[0].at("s64");
    std::string all;
    for (const MockMessage& message : mock.redacted_transcript()) {
        all += message.text;
    }
    EXPECT_EQ(all.find(signature), std::string::npos);
    EXPECT_NE(all.find(R"("bakery-discharge-required":"REDACTED")"), std::string::npos);
    EXPECT_NE(all.find(R"("macaroons":"REDACTED")"), std::string::npos);
    mock.clear_transcript();
    EXPECT_TRUE(mock.http_requests().empty());
}

TEST_P(MockLogins, OfAgentsAreLimited)
{
    const MockTime start(std::chrono::hours(24));
    MockController limited(
        MockOptions().profile(GetParam()).agent("unit-mysql-0", "x").agent_rate_limit(2, std::chrono::seconds(1)).clock(start));
    const LoginClient agent(limited);
    const std::string params = R"({"auth-tag":"unit-mysql-0","credentials":"wrong"})";
    const std::string bad = "invalid entity name or password / unauthorized access";
    EXPECT_EQ(outcome(agent.login(params)), bad);
    EXPECT_EQ(outcome(agent.login(R"({"auth-tag":"bar"})")), "\"bar\" is not a valid tag / ");
    EXPECT_EQ(outcome(agent.login(params)), "try again / try again");
    EXPECT_EQ(outcome(agent.login(R"({"auth-tag":"user-admin","credentials":"x"})")), bad);
    limited.set_clock(start + std::chrono::seconds(1));
    EXPECT_EQ(outcome(agent.login(params)), bad);
    EXPECT_EQ(outcome(agent.login(params)), "try again / try again");
}

TEST_P(MockLogins, OfMachinesNeedTheirNonce)
{
    MockController machines(
        MockOptions().profile(GetParam()).machine("machine-0", "x", "user-admin:bootstrap").machine("machine-1", "x", ""));
    const LoginClient agent(machines);
    const auto as = [](const std::string& tag, const std::string& nonce) {
        return R"({"auth-tag":")" + tag + R"(","credentials":"x","nonce":")" + nonce + "\"}";
    };
    EXPECT_TRUE(agent.login(as("machine-0", "user-admin:bootstrap")).at("response").contains("facades"));
    EXPECT_EQ(outcome(agent.login(as("machine-0", "other"))), "machine 0 not provisioned / not provisioned");
    EXPECT_EQ(outcome(agent.login(as("machine-1", ""))), "machine 1 not provisioned / not provisioned");

    MockController again(MockOptions().profile(GetParam()).state_yaml(machines.state_yaml()));
    EXPECT_EQ(outcome(LoginClient(again).login(as("machine-0", "other"))), "machine 0 not provisioned / not provisioned");
}

INSTANTIATE_TEST_SUITE_P(Profiles, MockLogins, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), profile_name);

} // namespace
} // namespace juju::test
