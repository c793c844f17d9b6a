// Each kind of login but the password's: what is sent, what comes of it, and that nothing of it is told.

#include "support/client.hpp"
#include "support/store_directory.hpp"
#include "unit/mock_logins_support.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {
namespace {

using test::Client;

class LoginsTest : public testing::TestWithParam<MockProfile> {
protected:
    LoginsTest()
    {
        set_log_sink([this](LogLevel, std::string_view line) { (log += line) += '\n'; }, LogLevel::debug);
    }

    ~LoginsTest() override { set_log_sink({}); }

    MockOptions options() const { return MockOptions().profile(GetParam()); }

    static ConnectOptions address_of(const MockController& mock)
    {
        return ConnectOptions().endpoint(mock.endpoint()).model_uuid(mock.model_uuid()).ca_cert(mock.ca_cert());
    }

    /// The logins that were sent, oldest first.
    static std::vector<std::string> logins(const MockController& mock)
    {
        std::vector<std::string> texts;
        for (const auto& message : mock.transcript()) {
            if (message.direction == MockDirection::from_client && message.text.find(R"("type":"Admin")") != std::string::npos)
                texts.push_back(message.text);
        }
        return texts;
    }

    /// What a user could see of a failed login, or of the log.
    void expect_hidden(const std::string& secret, const Error& error, const Model& model) const
    {
        EXPECT_EQ(std::string(error.what()).find(secret), std::string::npos) << error.what();
        EXPECT_EQ(error.server_message().find(secret), std::string::npos);
        EXPECT_EQ(model.diagnostics().find(secret), std::string::npos);
        EXPECT_EQ(log.find(secret), std::string::npos);
    }

    std::string log;
};

INSTANTIATE_TEST_SUITE_P(Profiles, LoginsTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

bool mentions(const Error& error, std::string_view text)
{
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

TEST_P(LoginsTest, ByMacaroons)
{
    Client client(options().user("bob", "pw", MockAccess::read));
    test::LoginClient other(client.mock);
    const std::string slice = other.slice("bob", "pw").dump();
    client.mock.clear_transcript();

    client.run(client.model.connect(address_of(client.mock).username("bob").macaroons("[" + slice + "]")));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(logins(client.mock).front(),
              R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-bob","credentials":"","nonce":"",)"
              R"("macaroons":[)" +
                  slice + R"(],"bakery-version":3,"user-data":""}})");
    client.run(client.model.connect(address_of(client.mock).username("bob").macaroons(slice)));
    EXPECT_TRUE(client.model.is_connected()) << "a single array is taken as well";
    EXPECT_EQ(log.find(slice), std::string::npos);

    client.mock.expire_macaroons();
    const Error expired = client.error_of(client.model.connect(address_of(client.mock).username("bob").macaroons("[" + slice + "]")));
    EXPECT_EQ(expired.code(), errc::login_expired) << expired.what();
    EXPECT_TRUE(mentions(expired, "run \"juju login\"")) << expired.what();
    expect_hidden(slice.substr(10, 40), expired, client.model);

    const Error others = client.error_of(
        client.model.connect(address_of(client.mock).username("admin").macaroons("[" + other.slice("bob", "pw").dump() + "]")));
    EXPECT_EQ(others.code(), errc::permission_denied) << "bob's macaroons do not log in admin: " << others.what();
}

TEST_P(LoginsTest, ByMacaroonsOfTheClientStore)
{
    Client client(options().user("bob", "pw", MockAccess::read));
    test::LoginClient other(client.mock);
    const std::string slice = other.slice("bob", "pw").dump();
    const support::TemporaryDirectory store;
    const auto cookie = [&](const std::string& expires) {
        const SecretValue value{std::string_view(slice)};
        return R"([{"Name":"macaroon-3d80964e","Value":")" + std::string(value.base64().text()) + R"(","Domain":")" +
               client.mock.controller_uuid() +
               R"(","Path":"/","Secure":false,"HttpOnly":false,"Persistent":true,"HostOnly":true,"Expires":")" + expires +
               R"(","Creation":"2026-08-20T09:30:00.123456789Z","LastAccess":"2026-08-20T10:02:11.5Z",)"
               R"("Updated":"2026-08-20T09:30:00.123456789Z","CanonicalHost":")" +
               client.mock.controller_uuid() + "\"}]\n";
    };
    client.mock.write_client_store(store.path(),
                                   MockStoreOptions().user("bob").login(MockStoredLogin::nothing).cookies(cookie("2100-01-01T00:00:00Z")));
    client.mock.clear_transcript();

    client.run(client.model.connect(ConnectOptions().store_directory(store.string())));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_NE(logins(client.mock).front().find(R"("macaroons":[)" + slice + "]"), std::string::npos) << "as they stand in the jar";

