// Connections to the controller itself, and the call of any method of any facade on both kinds of connection.

#include "support/client.hpp"

#include <exception>
#include <functional>
#include <memory>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

class ControllerTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    ControllerTest() : Client(MockOptions().profile(GetParam()).user("carol", "pw", MockAccess::none)), controller(context.get_executor())
    {
    }

    bool is_3_6() const { return GetParam() == MockProfile::juju_3_6; }
    std::string last_sent() const { return sent().back(); }

    /// The last reply that the mock sent, whole.
    std::string last_received() const
    {
        std::string text;
        for (const auto& message : mock.transcript()) {
            if (message.direction == MockDirection::to_client)
                text = message.text;
        }
        return text;
    }

    void connect_controller() { run(controller.connect(mock.connect_options())); }

    void reply_with(const std::string& text) { mock.add_fault(MockFault(MockFaultKind::reply).text(text)); }

    Controller controller;
};

INSTANTIATE_TEST_SUITE_P(Profiles, ControllerTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ControllerTest, ConnectsWithoutAModel)
{
    EXPECT_FALSE(controller.is_connected());
    EXPECT_EQ(controller.get_executor(), context.get_executor());
    auto options = mock.connect_options();
    run(controller.connect(options.model_uuid("")));

    EXPECT_TRUE(controller.is_connected());
    EXPECT_EQ(run(controller.list_secret_backends()).size(), 1U);

    run(controller.disconnect());
    EXPECT_FALSE(controller.is_connected());
    EXPECT_EQ(error_of(controller.list_secret_backends()).code(), errc::not_connected);
    run(controller.disconnect());

    connect_controller();
    EXPECT_EQ(run(controller.list_secret_backends()).size(), 1U);
}

TEST_P(ControllerTest, IgnoresAModelInTheOptions)
{
    for (const std::string& uuid : {mock.model_uuid(), std::string("11111111-2222-4333-8444-555555555555"), std::string("no uuid")}) {
        run(controller.connect(mock.connect_options().model_uuid(uuid)));
        EXPECT_TRUE(controller.facades().contains("SecretBackends")) << uuid;
        EXPECT_FALSE(controller.facades().contains("Secrets")) << uuid;
    }
}

TEST_P(ControllerTest, ChecksTheOtherOptions)
{
    EXPECT_EQ(error_of(controller.connect(ConnectOptions().endpoint(mock.endpoint()))).code(), errc::invalid_argument);
    EXPECT_EQ(error_of(controller.connect(mock.connect_options().username("no user"))).code(), errc::invalid_argument);
    EXPECT_EQ(mock.total_connections(), 0U);

    const Error error = error_of(controller.connect(mock.connect_options().password("wrong")));
    EXPECT_EQ(error.code(), errc::login_failed);
    EXPECT_FALSE(controller.is_connected());
}

TEST_P(ControllerTest, TakesNoModelForAController)
{
    mock.add_fault(MockFault(MockFaultKind::reply)
                       .at(MockPhase::login)
                       .text(R"({"request-id":$ID,"response":{"controller-tag":"controller-c0ffee00-1111-4222-8333-444444444444",)"
                             R"("user-info":{"identity":"user-admin"},"model-tag":"model-)" +
                             mock.model_uuid() + R"("}})"));

    EXPECT_EQ(error_of(controller.connect(mock.connect_options())).code(), errc::login_mismatch);
}

TEST_P(ControllerTest, RefusesEveryCallBeforeConnect)
{
    std::vector<Error> errors;
    errors.push_back(error_of(controller.list_secret_backends()));
    errors.push_back(error_of(controller.add_secret_backend(SecretBackendDraft("a", "vault", SecretBackendConfig()))));
    errors.push_back(error_of(controller.update_secret_backend("a", SecretBackendUpdate().new_name("b"))));
    errors.push_back(error_of(controller.remove_secret_backend("a")));
    errors.push_back(error_of(controller.call("Controller", "ControllerConfig")));
    errors.push_back(error_of(controller.call("Controller", 11, "ControllerConfig")));
    errors.push_back(error_of(model.get_secret_backend()));
    errors.push_back(error_of(model.set_secret_backend("a")));
    errors.push_back(error_of(model.call("Application", "Get")));
    errors.push_back(error_of(model.call("Application", 19, "Get")));

    for (const Error& error : errors) {
        EXPECT_EQ(error.code(), errc::not_connected) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_FALSE(error.connection_usable());
    }
    EXPECT_THROW(controller.facades(), Error);
    EXPECT_THROW(model.facades(), Error);
    EXPECT_EQ(mock.total_connections(), 0U);
}

