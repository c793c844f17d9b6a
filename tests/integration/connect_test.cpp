// Connecting: what works, and every way in which it does not.

#include "support/client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

class ConnectTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    ConnectTest() : Client(MockOptions().profile(GetParam())) {}

    Error connect_error(const ConnectOptions& options) { return error_of(model.connect(options)); }
    Error connect_error() { return connect_error(mock.connect_options()); }

    /// A port of this machine where nobody listens.
    std::string dead_endpoint()
    {
        boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
        return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    }

    static bool mentions(const Error& error, std::string_view text) { return std::string(error.what()).find(text) != std::string::npos; }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ConnectTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ConnectTest, ConnectsAgainAfterDisconnecting)
{
    connect();
    run(model.disconnect());
    connect();

    EXPECT_TRUE(run(model.list_secrets()).empty());
    EXPECT_EQ(mock.total_connections(), 2U);
}

TEST_P(ConnectTest, ReplacesAConnectionThatIsThere)
{
    connect();
    connect();

    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(ConnectTest, TakesTheNextEndpointWhenOneIsDead)
{
    auto options = ConnectOptions().endpoint(dead_endpoint()).endpoint(mock.endpoint());
    options.model_uuid(mock.model_uuid()).username("admin").password(mock.password()).ca_cert(mock.ca_cert());

    run(model.connect(options));

    EXPECT_TRUE(model.is_connected());
}

TEST_P(ConnectTest, NamesEveryEndpointThatFailed)
{
    const auto first = dead_endpoint();
    auto options = ConnectOptions().endpoint(first).endpoint("no-such-host.invalid:17070");
    options.model_uuid(mock.model_uuid()).username("admin").password(mock.password()).ca_cert(mock.ca_cert());

    const Error error = connect_error(options);

    EXPECT_EQ(error.code(), errc::connect_failed);
    ASSERT_EQ(error.items().size(), 2U);
    EXPECT_EQ(error.items()[0].subject(), first);
    EXPECT_EQ(error.items()[0].error()->code(), boost::asio::error::connection_refused);
    EXPECT_TRUE(mentions(error, "TCP connection to " + first));
    EXPECT_TRUE(mentions(error, "looking up \"no-such-host.invalid\""));
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
}

TEST_P(ConnectTest, RejectsAnotherCa)
{
    const MockController other;
    auto options = mock.connect_options();
    options.ca_cert(other.ca_cert());

    const Error error = connect_error(options);

    EXPECT_EQ(error.code(), errc::certificate_rejected);
    EXPECT_TRUE(mentions(error, "check that ca_cert is this controller's CA")) << error.what();
    EXPECT_EQ(mock.total_requests(), 0U);
}

TEST_P(ConnectTest, TrustsTheSystemAloneWithoutACa)
{
    auto options = mock.connect_options();
    options.ca_cert("");

    const Error error = connect_error(options);

    EXPECT_EQ(error.code(), errc::certificate_rejected);
    EXPECT_TRUE(mentions(error, "give the controller's own CA with ca_cert")) << error.what();
}

TEST_P(ConnectTest, RejectsAWrongPassword)
{
    auto options = mock.connect_options();
    options.password("hunter2-MARKER");

    const Error error = connect_error(options);

    EXPECT_EQ(error.code(), errc::login_failed);
    EXPECT_EQ(error.server_message(), "invalid entity name or password");
    EXPECT_EQ(error.server_code(), "unauthorized access");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_FALSE(mentions(error, "MARKER"));
    EXPECT_FALSE(model.is_connected());
}

TEST_P(ConnectTest, DoesNotTryAWrongPasswordAtTheNextEndpoint)
{
    auto options = mock.connect_options();
    options.endpoint(mock.endpoint()).password("wrong");

    EXPECT_EQ(connect_error(options).code(), errc::login_failed);

    EXPECT_EQ(mock.total_connections(), 1U);
}

TEST_P(ConnectTest, RejectsAnUnknownModel)
{
    auto options = mock.connect_options();
    options.model_uuid("11111111-2222-4333-8444-555555555555");

    const Error error = connect_error(options);

    EXPECT_EQ(error.code(), errc::model_not_found);
    EXPECT_EQ(error.server_message(), "unknown model: \"11111111-2222-4333-8444-555555555555\"");
}

TEST_P(ConnectTest, RejectsAUserWithoutAccessToTheModel)
{
    mock.set_controller_access("admin", MockControllerAccess::login);
    mock.set_access("admin", MockAccess::none);

    EXPECT_EQ(connect_error().code(), errc::permission_denied);
}

TEST_P(ConnectTest, TellsWhatTheUpgradeWasRefusedWith)
{
    mock.add_fault(MockFault(MockFaultKind::http_error).number(503).text("apiserver shutdown in progress\n"));

    const Error error = connect_error();

    EXPECT_EQ(error.code(), errc::upgrade_refused);
    EXPECT_TRUE(mentions(error, "HTTP 503 Service Unavailable: apiserver shutdown in progress")) << error.what();
    EXPECT_EQ(error.server_message(), "apiserver shutdown in progress");
}

TEST_P(ConnectTest, EndsInTimeWhateverPhaseStalls)
{
    for (const auto phase : {MockPhase::accept, MockPhase::tls, MockPhase::upgrade, MockPhase::login}) {
        mock.add_fault(MockFault(MockFaultKind::stall).at(phase));
        auto options = mock.connect_options();
        options.connect_timeout(200ms);

        const Error error = connect_error(options);

        EXPECT_EQ(error.code(), errc::timed_out);
        EXPECT_TRUE(mentions(error, "200 ms (ConnectOptions::connect_timeout), while waiting for: ")) << error.what();
        mock.clear_faults();
    }
    connect();
    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(ConnectTest, RejectsALoginToAnotherModelUserOrController)
{
    const auto reply = [&](std::string_view model_tag, std::string_view controller, std::string_view identity) {
        mock.add_fault(MockFault(MockFaultKind::reply)
                           .at(MockPhase::login)
                           .text(R"({"request-id":$ID,"response":{"model-tag":")" + std::string(model_tag) + R"(","controller-tag":")" +
                                 std::string(controller) + R"(","user-info":{"identity":")" + std::string(identity) + R"("}}})"));
    };
    const std::string model_tag = "model-" + mock.model_uuid();
    const std::string controller = "controller-" + mock.controller_uuid();

    reply("model-11111111-2222-4333-8444-555555555555", controller, "user-admin");
    EXPECT_EQ(connect_error().code(), errc::login_mismatch);
    reply(model_tag, "controller-0", "user-admin");
    EXPECT_EQ(connect_error().code(), errc::login_mismatch);
    reply(model_tag, controller, "user-bob");
    EXPECT_EQ(connect_error().code(), errc::login_mismatch);
    reply(model_tag, controller, "user-admin@local");
    connect();
    EXPECT_TRUE(model.is_connected());
}

