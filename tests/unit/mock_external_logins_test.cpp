#include "mock_logins_support.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <utility>

namespace juju::test {
namespace {

std::string path_of(const std::string& url)
{
    return url.substr(url.find('/', 8));
}

/// "message / code" of a refusal
std::string text_of(const Json& reply)
{
    return reply.contains("error") ? reply.at("error").get<std::string>() + " / " + reply.value("error-code", "") : "";
}

class MockExternalLogins : public testing::TestWithParam<MockProfile> {
protected:
    MockExternalLogins() : mock(options(MockIdentityProvider::browser)), client(mock) {}

    static MockOptions options(MockIdentityProvider kind)
    {
        return MockOptions()
            .profile(GetParam())
            .user("bob", "pw", MockAccess::read)
            .external_user("alice@external", MockAccess::write)
            .external_user("dave@example.com", MockAccess::read)
            .identity_provider(kind);
    }

    /// The slice of a discharge with this token.
    static Json slice(const LoginClient& from, const Json& asked, const std::string& token)
    {
        const Json primary = asked.at("response").at("bakery-discharge-required").at("m");
        const RawAnswer answer =
            from.post("/identity/discharge", LoginClient::caveat_of(asked) + "&token-kind=browser-window&token64=" + token);
        return Json::array({primary, bound(primary, Json::parse(answer.body).at("Macaroon").at("m"))});
    }

    MockController mock;
    LoginClient client;
};

TEST_P(MockExternalLogins, AreRefusedWithoutAProvider)
{
    MockController none(options(MockIdentityProvider::none));
    EXPECT_EQ(text_of(LoginClient(none).login_without_password("")), "failed to authenticate request: unauthorized / unauthorized access");
    EXPECT_EQ(LoginClient(none).get("/identity/publickey").status, 404);
}

TEST_P(MockExternalLogins, AskForADischargeInTheNewerFormOnly)
{
    mock.set_clock(MockTime(std::chrono::hours(24)));

    const Json response = client.login_without_password("").at("response");

    EXPECT_FALSE(response.contains("discharge-required"));
    const Json macaroon = response.at("bakery-discharge-required").at("m");
    EXPECT_EQ(macaroon.at("c").at(0).at("i"), "time-before 1970-01-02T01:00:00Z");
    EXPECT_EQ(macaroon.at("c").at(1).at("l"), mock.identity_url());
    EXPECT_EQ(mock.identity_url(), "https://" + mock.endpoint() + "/identity");
}

TEST_P(MockExternalLogins, WaitUntilThePageIsFetched)
{
    const Json asked = client.login_without_password("");
    const RawAnswer required = client.post("/identity/discharge", LoginClient::caveat_of(asked));
    EXPECT_EQ(required.status, 401);
    ASSERT_EQ(mock.visit_urls().size(), 1U);
    const std::string visit = mock.visit_urls().front();
    const std::string code = visit.substr(visit.find('=') + 1);
    EXPECT_EQ(visit, mock.identity_url() + "/login?did=" + code);
    EXPECT_EQ(required.body, R"({"Code":"interaction required","Message":"cannot discharge: interaction required",)"
                             R"("Info":{"InteractionMethods":{"browser-window":{"VisitURL":")" +
                                 visit + R"(","WaitTokenURL":")" + mock.identity_url() + "/wait-token?did=" + code + "\"}}}}");
    RawHttp waiting(mock.endpoint(), mock.ca_cert());
    waiting.send("GET", "/identity/wait-token?did=" + code, bakery_3);

    EXPECT_EQ(client.get(path_of(visit)).body, "You are logged in.\n");

    const RawAnswer answer = waiting.receive();
    EXPECT_EQ(answer.status, 200);
    const Json token = Json::parse(answer.body);
    EXPECT_EQ(answer.body, R"({"kind":"browser-window","token64":")" + token.at("token64").get<std::string>() + "\"}");
    EXPECT_TRUE(mock.visit_urls().empty());
    const Json reply = client.login_with("", Json::array({slice(client, asked, token.at("token64"))}));
    EXPECT_EQ(reply.at("response").at("user-info").at("identity"), "user-alice@external");
    EXPECT_EQ(client.get("/identity/wait-token?did=" + code).status, 404);
}