TEST_P(ControllerTest, MovesItsConnection)
{
    connect_controller();
    Controller moved(std::move(controller));
    EXPECT_TRUE(moved.is_connected());
    EXPECT_EQ(run(moved.list_secret_backends()).size(), 1U);

    Controller other(context.get_executor());
    other = std::move(moved);
    EXPECT_EQ(run(other.list_secret_backends()).size(), 1U);
    controller = std::move(other);
}

TEST_P(ControllerTest, EndsPendingCallsWhenItIsDestroyed)
{
    auto doomed = std::make_unique<Controller>(context.get_executor());
    run(doomed->connect(mock.connect_options()));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecretBackends"));
    std::exception_ptr failure;
    auto finish = [&](std::exception_ptr error, const std::vector<SecretBackend>&) { failure = error; };
    boost::asio::co_spawn(context, doomed->list_secret_backends(), finish);
    const auto run_until = [&](const std::function<bool()>& done) {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < limit) {
            context.run_one_for(10ms);
            context.restart();
        }
        return done();
    };
    ASSERT_TRUE(run_until([&] { return mock.total_requests() == 2; }));

    doomed.reset();
    ASSERT_TRUE(run_until([&] { return failure != nullptr; }));

    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::connection_lost);
        EXPECT_EQ(error.outcome(), Outcome::unknown);
    }
}

TEST_P(ControllerTest, ListsTheFacadesOfEachKindOfConnection)
{
    connect_controller();
    connect();

    const auto of_controller = controller.facades();
    const auto of_model = model.facades();

    using Versions = std::vector<int>;
    EXPECT_EQ(of_controller.at("SecretBackends"), Versions{1});
    EXPECT_EQ(of_controller.at("ModelManager"), is_3_6() ? (Versions{9, 10}) : (Versions{10, 11}));
    EXPECT_EQ(of_controller.count("Secrets"), 0U);
    EXPECT_EQ(of_model.at("Secrets"), (Versions{1, 2}));
    EXPECT_EQ(of_model.at("ModelConfig"), is_3_6() ? (Versions{3}) : (Versions{3, 4}));
    EXPECT_EQ(of_model.at("Application"), is_3_6() ? (Versions{15, 16, 17, 18, 19, 20, 21, 22}) : (Versions{19, 20, 21, 22}));
    EXPECT_EQ(of_model.count("SecretBackends"), 0U);

    run(model.disconnect());
    EXPECT_THROW(model.facades(), Error);
}

TEST_P(ControllerTest, CallsAFacadeInItsNewestVersion)
{
    connect();
    connect_controller();

    const auto application = run(model.call("Application", "Get", R"({"application":"mysql"})"));
    EXPECT_EQ(last_sent(), R"({"request-id":2,"type":"Application","version":22,"request":"Get","params":{"application":"mysql"}})");
    EXPECT_EQ(last_received(), R"({"request-id":2,"response":)" + application + "}");
    EXPECT_NE(application.find(R"("charm":"mysql")"), std::string::npos) << application;

    const auto models = run(controller.call("ModelManager", "ListModels", R"({"tag":"user-admin"})"));
    EXPECT_EQ(last_sent(), std::string(R"({"request-id":2,"type":"ModelManager","version":)") + (is_3_6() ? "10" : "11") +
                               R"(,"request":"ListModels","params":{"tag":"user-admin"}})");
    EXPECT_NE(models.find(mock.model_uuid()), std::string::npos) << models;

    EXPECT_EQ(run(model.call("Pinger", "Ping")), "{}");
    EXPECT_EQ(last_sent(), R"({"request-id":3,"type":"Pinger","version":1,"request":"Ping","params":{}})");
}

TEST_P(ControllerTest, CallsAFacadeInTheVersionAskedFor)
{
    connect();
    connect_controller();

    run(model.call("Application", 19, "Get", R"({"application":"mysql"})"));
    EXPECT_EQ(last_sent(), R"({"request-id":2,"type":"Application","version":19,"request":"Get","params":{"application":"mysql"}})");
    run(controller.call("SecretBackends", 1, "ListSecretBackends"));
    EXPECT_EQ(last_sent(), R"({"request-id":2,"type":"SecretBackends","version":1,"request":"ListSecretBackends","params":{}})");

    // The controller is asked also for what it does not list: it knows best.
    const Error error = error_of(model.call("Application", 99, "Get"));
    EXPECT_EQ(error.code(), errc::not_implemented);
    EXPECT_EQ(error.server_code(), "not implemented");
    EXPECT_EQ(error.request(), "Application.Get");
    EXPECT_EQ(error_of(model.call("Application", 0, "Get")).code(), errc::not_implemented);
}