    store.write("cookies/mock.json", cookie("2026-01-01T00:00:00Z"));
    const Error none = client.error_of(client.model.connect(ConnectOptions().store_directory(store.string())));
    EXPECT_EQ(none.code(), errc::discharge_required) << none.what();
    EXPECT_TRUE(mentions(none, "run \"juju login\"")) << none.what();
    EXPECT_NE(logins(client.mock).back().find(R"("macaroons":[],)"), std::string::npos) << "an expired cookie is not sent";
}

TEST_P(LoginsTest, BySessionToken)
{
    Client client(options().jaas(true).external_user("alice@external", MockAccess::admin));
    const auto token = client.mock.session_token("alice@external");

    client.run(client.model.connect(address_of(client.mock).session_token(token)));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(logins(client.mock).front(),
              R"({"request-id":1,"type":"Admin","version":4,"request":"LoginWithSessionToken","params":{"session-token":")" + token +
                  "\"}}");

    client.mock.expire_session_tokens();
    const Error expired = client.error_of(client.model.connect(address_of(client.mock).session_token(token)));
    EXPECT_EQ(expired.code(), errc::login_expired) << expired.what();
    EXPECT_EQ(expired.server_code(), "session token invalid");
    EXPECT_TRUE(mentions(expired, "run \"juju login\"")) << expired.what();
    expect_hidden(token, expired, client.model);
}

TEST_P(LoginsTest, BySessionTokenOfTheClientStore)
{
    Client client(options().jaas(true).external_user("alice@external", MockAccess::admin));
    const support::TemporaryDirectory store;
    support::ScopedEnvironment environment;
    environment.unset("JUJU_CLIENT_ID");
    environment.unset("JUJU_CLIENT_SECRET");
    const auto write = [&](const std::string& token) {
        client.mock.write_client_store(store.path(), MockStoreOptions().user("alice@external").session_token(token));
    };
    write(client.mock.session_token("alice@external"));
    client.run(client.model.connect(ConnectOptions().store_directory(store.string())));
    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());

    // Expired: a human logs in anew, and the new token is kept.
    client.mock.expire_session_tokens();
    std::vector<std::string> shown;
    const auto show = [&](const std::string& url, const std::string& code) {
        shown = {url, code};
        EXPECT_EQ(client.mock.approve_device_login("alice@external"), 1U);
    };
    client.run(client.model.connect(ConnectOptions().store_directory(store.string()).show_device_code(show).update_store(true)));
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_TRUE(shown[0].starts_with("https://")) << shown[0];
    EXPECT_FALSE(shown[1].empty());
    const auto sent = logins(client.mock);
    ASSERT_GE(sent.size(), 4U);
    EXPECT_EQ(sent[sent.size() - 3], R"({"request-id":2,"type":"Admin","version":4,"request":"LoginDevice","params":{}})");
    EXPECT_EQ(sent[sent.size() - 2], R"({"request-id":3,"type":"Admin","version":4,"request":"GetDeviceSessionToken","params":{}})");

    shown.clear();
    client.run(client.model.connect(ConnectOptions().store_directory(store.string()).show_device_code(show)));
    EXPECT_TRUE(shown.empty()) << "the new token was written to the store";
}

TEST_P(LoginsTest, ByDeviceCodeAlone)
{
    Client client(options().jaas(true).external_user("alice@external", MockAccess::admin));
    const auto approve = [&](const std::string&, const std::string&) -> boost::asio::awaitable<void> {
        client.mock.approve_device_login("alice@external");
        co_return;
    };
    client.run(client.model.connect(address_of(client.mock).show_device_code(approve)));
    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(logins(client.mock).front(),
              R"({"request-id":1,"type":"Admin","version":4,"request":"LoginWithSessionToken","params":{"session-token":""}})");

    const auto refuse = [&](const std::string&, const std::string&) { client.mock.refuse_device_login(); };
    const Error refused = client.error_of(client.model.connect(address_of(client.mock).show_device_code(refuse)));
    EXPECT_EQ(refused.outcome(), Outcome::rejected) << refused.what();

    const auto fails = [](const std::string&, const std::string&) { throw std::runtime_error("nobody is there"); };
    EXPECT_THROW(client.run(client.model.connect(address_of(client.mock).show_device_code(fails))), std::runtime_error);
    EXPECT_FALSE(client.model.is_connected());
}

TEST_P(LoginsTest, ByDeviceCodeInTime)
{
    Client client(options().jaas(true).external_user("alice@external", MockAccess::admin));
    const auto nobody = [](const std::string&, const std::string&) {};
    const Error late = client.error_of(
        client.model.connect(address_of(client.mock).show_device_code(nobody).connect_timeout(std::chrono::milliseconds(300))));
    EXPECT_EQ(late.code(), errc::timed_out) << late.what();
}

