// Connecting as the juju command is connected: through the client store's files, by name.

#include "support/client.hpp"
#include "support/store_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace juju {
namespace {

using test::Client;

bool mentions(const Error& error, std::string_view text)
{
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

class StoreConnectTest : public testing::TestWithParam<MockProfile>, public Client {
protected:
    StoreConnectTest() : Client(MockOptions().profile(GetParam()).user("bob", "pw", MockAccess::read))
    {
        mock.write_client_store(store.path());
        environment.set("JUJU_DATA", store.string());
        environment.unset("JUJU_MODEL");
        environment.unset("JUJU_CONTROLLER");
    }

    /// A model connection in use works.
    void expect_works()
    {
        EXPECT_TRUE(model.is_connected());
        EXPECT_TRUE(run(model.list_secrets()).empty());
    }

    /// Takes all models out of the cache.
    void forget_models(const std::string& current = {})
    {
        store.write("models.yaml",
                    "controllers:\n  mock:\n    models: {}\n" + (current.empty() ? "" : "    current-model: " + current + '\n'));
    }

    ConnectOptions in_store() const { return ConnectOptions().store_directory(store.string()); }

    std::size_t list_models_requests() const
    {
        const auto texts = sent();
        return static_cast<std::size_t>(
            std::ranges::count_if(texts, [](const auto& text) { return text.find(R"("request":"ListModels")") != std::string::npos; }));
    }

    support::TemporaryDirectory store;
    support::ScopedEnvironment environment;
};

INSTANTIATE_TEST_SUITE_P(Profiles, StoreConnectTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(StoreConnectTest, ConnectsToTheCurrentModel)
{
    run(model.connect());
    expect_works();
    EXPECT_EQ(mock.total_connections(), 1U) << "a model in the cache needs no question";
}

TEST_P(StoreConnectTest, ConnectsByName)
{
    for (const std::string name : {"mock:admin/demo", "admin/demo", "demo", "mock:demo", "mock:", ":demo", ""}) {
        SCOPED_TRACE(name);
        run(model.connect(name));
        expect_works();
    }
    EXPECT_EQ(list_models_requests(), 0U);
}

TEST_P(StoreConnectTest, ConnectsByUuid)
{
    run(model.connect(mock.model_uuid()));
    expect_works();
    run(model.connect("mock:" + mock.model_uuid()));
    expect_works();
    run(model.connect(mock.model_uuid().substr(0, 6)));
    expect_works();
    run(model.connect(in_store().model_uuid(mock.model_uuid())));
    expect_works();
    EXPECT_EQ(list_models_requests(), 0U);
}

TEST_P(StoreConnectTest, TakesTheModelFromTheEnvironment)
{
    forget_models();
    environment.set("JUJU_MODEL", "mock:" + mock.model_uuid());
    run(model.connect());
    expect_works();

    environment.set("JUJU_CONTROLLER", "another");
    environment.set("JUJU_MODEL", "mock:admin/demo");
    const Error conflict = error_of(model.connect("admin/demo"));
    EXPECT_TRUE(mentions(conflict, "controller name from JUJU_MODEL (mock) conflicts with value in JUJU_CONTROLLER (another)"))
        << conflict.what();
}

TEST_P(StoreConnectTest, LeavesNoConnectionWhereALookUpFails)
{
    forget_models("admin/demo");
    mock.add_fault(MockFault(MockFaultKind::error).method("ListModels").code("unauthorized access").text("permission denied"));

    EXPECT_EQ(error_of(model.connect()).code(), errc::permission_denied);

    context.restart();
    context.run(); // it would not end
    EXPECT_FALSE(model.is_connected());
}

TEST_P(StoreConnectTest, LooksUpWhatTheCacheDoesNotHave)
{
    forget_models("admin/demo");
    run(model.connect());
    expect_works();
    EXPECT_EQ(list_models_requests(), 1U);
    const auto texts = sent();
    EXPECT_TRUE(std::ranges::any_of(texts, [&](const auto& text) {
        return text == R"({"request-id":2,"type":"ModelManager","version":)" +
                           std::string(GetParam() == MockProfile::juju_3_6 ? "10" : "11") +
                           R"(,"request":"ListModels","params":{"tag":"user-admin"}})";
    })) << "the exact request";

    run(model.connect("demo"));
    expect_works();
    run(model.connect(mock.model_uuid().substr(0, 8)));
    expect_works();
    EXPECT_EQ(list_models_requests(), 3U);
}

TEST_P(StoreConnectTest, LooksUpAnUnknownModelOnceAndSaysSo)
{
    const Error error = error_of(model.connect("mock:admin/nonesuch"));

    EXPECT_EQ(error.code(), errc::model_not_found) << error.what();
    EXPECT_TRUE(mentions(error, "model mock:admin/nonesuch not found")) << error.what();
    EXPECT_EQ(list_models_requests(), 1U);
    EXPECT_FALSE(model.is_connected());
}

TEST_P(StoreConnectTest, LooksUpAStaleUuidAgain)
{
    store.write("models.yaml", "controllers:\n  mock:\n    models:\n      admin/demo:\n        uuid: 11111111-2222-4333-8444-555555555555\n"
                               "        type: iaas\n    current-model: admin/demo\n");
    run(model.connect());
    expect_works();
    EXPECT_EQ(list_models_requests(), 1U);

    run(model.connect(in_store().update_store(true)));
    EXPECT_NE(store.read("models.yaml").find(mock.model_uuid()), std::string::npos) << "the cache is mended";
    mock.clear_transcript();
    run(model.connect());
    expect_works();
    EXPECT_EQ(list_models_requests(), 0U);
}

TEST_P(StoreConnectTest, LooksUpNamesOnAGivenController)
{
    auto options = mock.connect_options().model_uuid("").model("admin/demo");
    run(model.connect(options));
    expect_works();
    run(model.connect(ConnectOptions(options).model("demo")));
    expect_works();
    run(model.connect(ConnectOptions(options).model(mock.model_uuid())));
    expect_works();

    const Error error = error_of(model.connect(ConnectOptions(options).model("bob/other")));
    EXPECT_EQ(error.code(), errc::model_not_found);
    EXPECT_TRUE(mentions(error, "model bob/other not found")) << error.what();
}

TEST_P(StoreConnectTest, SaysWhatIsMissing)
{
    const Error unknown = error_of(model.connect("other:admin/demo"));
    EXPECT_EQ(unknown.code(), errc::controller_not_found);
    EXPECT_TRUE(mentions(unknown, "controller other not found")) << unknown.what();
    EXPECT_EQ(unknown.outcome(), Outcome::not_sent);

    store.write("accounts.yaml", "");
    const Error nobody = error_of(model.connect("mock:admin/demo"));
    EXPECT_EQ(nobody.code(), errc::not_logged_in) << nobody.what();

    mock.write_client_store(store.path());
    auto models = store.read("models.yaml");
    models.erase(models.find("    current-model:"));
    store.write("models.yaml", models);
    const Error no_model = error_of(model.connect());
    EXPECT_EQ(no_model.code(), errc::no_model);
    EXPECT_TRUE(
        mentions(no_model, "No selected model.\n\nUse \"juju switch\" to select one of the following models:\n\n  - mock:admin/demo"))
        << no_model.what();
    forget_models();
    const Error no_models = error_of(model.connect());
    EXPECT_EQ(no_models.code(), errc::no_model);
    EXPECT_TRUE(mentions(no_models, "current model for controller mock not found")) << no_models.what();

    const support::TemporaryDirectory empty;
    const Error none = error_of(model.connect(ConnectOptions().store_directory(empty.string())));
    EXPECT_EQ(none.code(), errc::no_controller);
    EXPECT_TRUE(mentions(none, "No controllers registered.")) << none.what();
    EXPECT_EQ(mock.total_connections(), 0U);
}

TEST_P(StoreConnectTest, LetsOptionsOverrideTheFiles)
{
    run(model.connect(in_store().model("admin/demo").username("bob").password("pw")));
    expect_works();
    EXPECT_EQ(error_of(model.add_secret("x", {"key=value"})).code(), errc::permission_denied) << "bob may only read";

    const Error wrong = error_of(model.connect(in_store().password("wrong")));
    EXPECT_EQ(wrong.code(), errc::login_failed) << "the account's user with another password: " << wrong.what();

    const MockController other(MockOptions().profile(GetParam()));
    const Error distrusted = error_of(model.connect(in_store().ca_cert(other.ca_cert())));
    EXPECT_EQ(distrusted.code(), errc::certificate_rejected) << distrusted.what();
}

TEST_P(StoreConnectTest, WritesNothingUnlessAsked)
{
    const auto read_all = [&] {
        return store.read("controllers.yaml") + store.read("accounts.yaml") + store.read("models.yaml") + store.read("cookies/mock.json");
    };
    const auto files = [&] {
        return std::distance(std::filesystem::recursive_directory_iterator(store.path()), std::filesystem::recursive_directory_iterator());
    };
    forget_models("admin/demo");
    const auto before = read_all();
    const auto files_before = files();
    run(model.connect());
    EXPECT_EQ(read_all(), before);
    EXPECT_EQ(files(), files_before);
}

TEST_P(StoreConnectTest, WritesBackWhatTheCommandWould)
{
    const auto port = mock.endpoint().substr(mock.endpoint().find(':') + 1);
    auto controllers = store.read("controllers.yaml");
    const auto address = controllers.find("'127.0.0.1:" + port + "'");
    ASSERT_NE(address, std::string::npos) << controllers;
    controllers.replace(address, port.size() + 12, "'127.0.0.1:1', '127.0.0.1:" + port + "'");
    const auto version = controllers.find("agent-version: ");
    controllers.replace(version, controllers.find('\n', version) - version, "agent-version: 3.5.0\n        of-another-program: kept");
    store.write("controllers.yaml", controllers);
    forget_models("admin/demo");

    run(model.connect(in_store().update_store(true)));

    const auto text = store.read("controllers.yaml");
    EXPECT_NE(text.find("api-endpoints: ['127.0.0.1:" + port + "']"), std::string::npos) << text;
    EXPECT_NE(text.find(GetParam() == MockProfile::juju_3_6 ? "agent-version: 3.6.28" : "agent-version: 4.0.15"), std::string::npos)
        << text;
    EXPECT_NE(text.find("of-another-program: kept"), std::string::npos) << text;
    EXPECT_NE(store.read("models.yaml").find("admin/demo:"), std::string::npos) << store.read("models.yaml");
    EXPECT_NE(store.read("models.yaml").find("current-model: admin/demo"), std::string::npos);
    EXPECT_NE(store.read("accounts.yaml").find("last-known-access: superuser"), std::string::npos);
    run(model.connect());
    expect_works();
}

TEST_P(StoreConnectTest, ConnectsAControllerByName)
{
    Controller controller(context.get_executor());
    run(controller.connect());
    EXPECT_TRUE(controller.is_connected());
    EXPECT_FALSE(run(controller.list_secret_backends()).empty());
    run(controller.connect("mock"));
    EXPECT_TRUE(controller.is_connected());
    environment.set("JUJU_CONTROLLER", "mock");
    run(controller.connect(ConnectOptions().store_directory(store.string())));
    EXPECT_TRUE(controller.is_connected());

    const Error error = error_of(controller.connect("other"));
    EXPECT_EQ(error.code(), errc::controller_not_found);
}

TEST_P(StoreConnectTest, WorksWithoutCoroutines)
{
    BlockingModel plain;
    plain.connect();
    EXPECT_TRUE(plain.list_secrets().empty());
    plain.connect("mock:admin/demo");
    EXPECT_TRUE(plain.is_connected());
    BlockingController controller;
    controller.connect();
    controller.connect("mock");
    EXPECT_FALSE(controller.list_secret_backends().empty());
}

TEST_P(StoreConnectTest, TellsHowItConnected)
{
    EXPECT_NE(model.diagnostics().find(R"("connected": false)"), std::string::npos);
    run(model.connect("mock:admin/demo"));

    const auto text = model.diagnostics();
    EXPECT_NE(text.find(R"("connected": true)"), std::string::npos) << text;
    EXPECT_NE(text.find("\"address\": \"" + mock.endpoint() + "\""), std::string::npos) << text;
    EXPECT_NE(text.find(R"("login": "password")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("user": "local user")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("store": true)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("result": "connected")"), std::string::npos) << text;
    EXPECT_EQ(text.find(mock.password()), std::string::npos);

    mock.set_password("admin", "another");
    const Error error = error_of(model.connect());
    EXPECT_EQ(error.code(), errc::login_failed);
    const auto failed = model.diagnostics();
    EXPECT_NE(failed.find(R"("connected": false)"), std::string::npos) << failed;
    EXPECT_NE(failed.find(R"("error": "login failed")"), std::string::npos) << failed;
}

} // namespace
} // namespace juju