TEST_P(MockExternalLogins, EndAsTheTestSays)
{
    const Json asked = client.login_without_password("user-dave@example.com");
    (void)client.post("/identity/discharge", LoginClient::caveat_of(asked));
    const std::string wait = "/identity/wait-token?did=" + mock.visit_urls().front().substr(mock.visit_urls().front().find('=') + 1);
    RawHttp waiting(mock.endpoint(), mock.ca_cert());
    waiting.send("GET", wait, bakery_3);
    EXPECT_EQ(mock.confirm_browser_login("dave@example.com"), 1U);
    const std::string token = Json::parse(waiting.receive().body).at("token64");
    const Json whole = slice(client, asked, token);
    EXPECT_EQ(client.login_with("", Json::array({whole})).at("response").at("user-info").at("identity"), "user-dave@example.com");

    // It is nobody else's, and no local user's.
    EXPECT_EQ(client.login_with("user-bob", Json::array({whole})).at("response").contains("discharge-required"), true);
    const Json local = client.slice("bob", "pw");
    EXPECT_TRUE(client.login_with("", Json::array({local})).at("response").contains("bakery-discharge-required"));

    (void)client.post("/identity/discharge", LoginClient::caveat_of(asked));
    const std::string refused = path_of(mock.visit_urls().front());
    EXPECT_EQ(mock.refuse_browser_login(), 1U);
    const RawAnswer answer = client.get("/identity/wait-token" + refused.substr(refused.find('?')));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, R"({"Message":"login refused"})");
    EXPECT_THROW(mock.confirm_browser_login("bob"), std::invalid_argument);
    EXPECT_THROW(mock.confirm_browser_login("nobody"), std::invalid_argument);
    EXPECT_EQ(client.post("/identity/discharge", LoginClient::caveat_of(asked) + "&token-kind=browser-window&token64=" + token).body,
              R"({"Message":"cannot discharge: invalid token"})");
    EXPECT_EQ(client.post("/auth/discharge", LoginClient::caveat_of(asked)).status, 500);
}

TEST_P(MockExternalLogins, HaveALegacyForm)
{
    MockController legacy(options(MockIdentityProvider::legacy_browser));
    const LoginClient old(legacy);
    const Json asked = old.login_without_password("");
    const RawAnswer required = old.post("/identity/discharge", LoginClient::caveat_of(asked));
    const std::string visit = legacy.visit_urls().front();
    const std::string code = visit.substr(visit.find('=') + 1);
    EXPECT_EQ(required.body, R"({"Code":"interaction required","Message":"cannot discharge: interaction required","Info":{"VisitURL":")" +
                                 visit + R"(","WaitURL":")" + legacy.identity_url() + "/wait?did=" + code + "\"}}");
    (void)legacy.confirm_browser_login("alice@external");

    const Json discharge = Json::parse(old.get("/identity/wait?did=" + code).body).at("Macaroon").at("m");

    const Json primary = asked.at("response").at("bakery-discharge-required").at("m");
    const Json reply = old.login_with("", Json::array({Json::array({primary, bound(primary, discharge)})}));
    EXPECT_EQ(reply.at("response").at("user-info").at("identity"), "user-alice@external");
}

TEST_P(MockExternalLogins, AreBlockedDuringAnUpgrade)
{
    const Json asked = client.login_without_password("");
    (void)client.post("/identity/discharge", LoginClient::caveat_of(asked));
    const std::string page = path_of(mock.visit_urls().front());
    (void)client.get(page);
    const std::string token = Json::parse(client.get("/identity/wait-token" + page.substr(page.find('?'))).body).at("token64");
    const Json whole = slice(client, asked, token);
    mock.set_upgrading(true);

    EXPECT_EQ(text_of(client.login_with("", Json::array({whole}))), "anonymous login blocked because upgrade is in progress / ");
}

/// JAAS, on a connection to JIMM itself or to a model behind it.
class MockJaas : public testing::TestWithParam<MockProfile> {
protected:
    MockJaas()
        : mock(MockOptions()
                   .profile(GetParam())
                   .external_user("bob@canonical.com", MockAccess::write)
                   .external_user("stranger@canonical.com", MockAccess::none)
                   .service_account("8f2c", "s3cret", MockAccess::read)
                   .jaas(true))
    {
    }