TEST_P(LoginsTest, ByClientCredentials)
{
    Client client(options().jaas(true).service_account("service-1", "secret-MARKER", MockAccess::admin));

    client.run(client.model.connect(address_of(client.mock).client_credentials("service-1", "secret-MARKER")));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(logins(client.mock).front(),
              R"({"request-id":1,"type":"Admin","version":4,"request":"LoginWithClientCredentials","params":{"client-id":"service-1",)"
              R"("client-secret":"secret-MARKER"}})");

    const Error wrong = client.error_of(client.model.connect(address_of(client.mock).client_credentials("service-1", "wrong-MARKER")));
    EXPECT_EQ(wrong.server_code(), "unauthorized access") << wrong.what();
    EXPECT_EQ(wrong.outcome(), Outcome::rejected);
    expect_hidden("MARKER", wrong, client.model);
}

TEST_P(LoginsTest, ByClientCredentialsOfTheEnvironment)
{
    Client client(
        options().jaas(true).external_user("alice@external", MockAccess::admin).service_account("service-1", "secret", MockAccess::admin));
    const support::TemporaryDirectory store;
    client.mock.write_client_store(store.path(), MockStoreOptions().user("alice@external").session_token("of no use"));
    support::ScopedEnvironment environment;
    environment.set("JUJU_CLIENT_ID", "service-1");
    environment.set("JUJU_CLIENT_SECRET", "secret");

    client.run(client.model.connect(ConnectOptions().store_directory(store.string())));

    EXPECT_NE(logins(client.mock).front().find("LoginWithClientCredentials"), std::string::npos);
}

TEST_P(LoginsTest, AsAnAgent)
{
    Client client(options().agent("unit-mysql-0", "agent-MARKER").machine("machine-0", "pw", "user-admin:bootstrap"));

    client.run(client.model.connect(address_of(client.mock).agent("unit-mysql-0", "agent-MARKER")));

    EXPECT_EQ(logins(client.mock).front(),
              R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"unit-mysql-0",)"
              R"("credentials":"agent-MARKER","nonce":"","macaroons":null,"bakery-version":3,"user-data":""}})");
    const auto made = client.run(client.model.call("SecretsManager", "CreateSecretURIs", R"({"count":1})"));
    EXPECT_NE(made.find("secret:"), std::string::npos) << "the agents' own facade: " << made;

    const Error wrong = client.error_of(client.model.connect(address_of(client.mock).agent("unit-mysql-0", "wrong-MARKER")));
    EXPECT_EQ(wrong.code(), errc::login_failed) << wrong.what();
    expect_hidden("MARKER", wrong, client.model);

    const Error machine = client.error_of(client.model.connect(address_of(client.mock).agent("machine-0", "pw", "another")));
    EXPECT_EQ(machine.server_code(), "not provisioned") << machine.what();
    client.run(client.model.connect(address_of(client.mock).agent("machine-0", "pw", "user-admin:bootstrap")));
    EXPECT_TRUE(client.model.is_connected());
}

TEST_P(LoginsTest, TellsWhenAgentsAreTooMany)
{
    Client client(options().agent("unit-mysql-0", "pw").agent_rate_limit(1, std::chrono::hours(1)));
    client.run(client.model.connect(address_of(client.mock).agent("unit-mysql-0", "pw")));

    const Error error = client.error_of(client.model.connect(address_of(client.mock).agent("unit-mysql-0", "pw")));

    EXPECT_EQ(error.code(), errc::try_again) << error.what();
}

TEST_P(LoginsTest, SayWhichKindTheControllerTakes)
{
    Client jaas(options().jaas(true).external_user("alice@external", MockAccess::admin));
    const Error password = jaas.error_of(jaas.model.connect(address_of(jaas.mock).username("admin").password("x")));
    EXPECT_EQ(password.code(), errc::not_supported) << password.what();
    EXPECT_TRUE(mentions(password, "a JAAS controller takes a session token or client credentials")) << password.what();

    Client plain(options());
    const Error token = plain.error_of(plain.model.connect(address_of(plain.mock).session_token("t")));
    EXPECT_EQ(token.code(), errc::not_supported) << token.what();
    EXPECT_TRUE(mentions(token, "session tokens and client credentials are for JAAS controllers")) << token.what();
}

TEST_P(LoginsTest, SaysThatAPasswordIsNeeded)
{
    Client client(options().user("bob", "pw", MockAccess::read));
    const support::TemporaryDirectory store;
    client.mock.write_client_store(store.path(), MockStoreOptions().user("bob").login(MockStoredLogin::nothing));

    const Error error = client.error_of(client.model.connect(ConnectOptions().store_directory(store.string())));

    EXPECT_EQ(error.code(), errc::discharge_required) << error.what();
    EXPECT_TRUE(mentions(error, "give the user's password, or run \"juju login\"")) << error.what();
    client.run(client.model.connect(ConnectOptions().store_directory(store.string()).password("pw")));
    EXPECT_TRUE(client.model.is_connected());
}

} // namespace
} // namespace juju