TEST_P(ConnectTest, SaysThatAMacaroonLoginIsNotDone)
{
    mock.add_fault(MockFault(MockFaultKind::reply)
                       .at(MockPhase::login)
                       .text(R"({"request-id":$ID,"response":{"bakery-discharge-required":{"m":{},"v":3}}})"));

    EXPECT_EQ(connect_error().code(), errc::discharge_required);
}

TEST_P(ConnectTest, TellsARedirect)
{
    mock.add_fault(
        MockFault(MockFaultKind::reply)
            .at(MockPhase::login)
            .text(
                R"({"request-id":$ID,"error":"redirection to alternative server required","error-code":"redirection required","error-info":{"ca-cert":"PEM"},"response":{}})"));

    const Error error = connect_error();

    EXPECT_EQ(error.code(), errc::redirected);
    EXPECT_EQ(error.server_info(), R"({"ca-cert":"PEM"})");
}

TEST_P(ConnectTest, RefusesUnusableOptionsWithoutConnecting)
{
    const auto good = mock.connect_options();
    const auto refused = [&](ConnectOptions options, std::string_view text) {
        const Error error = connect_error(options);
        EXPECT_EQ(error.code(), errc::invalid_argument) << error.what();
        EXPECT_TRUE(mentions(error, text)) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
    };

    refused(ConnectOptions(good).model("admin/demo"), "model and model_uuid are two ways to name the model");
    refused(ConnectOptions(good).controller("mock"), "are for the client store");
    refused(ConnectOptions(good).store_directory("/nowhere"), "are for the client store");
    refused(ConnectOptions(good).update_store(true), "are for the client store");
    refused(ConnectOptions(good).session_token("t"), "only one kind of login can be used; given are: password, session_token");
    refused(ConnectOptions(good).agent("unit-mysql-0", "p"), "only one kind of login can be used; given are: password, agent");
    refused(ConnectOptions(good).password("").agent("unit-mysql-0", "p"), "username does not go together with client_credentials or agent");
    refused(ConnectOptions(good).username("").password("").agent("", "p"), "both an agent's tag and its password must be set");
    refused(ConnectOptions(good).username("").password("").client_credentials("id", ""), "both client id and client secret must be set");
    refused(ConnectOptions(good).password("").macaroons("rubbish"), "macaroons are no JSON array of arrays of macaroons");
    refused(ConnectOptions(good).password("").macaroons(std::string("[{}]\0,0", 7)), "macaroons are no JSON array of arrays of macaroons");
    refused(ConnectOptions(good).username("alice@example.com"), "is an external user, who has no password");
    refused(ConnectOptions(good).endpoint("https://host"), "the scheme must be wss");
    refused(ConnectOptions(good).endpoint("host:99999"), "the port is not a number from 1 to 65535");
    refused(ConnectOptions(good).model_uuid("rubbish"), "model_uuid \"rubbish\" not valid");
    refused(ConnectOptions(good).model_uuid(""), "model_uuid \"\" not valid");
    refused(ConnectOptions(good).username("a b"), "username \"a b\" not valid");
    refused(ConnectOptions(good).username(""), "username \"\" not valid");
    refused(ConnectOptions(good).password(""), "no password given");
    refused(ConnectOptions(good).ca_cert("no certificate"), "ca_cert is not a PEM certificate");
    refused(ConnectOptions(good).connect_timeout(0ms), "must be positive");
    refused(ConnectOptions(good).max_message_size(0), "max_message_size must be positive");
    EXPECT_EQ(mock.total_connections(), 0U);
}