    RawWebSocket controller() const { return {mock.endpoint(), mock.ca_cert(), "/api"}; }
    RawWebSocket model() const { return {mock.endpoint(), mock.ca_cert(), "/model/" + mock.model_uuid() + "/api"}; }
    static std::string call(const std::string& method, const std::string& params = "{}", int version = 4)
    {
        return R"({"request-id":1,"type":"Admin","version":)" + std::to_string(version) + R"(,"request":")" + method + R"(","params":)" +
               params + "}";
    }
    static std::string with_token(const std::string& token)
    {
        return call("LoginWithSessionToken", R"({"session-token":")" + token + "\"}");
    }
    static std::string with_client(const std::string& id, const std::string& secret)
    {
        return call("LoginWithClientCredentials", R"({"client-id":")" + id + R"(","client-secret":")" + secret + "\"}");
    }

    MockController mock;
};

TEST_P(MockJaas, RefusesOldLogins)
{
    EXPECT_EQ(controller().call(call("Login", "{}", 3)),
              R"-({"request-id":1,"error":"JIMM does not support login from old clients (not supported)","response":{}})-"
              "\n");
    EXPECT_EQ(model().call(call("Login", R"({"auth-tag":"user-admin","credentials":"x"})", 3)),
              R"({"request-id":1,"error":"JIMM does not support login from old clients","error-code":"not supported"})"
              "\n");
    EXPECT_EQ(RawHttp(mock.endpoint(), mock.ca_cert()).request("GET", "/auth/publickey").status, 404);
}

TEST_P(MockJaas, IsNotWhatAControllerIs)
{
    MockController plain(MockOptions().profile(GetParam()));
    RawWebSocket socket(plain.endpoint(), plain.ca_cert(), "/api");
    EXPECT_EQ(socket.call(with_token("x")),
              R"-({"request-id":1,"error":"this version of Juju does not support login from old clients (not supported)",)-"
              R"-("error-code":"not supported","response":{}})-"
              "\n");
}

TEST_P(MockJaas, TakesADeviceLogin)
{
    RawWebSocket socket = controller();
    const Json device = Json::parse(socket.call(call("LoginDevice")));
    EXPECT_EQ(device.at("response").at("verification-uri"), "https://idp.example.com/device");
    EXPECT_EQ(device.at("response").at("user-code").get<std::string>().size(), 9U);
    socket.send(call("GetDeviceSessionToken"));
    while (mock.total_requests() < 2) {
        std::this_thread::yield();
    }

    EXPECT_EQ(mock.approve_device_login("bob@canonical.com"), 1U);

    const std::string token = Json::parse(socket.receive()).at("response").at("session-token");
    const Json response = Json::parse(socket.call(with_token(token))).at("response");
    EXPECT_FALSE(response.contains("servers"));
    EXPECT_FALSE(response.contains("model-tag"));
    EXPECT_EQ(response.at("controller-tag"), "controller-" + mock.controller_uuid());
    EXPECT_EQ(response.at("user-info").at("identity"), "user-bob@canonical.com");
    EXPECT_EQ(response.at("facades"),
              Json::parse(R"([{"name":"ApplicationOffers","versions":[4]},{"name":"Cloud","versions":[7]},)"
                          R"({"name":"Controller","versions":[11]},{"name":"JIMM","versions":[4]},{"name":"ModelManager","versions":[9]},)"
                          R"({"name":"ModelSummaryWatcher","versions":[1]},{"name":"Pinger","versions":[1]},)"
                          R"({"name":"UserManager","versions":[3]}])"));
    const Json proxied = Json::parse(model().call(with_token(token))).at("response");
    EXPECT_FALSE(proxied.contains("servers"));
    EXPECT_EQ(proxied.at("model-tag"), "model-" + mock.model_uuid());
}

TEST_P(MockJaas, RefusesADeviceLogin)
{
    RawWebSocket socket = controller();
    EXPECT_EQ(Json::parse(socket.call(call("GetDeviceSessionToken"))).at("error-code"), "unauthorized access");
    (void)socket.call(call("LoginDevice"));
    EXPECT_EQ(mock.refuse_device_login(), 1U);
    EXPECT_EQ(Json::parse(socket.call(call("GetDeviceSessionToken"))).at("error-code"), "unauthorized access");
    EXPECT_EQ(mock.approve_device_login("bob@canonical.com"), 0U);
    EXPECT_THROW(mock.approve_device_login("admin"), std::invalid_argument);
}