TEST_P(ControllerTest, GivesTheResponseAsItCame)
{
    connect();
    const std::vector<std::pair<std::string, std::string>> replies{
        {R"({"request-id":$ID,"response":{"a":1}})", R"({"a":1})"},
        {"{\"request-id\":$ID,\n \"response\" :\t{ \"a\" : [ 1 ,{ \"b\":\"x\\u0041\\/\" } ] ,\n\"c\":1e2 } \n}",
         "{ \"a\" : [ 1 ,{ \"b\":\"x\\u0041\\/\" } ] ,\n\"c\":1e2 }"},
        {R"({"response":{"response":{"request-id":7},"error":"inner"},"request-id":$ID})",
         R"({"response":{"request-id":7},"error":"inner"})"},
        {R"({ "response" : {} , "request-id" : $ID })", "{}"},
        {R"({"request-id":$ID,"response":{ }})", "{ }"},
        {R"({"request-id":$ID,"response":null})", "{}"},
        {R"({"request-id":$ID})", "{}"},
        {R"({"request-id":$ID,"error":"","response":{"a":"}{\"]["}})", R"({"a":"}{\"]["})"},
        {R"({"request-id":$ID,"response":{"results":[{"error":{"message":"no","code":""}}]}})",
         R"({"results":[{"error":{"message":"no","code":""}}]})"},
    };
    for (const auto& [reply, response] : replies) {
        reply_with(reply);
        EXPECT_EQ(run(model.call("Application", "Get")), response) << reply;
    }
}

TEST_P(ControllerTest, NamesTheCallOfAResponseThatIsNoObject)
{
    connect();
    for (const char* response : {"[]", "5", "\"text\"", "true"}) {
        reply_with(std::string(R"({"request-id":$ID,"response":)") + response + "}");

        const Error error = error_of(model.call("Application", "Get"));

        EXPECT_EQ(error.code(), errc::malformed_reply) << response;
        EXPECT_EQ(error.request(), "Application.Get");
        EXPECT_STREQ(error.what(), "Application.Get: malformed reply from the controller: response is not an object");
        EXPECT_EQ(error.outcome(), Outcome::unknown);
        EXPECT_TRUE(error.connection_usable());
    }
}

TEST_P(ControllerTest, SendsParametersAsTheyAre)
{
    connect();

    run(model.call("Application", "Get", "\n{ \"application\" :\"mysql\", \"x\":[1.0,\"\\u00e9é\"] }\t"));

    EXPECT_EQ(last_sent(), "{\"request-id\":2,\"type\":\"Application\",\"version\":22,\"request\":\"Get\",\"params\":\n"
                           "{ \"application\" :\"mysql\", \"x\":[1.0,\"\\u00e9é\"] }\t}");
}

TEST_P(ControllerTest, RefusesWhatIsNotUsableBeforeSendingIt)
{
    connect();
    connect_controller();
    const auto requests = mock.total_requests();

    for (const char* params : {"", "[]", "null", "5", "\"a\"", "{", "{}{}", "{\"a\":1,}", "{'a':1}", "{\"a\":k3ep-me-0ut}",
                               "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "{}}"}) {
        const Error error = error_of(model.call("Application", "Get", params));
        EXPECT_EQ(error.code(), errc::invalid_argument) << params;
        EXPECT_STREQ(error.what(), "the parameters are not a JSON object");
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_EQ(error_of(controller.call("Controller", 11, "ControllerConfig", params)).code(), errc::invalid_argument) << params;
    }
    for (const char* name : {"", "Appl ication", "Application\"", "Pinger.Ping", "Piñger", "a\n"}) {
        EXPECT_EQ(error_of(model.call(name, "Get")).code(), errc::invalid_argument) << name;
        EXPECT_EQ(error_of(model.call("Application", name)).code(), errc::invalid_argument) << name;
        EXPECT_EQ(error_of(controller.call(name, 1, "Get")).code(), errc::invalid_argument) << name;
    }
    EXPECT_EQ(error_of(model.call("Application", -1, "Get")).code(), errc::invalid_argument);
    EXPECT_STREQ(error_of(model.call("a\nb", "Get")).what(), "facade name \"a\\x0ab\" not valid");
    EXPECT_EQ(mock.total_requests(), requests);
}