TEST_P(ConnectTest, SaysWhenTheControllerHasNoUserSecrets)
{
    const auto refuses = [](Client& old) {
        const auto requests = old.mock.total_requests();

        const Error error = old.error_of(old.model.add_secret("x", {"key=value"}));

        EXPECT_EQ(error.code(), errc::not_supported);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_TRUE(mentions(error, "user secrets not supported")) << error.what();
        EXPECT_EQ(old.mock.total_requests(), requests);
    };

    Client read_only(MockOptions().profile(GetParam()).secrets_versions({1}));
    read_only.connect();
    refuses(read_only);

    Client none(MockOptions().profile(GetParam()));
    none.mock.add_fault(MockFault(MockFaultKind::reply)
                            .at(MockPhase::login)
                            .text(R"({"request-id":$ID,"response":{"model-tag":"model-)" + none.mock.model_uuid() +
                                  R"(","controller-tag":"controller-)" + none.mock.controller_uuid() +
                                  R"(","user-info":{"identity":"user-admin"},"facades":[{"name":"Pinger","versions":[1]}]}})"));
    none.connect();
    refuses(none);
}

TEST_P(ConnectTest, TurnsToSecretsManagerOnlyWhereThereIsNoSecretsFacade)
{
    Client other(MockOptions().profile(GetParam()).secrets_versions({}));
    other.connect();

    const Error error = other.error_of(other.model.add_secret("x", {"key=value"}));

    EXPECT_EQ(error.request(), "SecretsManager.CreateSecrets");
    EXPECT_EQ(error.code(), errc::permission_denied);
    EXPECT_EQ(
        other.sent().back(),
        R"({"request-id":2,"type":"SecretsManager","version":4,"request":"CreateSecrets","params":{"args":[{"label":"x","content":{"data":{"key":"dmFsdWU="}}}]}})");
}

TEST_P(ConnectTest, ListsWithTheOldFacade)
{
    Client old(MockOptions().profile(GetParam()).secrets_versions({1}));
    old.connect();

    EXPECT_TRUE(old.run(old.model.list_secrets()).empty());
    EXPECT_EQ(old.sent().back(),
              R"({"request-id":2,"type":"Secrets","version":1,"request":"ListSecrets","params":{"show-secrets":false,"filter":{}}})");
}

TEST_P(ConnectTest, TellsUpgradeAndMigration)
{
    mock.set_upgrading(true);
    connect();
    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::upgrade_in_progress);
    mock.set_upgrading(false);
    mock.set_migrating(true);
    connect();
    EXPECT_EQ(error_of(model.list_secrets()).code(), errc::migration_in_progress);
}

} // namespace
} // namespace juju