TEST_P(MockJaas, AnswersWhileADeviceLoginWaits)
{
    RawWebSocket socket = model();
    (void)socket.call(call("LoginDevice"));
    socket.send(call("GetDeviceSessionToken"));

    EXPECT_EQ(socket.call(with_token("")), R"({"request-id":1,"error":"no token presented","error-code":"session token invalid"})"
                                           "\n");
    (void)mock.approve_device_login("bob@canonical.com");

    EXPECT_TRUE(Json::parse(socket.receive()).at("response").contains("session-token"));
}

TEST_P(MockJaas, KnowsItsSessionTokens)
{
    const std::string token = mock.session_token("bob@canonical.com");
    EXPECT_TRUE(Json::parse(controller().call(with_token(token))).at("response").contains("facades"));
    EXPECT_EQ(controller().call(with_token("")),
              R"({"request-id":1,"error":"no token presented","error-code":"session token invalid","response":{}})"
              "\n");
    for (const std::string bad : {"%", "AAAA"}) {
        const Json reply = Json::parse(controller().call(with_token(bad)));
        EXPECT_EQ(reply.at("error-code"), "session token invalid");
        EXPECT_EQ(reply.at("error").get<std::string>().find("failed to decode token: "), 0U);
    }
    EXPECT_EQ(Json::parse(model().call(with_token(mock.session_token("stranger@canonical.com")))).at("error"), "permission denied");
    mock.expire_session_tokens();
    EXPECT_EQ(controller().call(with_token(token)),
              R"({"request-id":1,"error":"JIMM session token expired","error-code":"session token invalid","response":{}})"
              "\n");
}

TEST_P(MockJaas, KnowsServiceAccounts)
{
    const Json response = Json::parse(model().call(with_client("8f2c", "s3cret"))).at("response");
    EXPECT_EQ(response.at("user-info").at("identity"), "user-8f2c@serviceaccount");
    for (const auto& [id, secret] : {std::pair("8f2c", "wrong"), std::pair("other", "s3cret"), std::pair("", "")}) {
        EXPECT_EQ(Json::parse(model().call(with_client(id, secret))).at("error-code"), "unauthorized access");
    }
    EXPECT_EQ(Json::parse(controller().call(call("LoginWithSessionCookie"))).at("error-code"), "unauthorized access");
    std::string all;
    for (const MockMessage& message : mock.redacted_transcript()) {
        all += message.text;
    }
    EXPECT_EQ(all.find("s3cret"), std::string::npos);
}

TEST_P(MockJaas, KeepsItsUsersInAStateFile)
{
    MockController again(MockOptions().profile(GetParam()).jaas(true).state_yaml(mock.state_yaml()));

    const std::string token = again.session_token("bob@canonical.com");

    RawWebSocket user(again.endpoint(), again.ca_cert(), "/api");
    EXPECT_TRUE(Json::parse(user.call(with_token(token))).at("response").contains("facades"));
    RawWebSocket service(again.endpoint(), again.ca_cert(), "/api");
    EXPECT_TRUE(Json::parse(service.call(with_client("8f2c", "s3cret"))).at("response").contains("facades"));
    EXPECT_EQ(again.state_yaml(), mock.state_yaml());
}

TEST_P(MockJaas, ClosesAfterAnUnknownModel)
{
    RawWebSocket socket(mock.endpoint(), mock.ca_cert(), "/model/00000000-0000-4000-8000-000000000000/api");

    const Json reply = Json::parse(socket.call(with_token(mock.session_token("bob@canonical.com"))));

    EXPECT_EQ(reply.at("error-code"), "not found");
    EXPECT_FALSE(reply.contains("response"));
    EXPECT_EQ(socket.receive_close(), 1000);
}

INSTANTIATE_TEST_SUITE_P(Profiles, MockExternalLogins, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), profile_name);
INSTANTIATE_TEST_SUITE_P(Profiles, MockJaas, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), profile_name);

} // namespace
} // namespace juju::test