TEST_P(ControllerTest, ObeysTheLimitOfARequest)
{
    run(model.connect(mock.connect_options().max_request_size(2'000)));
    const auto requests = mock.total_requests();

    const Error error = error_of(model.call("Application", "Get", R"({"application":")" + std::string(2'000, 'a') + R"("})"));
    EXPECT_EQ(error.code(), errc::message_too_large);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(error.request(), "Application.Get");
    EXPECT_TRUE(error.connection_usable());
    EXPECT_EQ(error_of(model.call("Application", 19, std::string(2'000, 'a'))).code(), errc::message_too_large);

    EXPECT_EQ(mock.total_requests(), requests);
    EXPECT_EQ(error_of(model.call("Application", "Get", R"({"application":")" + std::string(1'000, 'a') + R"("})")).code(),
              errc::not_found);
}

TEST_P(ControllerTest, DoesNotSendToAFacadeThatIsNotListed)
{
    connect();
    connect_controller();
    const auto requests = mock.total_requests();

    for (const Error& error : {error_of(model.call("SecretBackends", "ListSecretBackends")), error_of(model.call("NoSuch", "Get")),
                               error_of(controller.call("Secrets", "ListSecrets")), error_of(controller.call("Admin", "Login"))}) {
        EXPECT_EQ(error.code(), errc::not_supported) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_TRUE(error.connection_usable());
    }
    EXPECT_EQ(error_of(model.call("NoSuch", "Get")).what(),
              std::string("the controller, Juju ") + (is_3_6() ? "3.6.28" : "4.0.15") + ", offers no facade \"NoSuch\" on this connection");
    EXPECT_EQ(mock.total_requests(), requests);

    const Error refused = error_of(model.call("SecretBackends", 1, "ListSecretBackends"));
    EXPECT_EQ(refused.code(), errc::not_supported);
    EXPECT_EQ(refused.outcome(), Outcome::rejected);
    EXPECT_EQ(refused.server_message(), "facade \"SecretBackends\" not supported for model API connection");
}

TEST_P(ControllerTest, TellsTheControllersRefusal)
{
    connect();

    const Error missing = error_of(model.call("Application", "Get", R"({"application":"nosuch"})"));
    EXPECT_EQ(missing.code(), errc::not_found);
    EXPECT_EQ(missing.server_code(), "not found");
    EXPECT_STREQ(missing.what(), "Application.Get: application \"nosuch\" not found (not found)");
    EXPECT_EQ(missing.outcome(), Outcome::rejected);

    const Error unknown = error_of(model.call("Application", "NoSuchMethod"));
    EXPECT_EQ(unknown.code(), errc::not_implemented);
    EXPECT_EQ(unknown.request(), "Application.NoSuchMethod");

    mock.add_fault(MockFault(MockFaultKind::error).text("odd").code("quota limit exceeded"));
    EXPECT_EQ(error_of(model.call("Application", "Get")).server_code(), "quota limit exceeded");
    reply_with(R"({"request-id":$ID,"error":"gone","error-code":"redirection required","error-info":{"a": 1},"response":{}})");
    EXPECT_EQ(error_of(model.call("Application", "Get")).server_info(), R"({"a": 1})");
    EXPECT_TRUE(model.is_connected());
}

TEST_P(ControllerTest, TellsWhatAUserMayNotDo)
{
    mock.set_access("carol", MockAccess::read);
    run(model.connect(mock.connect_options().username("carol").password("pw")));
    mock.set_access("carol", MockAccess::none);

    EXPECT_EQ(error_of(model.call("Application", "Get", R"({"application":"mysql"})")).code(), errc::permission_denied);

    run(controller.connect(mock.connect_options().username("carol").password("pw")));
    EXPECT_EQ(error_of(controller.call("SecretBackends", "ListSecretBackends", R"({"reveal":true})")).code(), errc::permission_denied);
}

TEST_P(ControllerTest, IsBoundedByItsDeadline)
{
    connect();
    mock.add_fault(MockFault(MockFaultKind::withhold).method("Application.Get"));

    const Error error = error_of(juju::with_timeout(500ms, model.call("Application", "Get", R"({"application":"mysql"})")));

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_EQ(run(model.call("Pinger", "Ping")), "{}");
}

} // namespace
} // namespace juju
