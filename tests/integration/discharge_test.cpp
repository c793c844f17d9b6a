// Macaroons that are renewed at the mock's own discharger and identity provider, over real connections.

#include "support/client.hpp"
#include "support/store_directory.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {
namespace {

using test::Client;
using Json = nlohmann::json;

constexpr const char* password = "a-password-MARKER";

class DischargesTest : public testing::TestWithParam<MockProfile> {
protected:
    DischargesTest()
    {
        set_log_sink([this](LogLevel, std::string_view line) { (log += line) += '\n'; }, LogLevel::debug);
    }

    ~DischargesTest() override { set_log_sink({}); }

    static MockOptions options()
    {
        return MockOptions()
            .profile(GetParam())
            .user("bob", password, MockAccess::read)
            .user("carol", password, MockAccess::read)
            .external_user("alice@external", MockAccess::read)
            .external_user("dave@example.com", MockAccess::read)
            .identity_provider(MockIdentityProvider::browser);
    }

    static ConnectOptions address_of(const MockController& mock)
    {
        return ConnectOptions().endpoint(mock.endpoint()).model_uuid(mock.model_uuid()).ca_cert(mock.ca_cert());
    }

    LoginCallback<SecretValue(std::string)> asks()
    {
        return [this](const std::string& user) {
            asked.push_back(user);
            return SecretValue(std::string_view(password));
        };
    }

    /// A login of bob without a password in the client store.
    static void write_store(const MockController& mock, const support::TemporaryDirectory& store,
                            MockStoredModels models = MockStoredModels::current)
    {
        mock.write_client_store(store.path(), MockStoreOptions().user("bob").login(MockStoredLogin::nothing).models(models));
    }

    /// The parameters of the logins that were sent, oldest first.
    static std::vector<Json> logins(const MockController& mock)
    {
        std::vector<Json> all;
        for (const auto& message : mock.transcript()) {
            if (message.direction == MockDirection::from_client && message.text.find(R"("request":"Login")") != std::string::npos)
                all.push_back(Json::parse(message.text).at("params"));
        }
        return all;
    }

    /// "POST /auth/discharge 401", oldest first, without queries.
    static std::vector<std::string> exchanges(const MockController& mock)
    {
        std::vector<std::string> all;
        for (const auto& request : mock.http_requests())
            all.push_back(request.method + ' ' + request.target.substr(0, request.target.find('?')) + ' ' + std::to_string(request.status));
        return all;
    }

    /// Every secret that went over the wires.
    static std::vector<std::string> secrets(const MockController& mock)
    {
        std::vector<std::string> all{"MARKER"};
        for (const auto& login : logins(mock)) {
            for (const auto& slice : login.at("macaroons")) {
                for (const auto& macaroon : slice)
                    all.push_back(macaroon.at("s64"));
            }
        }
        for (const auto& request : mock.http_requests()) {
            const auto token = request.body.find("token=");
            if (token != std::string::npos)
                all.push_back(request.body.substr(token + 6, 24));
            const auto answer = Json::parse(request.answer, nullptr, false);
            if (answer.contains("token"))
                all.push_back(answer.at("token").at("value"));
            if (answer.contains("token64"))
                all.push_back(answer.at("token64"));
            if (answer.contains("Macaroon"))
                all.push_back(answer.at("Macaroon").at("m").at("s64"));
        }
        return all;
    }

    void expect_hidden(const MockController& mock, const std::string& text) const
    {
        for (const auto& secret : secrets(mock)) {
            EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << text;
            EXPECT_EQ(log.find(secret), std::string::npos) << secret << " in " << log;
        }
    }

    std::vector<std::string> asked;
    std::string log;
};

INSTANTIATE_TEST_SUITE_P(Profiles, DischargesTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

bool mentions(const Error& error, std::string_view text)
{
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

const std::vector<std::string> with_password{"POST /auth/discharge 401", "POST /auth/form 200", "POST /auth/discharge 200"};

TEST_P(DischargesTest, LogInALocalUser)
{
    Client client(options());

    client.run(client.model.connect(address_of(client.mock).username("bob").ask_password(asks())));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(asked, std::vector<std::string>{"bob"});
    EXPECT_EQ(exchanges(client.mock), with_password);
    EXPECT_EQ(client.mock.http_requests()[1].body, R"({"form":{"user":"bob","password":"a-password-MARKER"}})");
    const auto sent = logins(client.mock);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].at("auth-tag"), "user-bob");
    EXPECT_EQ(sent[0].at("credentials"), "");
    EXPECT_TRUE(sent[0].at("macaroons").empty());
    EXPECT_EQ(sent[1].at("macaroons").at(0).size(), 2U);
    EXPECT_GE(secrets(client.mock).size(), 5U);
    expect_hidden(client.mock, client.model.diagnostics());
}

TEST_P(DischargesTest, LogInBesideAnExpiredMacaroon)
{
    Client client(options());
    client.run(client.model.connect(address_of(client.mock).username("bob").ask_password(asks())));
    const auto old = logins(client.mock).at(1).at("macaroons").dump();
    client.mock.expire_macaroons();

    const Error expired = client.error_of(client.model.connect(address_of(client.mock).username("bob").macaroons(old)));
    EXPECT_EQ(expired.code(), errc::login_expired) << expired.what();
    EXPECT_TRUE(mentions(expired, "set ConnectOptions::ask_password")) << expired.what();

    client.run(client.model.connect(address_of(client.mock).username("bob").macaroons(old).ask_password(asks())));
    EXPECT_TRUE(client.model.is_connected());
    EXPECT_EQ(asked.size(), 2U);
}

TEST_P(DischargesTest, WorkWithoutCoroutines)
{
    MockController mock(options());
    BlockingModel model;

    model.connect(address_of(mock).username("bob").ask_password(asks()));

    EXPECT_TRUE(model.list_secrets().empty());
    EXPECT_EQ(asked, std::vector<std::string>{"bob"});
}

TEST_P(DischargesTest, RefuseAWrongPassword)
{
    Client client(options());
    const auto wrong = [](const std::string&) { return SecretValue("wrong-MARKER"); };

    const Error error = client.error_of(client.model.connect(address_of(client.mock).username("bob").ask_password(wrong)));

    EXPECT_EQ(error.code(), errc::login_failed);
    EXPECT_EQ(std::string(error.what()), "Admin.Login: cannot get discharge from \"https://" + client.mock.endpoint() +
                                             "/auth\": cannot submit form: invalid entity name or password");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_EQ(exchanges(client.mock), (std::vector<std::string>{"POST /auth/discharge 401", "POST /auth/form 500"}));
    EXPECT_FALSE(client.model.is_connected());
    expect_hidden(client.mock, std::string(error.what()) + error.server_message() + client.model.diagnostics());
}

TEST_P(DischargesTest, AreDoneOnceInAConnect)
{
    Client client(options().macaroon_lifetime(-std::chrono::hours(1)));

    const Error error = client.error_of(client.model.connect(address_of(client.mock).username("bob").ask_password(asks())));

    EXPECT_EQ(error.code(), errc::login_failed) << error.what();
    EXPECT_EQ(std::string(error.what()), "Admin.Login: login with discharged macaroons failed: invalid login macaroon");
    EXPECT_EQ(logins(client.mock).size(), 2U);
    EXPECT_EQ(asked.size(), 1U);
}

TEST_P(DischargesTest, AreDoneOnceForALookupAndAModel)
{
    Client client(options());
    auto by_name = ConnectOptions().endpoint(client.mock.endpoint()).model(client.mock.model()).ca_cert(client.mock.ca_cert());

    client.run(client.model.connect(by_name.username("bob").ask_password(asks())));

    EXPECT_EQ(asked.size(), 1U);
    EXPECT_EQ(exchanges(client.mock), with_password);
    EXPECT_EQ(logins(client.mock).size(), 3U) << "two to the controller, one to the model";
}

TEST_P(DischargesTest, AreNotRepeatedAtTheNextAddress)
{
    Client client(options().nodes(2).fault(MockFault(MockFaultKind::close).at(MockPhase::login).nth(2)));
    auto both = address_of(client.mock).endpoint(client.mock.endpoints().at(1));

    client.run(client.model.connect(both.username("bob").ask_password(asks())));

    EXPECT_TRUE(client.model.is_connected());
    EXPECT_EQ(asked.size(), 1U);
    EXPECT_EQ(exchanges(client.mock), with_password);
    const auto sent = logins(client.mock);
    ASSERT_EQ(sent.size(), 3U) << "one to each address, and the one that was lost";
    EXPECT_EQ(sent[2].at("macaroons"), sent[1].at("macaroons"));
}

TEST_P(DischargesTest, ComeOutOfTheStoreTheNextTime)
{
    Client client(options());
    const support::TemporaryDirectory store;
    write_store(client.mock, store);
    const auto in_store = ConnectOptions().store_directory(store.string());

    client.run(client.model.connect(ConnectOptions(in_store).ask_password(asks())));
    EXPECT_EQ(store.read("cookies/mock.json"), "null\n") << "nothing is written unless asked for";
    EXPECT_EQ(asked.size(), 1U);

    client.run(client.model.connect(ConnectOptions(in_store).ask_password(asks()).update_store(true)));
    EXPECT_EQ(asked.size(), 2U);
    const auto slice = logins(client.mock).back().at("macaroons").at(0);
    const auto jar = Json::parse(store.read("cookies/mock.json"));
    ASSERT_EQ(jar.size(), 1U);
    const auto& cookie = jar.at(0);
    EXPECT_EQ(cookie.at("Name").get<std::string>().substr(0, 9), "macaroon-");
    EXPECT_EQ(cookie.at("Name").get<std::string>().size(), 9U + 64U);
    EXPECT_EQ(cookie.at("Domain"), client.mock.controller_uuid());
    EXPECT_EQ(cookie.at("CanonicalHost"), client.mock.controller_uuid());
    EXPECT_EQ(cookie.at("Path"), "/");
    EXPECT_EQ(cookie.at("HostOnly"), true);
    EXPECT_EQ(cookie.at("Persistent"), true);
    const auto value = SecretValue::from_base64(cookie.at("Value").get<std::string>());
    EXPECT_EQ(Json::parse(value.text()), slice);
    EXPECT_EQ("time-before " + cookie.at("Expires").get<std::string>(), slice.at(0).at("c").at(0).at("i")) << "the earliest of them";
    EXPECT_NE(store.read("accounts.yaml").find("user: bob"), std::string::npos);
    EXPECT_EQ(store.read("accounts.yaml").find("MARKER"), std::string::npos) << "the password is not kept";

    client.run(client.model.connect(in_store));
    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(asked.size(), 2U);

    // In the middle of its life it is refused, and renewed; then there are two, and the controller takes the one that does.
    client.mock.expire_macaroons();
    const Error expired = client.error_of(client.model.connect(in_store));
    EXPECT_EQ(expired.code(), errc::login_expired) << expired.what();
    client.run(client.model.connect(ConnectOptions(in_store).ask_password(asks()).update_store(true)));
    EXPECT_EQ(asked.size(), 3U);
    client.run(client.model.connect(in_store));
    EXPECT_EQ(logins(client.mock).back().at("macaroons").size(), 2U);
    expect_hidden(client.mock, client.model.diagnostics());
}

TEST_P(DischargesTest, AreSavedWhenAModelWasLookedUp)
{
    Client client(options());
    const support::TemporaryDirectory store;
    write_store(client.mock, store, MockStoredModels::none);
    const auto named = ConnectOptions().store_directory(store.string()).model(client.mock.model());

    client.run(client.model.connect(ConnectOptions(named).ask_password(asks()).update_store(true)));
    EXPECT_EQ(asked.size(), 1U);
    EXPECT_NE(store.read("models.yaml").find(client.mock.model_uuid()), std::string::npos);

    client.run(client.model.connect(named));
    EXPECT_TRUE(client.model.is_connected());
}

TEST_P(DischargesTest, OfAnotherUserChangeNothingOfTheAccount)
{
    Client client(options());
    const support::TemporaryDirectory store;
    write_store(client.mock, store, MockStoredModels::none);
    const auto accounts = store.read("accounts.yaml");
    const auto carol = ConnectOptions().store_directory(store.string()).model(client.mock.model()).username("carol").update_store(true);

    const Error nobody = client.error_of(client.model.connect(carol));
    EXPECT_EQ(nobody.code(), errc::invalid_argument);
    EXPECT_EQ(std::string(nobody.what()), "no login given for user \"carol\", who is not the one of controller mock in the client store; "
                                          "set ConnectOptions::password or ask_password");

    client.run(client.model.connect(ConnectOptions(carol).ask_password(asks())));
    EXPECT_EQ(asked, std::vector<std::string>{"carol"});
    client.run(client.model.connect(ConnectOptions(carol).password(password)));

    EXPECT_EQ(store.read("accounts.yaml"), accounts);
    EXPECT_EQ(store.read("cookies/mock.json"), "null\n");
    EXPECT_EQ(store.read("models.yaml").find(client.mock.model_uuid()), std::string::npos);
}

TEST_P(DischargesTest, AreNotNeededForTheUserOfTheStore)
{
    Client client(options());
    const support::TemporaryDirectory store;
    client.mock.write_client_store(store.path()); // admin, with the password
    const auto in_store = ConnectOptions().store_directory(store.string());

    client.run(client.model.connect(ConnectOptions(in_store).username("admin")));
    EXPECT_TRUE(client.model.is_connected());
    client.run(client.model.connect(ConnectOptions(in_store).username("admin@local").ask_password(asks())));
    EXPECT_TRUE(client.model.is_connected());
    EXPECT_TRUE(asked.empty());

    client.mock.write_client_store(store.path(), MockStoreOptions().user(""));
    const Error nobody = client.error_of(client.model.connect(ConnectOptions(in_store).model_uuid(client.mock.model_uuid())));
    EXPECT_EQ(nobody.code(), errc::not_logged_in) << nobody.what();
    auto bob = ConnectOptions(in_store).model_uuid(client.mock.model_uuid()).username("bob").ask_password(asks());
    client.run(client.model.connect(bob));
    EXPECT_EQ(asked, std::vector<std::string>{"bob"});
}

TEST_P(DischargesTest, LogInAnExternalUser)
{
    for (const auto kind : {MockIdentityProvider::browser, MockIdentityProvider::legacy_browser}) {
        Client client(options().identity_provider(kind));
        std::vector<std::string> visited;
        const auto visit = [&](const std::string& url) {
            visited.push_back(url);
            EXPECT_EQ(client.mock.visit_urls(), visited);
            EXPECT_EQ(client.mock.confirm_browser_login("alice@external"), 1U);
        };

        client.run(client.model.connect(address_of(client.mock).visit_url(visit)));

        EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
        EXPECT_EQ(visited.size(), 1U);
        EXPECT_EQ(logins(client.mock).back().at("auth-tag"), "");
        EXPECT_NE(client.model.diagnostics().find(R"("user": "external user")"), std::string::npos);
        expect_hidden(client.mock, client.model.diagnostics());

        client.run(client.model.connect(address_of(client.mock).username("alice@external").visit_url([&](std::string) {
            client.mock.confirm_browser_login("alice@external");
        })));
        EXPECT_TRUE(client.model.is_connected());
    }
}

TEST_P(DischargesTest, EndAsTheProviderSays)
{
    Client client(options());
    const auto refuse = [&](const std::string&) { client.mock.refuse_browser_login(); };
    const Error refused = client.error_of(client.model.connect(address_of(client.mock).visit_url(refuse)));
    EXPECT_EQ(refused.code(), errc::discharge_failed);
    EXPECT_EQ(std::string(refused.what()), "Admin.Login: cannot get discharge from \"" + client.mock.identity_url() +
                                               "\": third party refused discharge: login refused");

    const auto other = [&](const std::string&) { client.mock.confirm_browser_login("dave@example.com"); };
    const Error mismatch = client.error_of(client.model.connect(address_of(client.mock).username("alice@external").visit_url(other)));
    EXPECT_EQ(mismatch.code(), errc::login_mismatch) << mismatch.what();

    const auto fails = [](const std::string&) { throw std::runtime_error("no browser"); };
    EXPECT_THROW(client.run(client.model.connect(address_of(client.mock).visit_url(fails))), std::runtime_error);

    const auto macaroons = address_of(client.mock).username("bob").macaroons(R"([[{"i":"x","s64":"AAAA"}]])");
    const Error not_asked = client.error_of(client.model.connect(ConnectOptions(macaroons).visit_url(fails)));
    EXPECT_EQ(not_asked.code(), errc::discharge_required) << not_asked.what();
    EXPECT_TRUE(mentions(not_asked, "it asks for the user's password; set ConnectOptions::ask_password")) << not_asked.what();
    EXPECT_FALSE(client.model.is_connected());
}

TEST_P(DischargesTest, EndInTime)
{
    Client client(options());
    const auto nobody = [](const std::string&) {};
    const Error late =
        client.error_of(client.model.connect(address_of(client.mock).visit_url(nobody).connect_timeout(std::chrono::milliseconds(300))));
    EXPECT_EQ(late.code(), errc::timed_out) << late.what();
}

TEST_P(DischargesTest, GoWithMacaroonsOnly)
{
    Client client(options());
    const auto refused = [&](ConnectOptions given, std::string_view text) {
        const Error error = client.error_of(client.model.connect(std::move(given)));
        EXPECT_EQ(error.code(), errc::invalid_argument) << error.what();
        EXPECT_TRUE(mentions(error, text)) << error.what();
    };
    const auto visit = [](const std::string&) {};
    const std::string_view other_logins = "ask_password and visit_url are for logins with macaroons";
    refused(address_of(client.mock).session_token("t").ask_password(asks()), other_logins);
    refused(address_of(client.mock).client_credentials("id", "s").visit_url(visit), other_logins);
    refused(address_of(client.mock).agent("unit-a-0", "p").visit_url(visit), other_logins);
    refused(address_of(client.mock).ask_password(asks()), "username \"\" not valid");
    refused(address_of(client.mock).ask_password(asks()).macaroons("[[{}]]"), "ask_password needs the username of whom to ask");
    refused(address_of(client.mock).username("bob").visit_url(visit), "set ConnectOptions::password or ask_password");
    refused(address_of(client.mock).username("alice@external").ask_password(asks()), "set ConnectOptions::macaroons or visit_url");
    refused(address_of(client.mock).username("bob").ask_password(asks()).show_device_code([](std::string, std::string) {}),
            "show_device_code is for JAAS controllers");
    EXPECT_EQ(client.mock.total_connections(), 0U);
    EXPECT_TRUE(asked.empty());
}

} // namespace
} // namespace juju
