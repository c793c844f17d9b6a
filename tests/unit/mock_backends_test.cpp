#include "mock_support.hpp"

#include "mock/names.hpp"
#include "mock/state_file.hpp"

#include <gtest/gtest.h>

namespace juju::test {
namespace {

constexpr auto juju_3_6 = MockProfile::juju_3_6;
constexpr auto juju_4_0 = MockProfile::juju_4_0;

const std::string internal_4_0 = "7a1c3b52-90d4-4e0f-8f61-2b6d5c4e3a19";

/// A controller connection and, on the same state, a model connection; both as admin, who is superuser. There is a backend "myvault"
/// with two revisions in it, a backend "empty" with none, and a backend "plain" of a type whose tokens cannot be refreshed.
class Backends {
public:
    explicit Backends(MockProfile profile, const std::string& user = "admin")
        : dialogue_(settings(profile), mock::Target::controller),
          model_(dialogue_.core.with_world([](mock::World& world) { return mock::Conversation(world, mock::Target::model, mock_model); }))
    {
        dialogue_.login(user);
        (void)ask_model(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-)" + user +
                        R"(","credentials":"pw"}})");
    }

    Json call(const std::string& method, const std::string& params)
    {
        return dialogue_.ask(R"({"request-id":2,"type":"SecretBackends","version":1,"request":")" + method + R"(","params":)" + params +
                             "}");
    }
    /// The only result of a bulk call: the error, or null.
    Json failure(const std::string& method, const std::string& argument)
    {
        const Json result = call(method, R"({"args":[)" + argument + "]}").at("response").at("results").at(0);
        return result.empty() ? Json() : result.at("error");
    }
    Json list(const std::string& params = R"({"names":null,"reveal":false})")
    {
        return call("ListSecretBackends", params).at("response").at("results");
    }
    Json entry(const std::string& name, bool reveal = false)
    {
        return list(R"({"names":[")" + name + R"("],"reveal":)" + (reveal ? "true" : "false") + "}").at(0);
    }
    Json config(const std::string& name) { return entry(name, true).at("result").at("config"); }

    Json model_call(const std::string& facade, int version, const std::string& method, const std::string& params)
    {
        return ask_model(R"({"request-id":3,"type":")" + facade + R"(","version":)" + std::to_string(version) + R"(,"request":")" + method +
                         R"(","params":)" + params + "}");
    }
    /// The backend's name of each revision, in order.
    std::vector<std::string> places()
    {
        std::vector<std::string> names;
        const Json secrets = model_call("Secrets", 2, "ListSecrets", "{}").at("response").at("results");
        for (const Json& secret : secrets) {
            for (const Json& revision : secret.at("revisions")) {
                names.push_back(revision.at("backend-name").get<std::string>());
            }
        }
        return names;
    }
    std::string model_backend()
    {
        return core().with_world([](const mock::World& world) { return world.model_backend; });
    }

    mock::Core& core() { return dialogue_.core; }

private:
    static mock::Settings settings(MockProfile profile)
    {
        mock::Settings settings = mock_settings(profile);
        settings.state_yaml +=
            "secret_backends:\n- {name: internal, id: " + internal_4_0 +
            "}\n"
            "- {name: myvault, id: \"1\", config: {endpoint: \"http://v\", token: s.abc}}\n"
            "- {name: empty, id: \"2\", token_rotate_interval: 7200000000000, config: {endpoint: \"http://e\"}}\n"
            "- {name: plain, id: \"3\", type: controller}\n"
            "secrets:\n- {id: 9m4e2mr0ui3e8a215n4g, label: x, revisions: [{number: 1, backend: myvault, data: {k: AAAA}}, "
            "{number: 2, backend: myvault, data: {k: BBBB}}, {number: 3, data: {k: CCCC}}]}\n";
        return settings;
    }

    Json ask_model(const std::string& message)
    {
        const auto steps = dialogue_.core.handle(model_, 2, message);
        return steps.size() == 1 ? Json::parse(steps.front().text) : Json();
    }

    Dialogue dialogue_;
    mock::Conversation model_;
};

/// An error object; null for success.
Json error(const std::string& message, const std::string& code)
{
    return {{"message", message}, {"code", code}};
}

const Json success;
const std::string ping_text = "backend not reachable: connection refused";

struct Row {
    std::string argument;
    Json on_3_6;
    Json on_4_0;
};

/// Each row on each profile, from the same state.
void check_rows(const std::string& method, const std::vector<Row>& rows)
{
    for (const Row& row : rows) {
        for (const MockProfile profile : {juju_3_6, juju_4_0}) {
            Backends mock(profile);
            mock.core().with_world([](mock::World& world) { world.backends.set_reachable("down", false); });
            EXPECT_EQ(mock.failure(method, row.argument), profile == juju_3_6 ? row.on_3_6 : row.on_4_0) << method << ' ' << row.argument;
        }
    }
}

/// The same `detail` of a bad config in the words of both profiles.
Row bad_config(const std::string& argument, const std::string& detail, bool is_not_valid = false, const std::string& type = "vault")
{
    const std::string where = "config for provider \"" + type + "\": " + detail;
    return {argument, error("invalid " + where, is_not_valid ? "not valid" : ""),
            error("secret backend not valid: " + where, is_not_valid ? "not valid" : "secret backend not valid")};
}

std::string vault(const std::string& more, const std::string& config = R"({"endpoint":"http://v"})")
{
    return R"({"backend-type":"vault","config":)" + config + "," + more + "}";
}

std::string kubernetes(const std::string& config)
{
    return R"({"name":"k","backend-type":"kubernetes","config":)" + config + "}";
}

TEST(MockBackends, RefusesToAddAsItsRelease)
{
    const Json garbled = error("backend \"not valid\" %!w(MISSING)", "");
    const auto reserved = [](const std::string& name) {
        return error("secret backend not valid: reserved name \"" + name + '"', "secret backend not valid");
    };
    const Json too_short = error(R"(token rotate interval "10m0s" less than 1h not valid)", "not valid");
    const Json too_short_and_odd = error(R"(token rotate interval "1m0.25s" less than 1h not valid)", "not valid");
    const Json much_too_short = error(R"(token rotate interval "1.5ms" less than 1h not valid)", "not valid");
    check_rows("AddSecretBackends",
               {
                   {vault(R"("name":"")"), error("missing backend name not valid", "not valid"),
                    error("secret backend not valid: missing name", "secret backend not valid")},
                   {vault(R"("name":"internal")"), garbled, reserved("internal")},
                   {vault(R"("name":"auto")"), garbled, reserved("auto")},
                   {vault(R"("name":"kubernetes")"), success, reserved("kubernetes")},
                   {vault(R"("name":"x-local")"), success, reserved("x-local")},
                   {R"({"name":"x","backend-type":"something","config":{}})",
                    error(R"(creating backend provider type "something": no registered provider for "something")", "not found"),
                    error(R"(getting backend provider type "something": no registered provider for "something")", "not found")},
                   {vault(R"("name":"x","token-rotate-interval":600000000000)"), too_short, too_short},
                   {vault(R"("name":"x","token-rotate-interval":60250000000)"), too_short_and_odd, too_short_and_odd},
                   {vault(R"("name":"x","token-rotate-interval":1500000)"), much_too_short, much_too_short},
                   {vault(R"("name":"x","token-rotate-interval":3600000000000)"), success, success},
                   {vault(R"("name":"x","token-rotate-interval":0)"),
                    error("secret backend missing next rotate time not valid", "not valid"), success},
                   {vault(R"("name":"x","token-rotate-interval":null)"), success, success},
                   {R"({"name":"x","backend-type":"controller","token-rotate-interval":86400000000000})",
                    error(R"(token refresh on secret backend of type "controller" not supported)", "not supported"),
                    error(R"(secret backend not supported: token refresh on secret backend of type "controller")",
                          "secret backend not supported")},
                   {vault(R"("name":"myvault","id":"9")"), error(R"(secret backend with ID "9" already exists)", "already exists"),
                    error(R"(secret backend already exists: name "myvault")", "secret backend already exists")},
                   {vault(R"("name":"x","id":"1")"), error(R"(secret backend with ID "1" already exists)", "already exists"), success},
                   {vault(R"("name":"x","id":")" + internal_4_0 + '"'), success,
                    error("secret backend \"" + internal_4_0 + "\" is immutable", "secret backend forbidden")},
                   {vault(R"("name":"x","id":"c0ffee00-1111-4222-8333-444444444444")"),
                    error(R"(secret backend with ID "c0ffee00-1111-4222-8333-444444444444" already exists)", "already exists"), success},
                   {vault(R"("name":"x")", R"({"endpoint":"http://v","ca-cert":""})"), success,
                    error(R"(secret backend not valid: empty config value for "x")", "secret backend not valid")},
                   {R"({"name":"x","backend-type":"controller","config":{"":"v"}})", success,
                    error(R"(secret backend not valid: empty config key for "x")", "secret backend not valid")},
                   {vault(R"("name":"down")"), error(ping_text, ""), error(ping_text, "")},
               });
}

TEST(MockBackends, ChecksTheSettingsOfVaultAndKubernetes)
{
    check_rows("AddSecretBackends",
               {
                   bad_config(vault(R"("name":"x")", "{}"), "endpoint: expected string, got nothing"),
                   bad_config(vault(R"("name":"x")", "null"), "endpoint: expected string, got nothing"),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":true})"), "endpoint: expected string, got bool(true)"),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":["a",1]})"),
                              R"(endpoint: expected string, got []interface {}([]interface {}{"a", 1}))"),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":"http://v","token-rotate-interval":86400000000000})"),
                              "unknown key \"token-rotate-interval\" (value 8.64e+13)"),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":"http://v","tokn":"s.abc"})"), R"(unknown key "tokn" (value "s.abc"))"),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":"http://v","client-cert":"c"})"),
                              "vault config missing client key not valid", true),
                   bad_config(vault(R"("name":"x")", R"({"endpoint":"http://v","client-key":"c"})"),
                              "vault config missing client certificate not valid", true),
                   bad_config(kubernetes(R"({"endpoint":"http://k"})"), "namespace: expected string, got nothing", false, "kubernetes"),
                   bad_config(kubernetes(R"({"endpoint":"http://k","namespace":"n","client-cert":"c"})"),
                              "k8s config missing client key not valid", true, "kubernetes"),
                   bad_config(kubernetes(R"({"endpoint":"http://k","namespace":"n","skip-tls-verify":1})"),
                              "skip-tls-verify: expected bool, got float64(1)", false, "kubernetes"),
                   bad_config(kubernetes(R"({"endpoint":"http://k","namespace":"n","ca-certs":{"a":null}})"),
                              R"(ca-certs: expected list, got map[string]interface {}(map[string]interface {}{"a":interface {}(nil)}))",
                              false, "kubernetes"),
                   {vault(R"("name":"x")",
                          R"({"endpoint":"http://v","namespace":"n","mount-path":"m","token":"t","ca-cert":"c","client-cert":"d",)"
                          R"("client-key":"e","tls-server-name":"f"})"),
                    success, success},
                   {kubernetes(R"({"endpoint":"http://k","namespace":"n","service-account":"s","ca-cert":"c","ca-certs":["d"],"token":"t",)"
                               R"("username":"u","password":"p","client-cert":"e","client-key":"f","skip-tls-verify":true,)"
                               R"("prefer-incluster-address":"false"})"),
                    success, success},
               });
}

TEST(MockBackends, RefusesToUpdateAsItsRelease)
{
    const Json garbled = error("backend \"not valid\" %!w(MISSING)", "");
    const Json missing_4_0 = error("secret backend not valid: both ID and name are missing", "secret backend not valid");
    const Json too_short = error(R"(token rotate interval "59m59.999999999s" less than 1h not valid)", "not valid");
    const Json no_refresh = error(R"(token refresh on secret backend of type "controller" not supported)", "not supported");
    const auto reserved = [](const std::string& name) {
        return error("secret backend not valid: reserved name \"" + name + '"', "secret backend not valid");
    };
    check_rows(
        "UpdateSecretBackends",
        {
            {R"({"name":""})", error("missing backend name not valid", "not valid"), missing_4_0},
            {R"({"name":"internal"})", garbled, error("secret backend \"" + internal_4_0 + "\" is immutable", "secret backend forbidden")},
            {R"({"name":"auto"})", garbled, error(R"(secret backend not found: "auto")", "secret backend not found")},
            {R"({"name":"nope"})", error(R"(secret backend "nope" not found)", "not found"),
             error(R"(secret backend not found: "nope")", "secret backend not found")},
            {R"({"name":"nope","name-change":"x"})", error(R"(secret backend "nope" not found)", "not found"),
             error(R"(secret backend not found: "nope")", "secret backend not found")},
            {R"({"name":"empty","name-change":"auto"})", success, reserved("auto")},
            {R"({"name":"empty","name-change":"internal"})", success, reserved("internal")},
            {R"({"name":"empty","name-change":"kubernetes"})", success, reserved("kubernetes")},
            {R"({"name":"empty","name-change":"my-local"})", success, reserved("my-local")},
            {R"({"name":"empty","token-rotate-interval":3599999999999})", too_short, too_short},
            {R"({"name":"empty","token-rotate-interval":0})", success, success},
            {R"({"name":"plain","token-rotate-interval":86400000000000})", no_refresh, no_refresh},
            bad_config(R"({"name":"empty","config":{"endpoint":"http://other"}})", R"(cannot change immutable field "endpoint")"),
            bad_config(R"({"name":"empty","config":{"namespace":"n"}})", R"(cannot change immutable field "namespace")"),
            bad_config(R"({"name":"empty","config":{"mount-path":"m"}})", R"(cannot change immutable field "mount-path")"),
            bad_config(R"({"name":"empty","reset":["endpoint"]})", "endpoint: expected string, got nothing"),
            bad_config(R"({"name":"empty","config":{"client-cert":"c"}})", "vault config missing client key not valid", true),
            bad_config(R"({"name":"empty","force":true,"config":{"client-cert":"c"}})", "vault config missing client key not valid", true),
            {R"({"name":"empty","config":{"token":""}})", success,
             error(R"(secret backend not valid: empty config value for "")", "secret backend not valid")},
            {R"({"name":"plain","config":{"":"x"}})", success,
             error(R"(secret backend not valid: empty config key for "")", "secret backend not valid")},
            {R"({"name":"myvault","name-change":"x"})", error("cannot rename a secret backend that is in use", "not valid"), success},
            {R"({"name":"empty","name-change":"myvault"})", error(R"(secret backend "myvault" already exists)", "already exists"),
             error(R"(secret backend already exists: name "myvault")", "secret backend already exists")},
            {R"({"name":"empty","name-change":"empty"})", success, success},
        });
}

TEST(MockBackends, RefusesToRemoveAsItsRelease)
{
    const Json garbled = error("backend \"not valid\" %!w(MISSING)", "");
    const Json in_use = error("deleting in use secret backend not supported", "not supported");
    check_rows(
        "RemoveSecretBackends",
        {
            {R"({"name":""})", error("missing backend name not valid", "not valid"),
             error("secret backend not valid: both ID and name are missing", "secret backend not valid")},
            {R"({"name":"internal"})", garbled, in_use},
            {R"({"name":"internal","force":true})", garbled, in_use},
            {R"({"name":"auto"})", garbled, error(R"(secret backend not found: "auto")", "secret backend not found")},
            {R"({"name":"nope"})", success, error(R"(secret backend not found: "nope")", "secret backend not found")},
            {R"({"name":"myvault"})", error("removing backend with 2 stored secret revisions not supported", "not supported"), in_use},
            {R"({"name":"myvault","force":true})", success, success},
            {R"({"name":"empty"})", success, success},
        });
}

TEST(MockBackends, LeavesARefusedChangeWithoutAnyEffect)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        const Json before = mock.list(R"({"reveal":true})");

        (void)mock.failure("UpdateSecretBackends", R"({"name":"empty","name-change":"myvault","token-rotate-interval":3600000000000,)"
                                                   R"("config":{"token":"t"}})");
        (void)mock.failure("AddSecretBackends", vault(R"("name":"myvault","id":"7")", R"({"endpoint":"http://new"})"));
        (void)mock.failure("RemoveSecretBackends", R"({"name":"myvault"})");

        EXPECT_EQ(mock.list(R"({"reveal":true})"), before);
    }
}

TEST(MockBackends, PingsUnlessForced)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        mock.core().with_world([](mock::World& world) { world.backends.set_reachable("empty", false); });

        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"empty","config":{"token":"t"}})"), error(ping_text, ""));
        EXPECT_FALSE(mock.config("empty").contains("token"));
        EXPECT_EQ(mock.entry("empty").at("status"), "error");
        EXPECT_EQ(mock.entry("empty").at("message"), ping_text);
        EXPECT_EQ(mock.entry("myvault").at("status"), "active");
        EXPECT_FALSE(mock.entry("myvault").contains("message"));

        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"empty","config":{"token":"t"},"force":true})"), success);
        EXPECT_EQ(mock.config("empty").at("token"), "t");
        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"empty","name-change":"moved","force":true})"), success);
        EXPECT_EQ(mock.entry("moved").at("status"), "error");
    }
}

TEST(MockBackends, ListsInOrderWithoutSecretSettings)
{
    Backends old(juju_3_6);
    Backends now(juju_4_0);
    const std::string vault_entry =
        R"({"result":{"name":"myvault","backend-type":"vault","config":{"endpoint":"http://v"}},"id":"1","num-secrets":2,"status":"active"})";
    const std::string empty_entry =
        R"({"result":{"name":"empty","backend-type":"vault","token-rotate-interval":7200000000000,"config":{"endpoint":"http://e"}},)"
        R"("id":"2","num-secrets":0,"status":"active"})";
    const auto others = [](const std::string& id, const std::string& config, const std::string& name, int secrets) {
        return R"({"result":{"name":")" + name + R"(","backend-type":"controller","config":)" + config + R"(},"id":")" + id +
               R"(","num-secrets":)" + std::to_string(secrets) + R"(,"status":"active"})";
    };

    EXPECT_EQ(old.list(), Json::parse("[" + vault_entry + "," + empty_entry + "," + others("3", "{}", "plain", 0) + "," +
                                      others("c0ffee00-1111-4222-8333-444444444444", "{}", "internal", 1) + "]"));
    EXPECT_EQ(now.list(), Json::parse("[" + empty_entry + "," + others(internal_4_0, "null", "internal", 1) + "," + vault_entry + "," +
                                      others("3", "null", "plain", 0) + "]"));
}

TEST(MockBackends, RevealsOnRequestAndFiltersByName)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);

        EXPECT_EQ(mock.list(R"({"names":["myvault"],"reveal":true})"),
                  Json::parse(R"([{"result":{"name":"myvault","backend-type":"vault","config":{"endpoint":"http://v","token":"s.abc"}},)"
                              R"("id":"1","num-secrets":2,"status":"active"}])"));
        EXPECT_EQ(mock.list(R"({"names":["empty","nope","internal"]})").size(), 2U);
        EXPECT_EQ(mock.list("{}").size(), 4U);
        EXPECT_EQ(mock.list(R"({"names":[]})").size(), 4U);
        EXPECT_EQ(mock.list(R"({"names":["nope"]})"), profile == juju_3_6 ? Json() : Json::array());
    }
}

TEST(MockBackends, HidesEverySecretSetting)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        ASSERT_EQ(mock.failure("AddSecretBackends",
                               kubernetes(R"({"endpoint":"http://k","namespace":"n","token":"t","username":"u","password":"p",)"
                                          R"("client-cert":"c","client-key":"k","skip-tls-verify":true,"ca-certs":["a"]})")),
                  success);

        EXPECT_EQ(mock.entry("k").at("result").at("config"),
                  Json::parse(R"({"endpoint":"http://k","namespace":"n","username":"u","client-cert":"c","skip-tls-verify":true,)"
                              R"("ca-certs":["a"]})"));
        EXPECT_EQ(mock.config("k").at("password"), "p");
    }
}

TEST(MockBackends, AddsWithIdsOfItsRelease)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        ASSERT_EQ(mock.failure("AddSecretBackends", vault(R"("name":"one","token-rotate-interval":86400000000000)")), success);
        ASSERT_EQ(mock.failure("AddSecretBackends", vault(R"("name":"two","id":"mine")")), success);

        const std::string id = mock.entry("one").at("id").get<std::string>();
        EXPECT_EQ(id.size(), profile == juju_3_6 ? 24U : 36U);
        EXPECT_EQ(mock::is_uuid(id), profile == juju_4_0);
        EXPECT_EQ(mock.entry("one").at("result").at("token-rotate-interval"), 86400000000000);
        EXPECT_EQ(mock.entry("two").at("id"), "mine");
        EXPECT_FALSE(mock.entry("two").at("result").contains("token-rotate-interval"));
    }
}

TEST(MockBackends, ReplacesTheBackendOfTheSameIdOn40)
{
    Backends mock(juju_4_0);

    EXPECT_EQ(
        mock.failure("AddSecretBackends", vault(R"("name":"renamed","id":"1","token-rotate-interval":0)", R"({"endpoint":"http://new"})")),
        success);

    EXPECT_EQ(mock.entry("renamed"), Json::parse(R"({"result":{"name":"renamed","backend-type":"vault","token-rotate-interval":0,)"
                                                 R"("config":{"endpoint":"http://new"}},"id":"1","num-secrets":2,"status":"active"})"));
    EXPECT_EQ(mock.list(R"({"names":["myvault"]})"), Json::array());
}

TEST(MockBackends, MergesThenResetsSettings)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);

        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"myvault","name-change":null,"token-rotate-interval":3600000000000,)"
                                                       R"("config":{"ca-cert":"c","tls-server-name":"s"},"reset":["token","ca-cert"]})"),
                  success);

        EXPECT_EQ(mock.config("myvault"), Json({{"endpoint", "http://v"}, {"tls-server-name", "s"}}));
        EXPECT_EQ(mock.entry("myvault").at("result").at("token-rotate-interval"), 3600000000000);
        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"myvault","token-rotate-interval":null,"config":null,"reset":null})"),
                  success);
        EXPECT_EQ(mock.entry("myvault").at("result").at("token-rotate-interval"), 3600000000000);
        EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"myvault","token-rotate-interval":0})"), success);
        EXPECT_EQ(mock.entry("myvault").at("result").contains("token-rotate-interval"), profile == juju_4_0);
    }
}

TEST(MockBackends, CarriesRevisionsAndTheModelAlongARenameOn40)
{
    Backends mock(juju_4_0);
    ASSERT_EQ(mock.model_call("ModelConfig", 4, "SetModelSecretBackend", R"({"secret-backend-name":"myvault"})").at("response"),
              Json::object());

    EXPECT_EQ(mock.failure("UpdateSecretBackends", R"({"name":"myvault","name-change":"bank"})"), success);

    EXPECT_EQ(mock.places(), (std::vector<std::string>{"bank", "bank", "bank"}));
    EXPECT_EQ(mock.model_call("ModelConfig", 4, "GetModelSecretBackend", "null").at("response"), Json({{"result", "bank"}}));
    EXPECT_EQ(mock.entry("bank").at("id"), "1");
    (void)mock.model_call("Secrets", 2, "CreateSecrets", R"({"args":[{"content":{"data":{"k":"AAAA"}}}]})");
    EXPECT_EQ(mock.entry("bank").at("num-secrets"), 4);
}

TEST(MockBackends, LosesContentsWhenABackendIsForcedAway)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        mock.core().with_world([](mock::World& world) { world.model_backend = "myvault"; });
        const std::string gone = profile == juju_3_6 ? "unknown" : "<unknown>";

        EXPECT_EQ(mock.failure("RemoveSecretBackends", R"({"name":"myvault","force":true})"), success);

        EXPECT_EQ(mock.places(), (std::vector<std::string>{gone, gone, "internal"}));
        EXPECT_EQ(mock.model_backend(), "auto");
        EXPECT_EQ(mock.list().size(), 3U);
    }
}

TEST(MockBackends, IsForSuperusersButForListing)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends reader(profile, "reader");
        Backends superuser(profile, "nobody");
        const Json denied = Json::parse(R"({"request-id":2,"error":"permission denied","error-code":"unauthorized access","response":{}})");
        for (const char* method : {"AddSecretBackends", "UpdateSecretBackends", "RemoveSecretBackends"}) {
            EXPECT_EQ(reader.call(method, R"({"args":[]})"), denied);
            EXPECT_EQ(superuser.call(method, R"({"args":[]})").at("response").at("results"), Json::array());
        }
        EXPECT_EQ(reader.list().size(), 4U);
        EXPECT_EQ(reader.call("ListSecretBackends", R"({"names":null,"reveal":true})"), denied);
        EXPECT_EQ(superuser.list(R"({"reveal":true})").size(), 4U);
    }
}

TEST(MockBackends, IsNotForAgentsNorOnModelConnections)
{
    mock::Settings settings = mock_settings(juju_4_0);
    settings.agents.push_back({"unit-mysql-0", "x"});
    Dialogue agent(settings, mock::Target::controller);
    (void)agent.ask(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":)"
                    R"({"auth-tag":"unit-mysql-0","credentials":"x"}})");
    Dialogue model(juju_4_0);
    const std::string list = R"({"request-id":2,"type":"SecretBackends","version":1,"request":"ListSecretBackends","params":{}})";

    EXPECT_EQ(agent.ask(list).at("error"), "permission denied");
    EXPECT_EQ(model.ask(list).at("error"), "facade \"SecretBackends\" not supported for model API connection");
}

TEST(MockBackends, RefusesWrongJsonTypesAndUnknownMethods)
{
    Backends mock(juju_3_6);

    EXPECT_EQ(mock.call("AddSecretBackends", R"({"args":[{"name":"x","token-rotate-interval":"1h"}]})").at("error"),
              "json: cannot unmarshal string into Go struct field AddSecretBackendArg.args.token-rotate-interval of type time.Duration");
    EXPECT_EQ(
        mock.call("AddSecretBackends", R"({"args":[{"name":"x","token-rotate-interval":1.5}]})").at("error"),
        "json: cannot unmarshal number 1.5 into Go struct field AddSecretBackendArg.args.token-rotate-interval of type time.Duration");
    EXPECT_EQ(mock.call("AddSecretBackends", R"({"args":[{"name":"x","config":[]}]})").at("error"),
              "json: cannot unmarshal array into Go struct field AddSecretBackendArg.args.config of type map[string]interface {}");
    EXPECT_EQ(mock.call("RotateSecretBackends", "{}").at("error-code"), "not implemented");
}

TEST(MockBackends, PutsAFaultIntoItsItem)
{
    Backends mock(juju_4_0);
    mock.core().add_fault(MockFault(MockFaultKind::item_error).method("RemoveSecretBackends").number(1).text("gone").code("not found"));

    const Json results = mock.call("RemoveSecretBackends", R"({"args":[{"name":"empty"},{"name":"plain"}]})").at("response").at("results");

    EXPECT_EQ(results, Json::parse(R"([{},{"error":{"message":"gone","code":"not found"}}])"));
    EXPECT_EQ(mock.list().size(), 3U);
}

TEST(MockBackends, SetsTheModelsBackendAndMovesContentsOn36)
{
    Backends mock(juju_3_6);
    const auto set = [&](const std::string& config) {
        return mock.model_call("ModelConfig", 3, "ModelSet", R"({"config":)" + config + "}");
    };
    const auto get = [&] { return mock.model_call("ModelConfig", 3, "ModelGet", "null").at("response").at("config").at("secret-backend"); };
    EXPECT_EQ(get(), Json({{"value", "auto"}, {"source", "default"}}));

    EXPECT_EQ(set(R"({"secret-backend":"empty","logging-config":"<root>=INFO"})"), Json({{"request-id", 3}, {"response", Json::object()}}));

    EXPECT_EQ(get(), Json({{"value", "empty"}, {"source", "model"}}));
    EXPECT_EQ(mock.model_call("ModelConfig", 3, "ModelGet", "null").at("response").at("config").at("logging-config"),
              Json({{"value", "<root>=INFO"}, {"source", "model"}}));
    EXPECT_EQ(mock.places(), (std::vector<std::string>{"empty", "empty", "empty"}));
    EXPECT_EQ(set(R"({"secret-backend":"auto"})").at("response"), Json::object());
    EXPECT_EQ(mock.places(), (std::vector<std::string>{"internal", "internal", "internal"}));
    EXPECT_EQ(get(), Json({{"value", "auto"}, {"source", "default"}}));
}

TEST(MockBackends, RefusesAModelsBackendAtTheTopOn36)
{
    const std::vector<std::pair<std::string, Json>> rows{
        {"5", error(R"("secret-backend" config value is not a string)", "not valid")},
        {"null", error(R"("secret-backend" config value is not a string)", "not valid")},
        {R"("")", error(R"(empty "secret-backend" config value not valid)", "not valid")},
        {R"("nope")", error(R"(secret backend "nope" not found)", "not found")},
        {R"("empty")", error("cannot ping backend \"empty\": " + ping_text, "")},
    };
    for (const auto& [value, expected] : rows) {
        Backends mock(juju_3_6);
        mock.core().with_world([](mock::World& world) { world.backends.set_reachable("empty", false); });

        const Json reply = mock.model_call("ModelConfig", 3, "ModelSet", R"({"config":{"secret-backend":)" + value + R"(,"x":"y"}})");

        EXPECT_EQ(error(reply.at("error"), reply.value("error-code", "")), expected) << value;
        EXPECT_EQ(mock.model_backend(), "auto");
        EXPECT_FALSE(mock.model_call("ModelConfig", 3, "ModelGet", "null").at("response").at("config").contains("x"));
    }
}

TEST(MockBackends, SetsTheModelsBackendOn40)
{
    Backends mock(juju_4_0);
    const auto set = [&](const std::string& params) { return mock.model_call("ModelConfig", 4, "SetModelSecretBackend", params); };
    const auto get = [&] { return mock.model_call("ModelConfig", 4, "GetModelSecretBackend", "null").at("response"); };

    EXPECT_EQ(set(R"({"secret-backend-name":"empty"})").at("response"), Json::object());
    EXPECT_EQ(get(), Json({{"result", "empty"}}));
    EXPECT_EQ(mock.places(), (std::vector<std::string>{"empty", "empty", "empty"}));
    EXPECT_EQ(mock.model_call("ModelConfig", 3, "ModelGet", "null").at("response").at("config").at("secret-backend"),
              Json({{"value", "empty"}, {"source", "model"}}));
    (void)mock.model_call("Secrets", 2, "UpdateSecrets", R"({"args":[{"existing-label":"x","content":{"data":{"k":"DDDD"}}}]})");
    EXPECT_EQ(mock.places().at(3), "empty");

    EXPECT_EQ(set(R"({"secret-backend-name":"auto"})").at("response"), Json::object());
    EXPECT_EQ(get(), Json({{"result", "auto"}}));
    EXPECT_EQ(mock.places(), (std::vector<std::string>(4, "internal")));
}

TEST(MockBackends, RefusesAModelsBackendInsideTheReplyOn40)
{
    const auto not_valid = [](const std::string& name) {
        return error("secret backend name \"" + name + "\" not valid", "secret backend not valid");
    };
    const std::vector<std::pair<std::string, Json>> rows{
        {"", error("missing backend name", "")},
        {"internal", not_valid("internal")},
        {"kubernetes", not_valid("kubernetes")},
        {"x-local", not_valid("x-local")},
        {"nope",
         error("setting model secret backend for \"" + mock_model + "\": cannot get secret backend \"nope\": secret backend not found",
               "secret backend not found")},
    };
    for (const auto& [name, expected] : rows) {
        Backends mock(juju_4_0);
        EXPECT_EQ(mock.model_call("ModelConfig", 4, "SetModelSecretBackend", R"({"secret-backend-name":")" + name + R"("})"),
                  Json({{"request-id", 3}, {"response", {{"error", expected}}}}));
        EXPECT_EQ(mock.model_backend(), "auto");
    }
}

TEST(MockBackends, AsksForModelAccess)
{
    const auto refused = [](MockProfile profile, const char* user, int version, const std::string& method, const std::string& params) {
        Backends mock(profile, user);
        return mock.model_call("ModelConfig", version, method, params).value("error-code", "") == "unauthorized access";
    };
    const std::string set_3_6 = R"({"config":{"secret-backend":"empty"}})";
    const std::string set_4_0 = R"({"secret-backend-name":"empty"})";
    EXPECT_TRUE(refused(juju_3_6, "reader", 3, "ModelSet", set_3_6));
    EXPECT_FALSE(refused(juju_3_6, "writer", 3, "ModelSet", set_3_6));
    EXPECT_FALSE(refused(juju_3_6, "reader", 3, "ModelGet", "{}"));
    EXPECT_TRUE(refused(juju_3_6, "nobody", 3, "ModelGet", "{}"));
    EXPECT_TRUE(refused(juju_4_0, "reader", 4, "SetModelSecretBackend", set_4_0));
    EXPECT_FALSE(refused(juju_4_0, "writer", 4, "SetModelSecretBackend", set_4_0));
    EXPECT_FALSE(refused(juju_4_0, "reader", 4, "GetModelSecretBackend", "{}"));
    EXPECT_TRUE(refused(juju_4_0, "nobody", 4, "GetModelSecretBackend", "{}"));
}

TEST(MockBackends, HasTheModelsBackendMethodsInVersion4Only)
{
    Backends old(juju_3_6);
    Backends now(juju_4_0);

    EXPECT_EQ(now.model_call("ModelConfig", 3, "GetModelSecretBackend", "{}").at("error-code"), "not implemented");
    EXPECT_EQ(now.model_call("ModelConfig", 3, "SetModelSecretBackend", "{}").at("error-code"), "not implemented");
    EXPECT_EQ(old.model_call("ModelConfig", 4, "GetModelSecretBackend", "{}").at("error"),
              "unknown version (4) of interface \"ModelConfig\"");
    EXPECT_EQ(now.model_call("ModelConfig", 4, "ModelSet", R"({"config":{"secret-backend":"empty","a":1}})").at("response"),
              Json::object());
    EXPECT_EQ(now.model_backend(), "auto");
}

TEST(MockBackends, AreRedactedInBothDirections)
{
    Backends mock(juju_3_6);
    mock.core().clear_transcript();
    (void)mock.failure("AddSecretBackends", vault(R"("name":"x")", R"({"endpoint":"http://v","ca-cert":"hush"})"));
    (void)mock.failure("AddSecretBackends", vault(R"("name":"y")", R"({"endpoint":"http://v","tokn":"hush"})"));
    (void)mock.failure("UpdateSecretBackends", R"({"name":"x","config":{"tls-server-name":"hush"}})");
    (void)mock.call("ListSecretBackends", R"({"names":["x"],"reveal":true})");
    (void)mock.call("UpdateSecretBackends", R"({"args":[{"name":"x","config":"hush"}]})");
    const std::string start = R"({"request-id":2,"response":{"results":[{"error":{"message":)"
                              R"("invalid config for provider \"vault\": unknown key \"tokn\" )";
    const std::string end = R"(","code":""}}]}})";

    for (const MockMessage& message : mock.core().redacted_transcript()) {
        EXPECT_EQ(message.text.find("hush"), std::string::npos) << message.text;
    }
    EXPECT_NE(mock.core().redacted_transcript().at(0).text.find(R"("config":{"endpoint":"REDACTED","ca-cert":"REDACTED"})"),
              std::string::npos);
    EXPECT_EQ(mock::redacted(start + R"((value \"hush\"))" + end), start + "(REDACTED)" + end);
    EXPECT_EQ(mock::redacted(mock.list().dump()).find("http://v"), std::string::npos);
}

TEST(MockBackends, AreInTheStateAndComeBackFromIt)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        Backends mock(profile);
        ASSERT_EQ(mock.failure("AddSecretBackends", kubernetes(R"({"endpoint":"true","namespace":"1","ca-certs":["a: b"],)"
                                                               R"("skip-tls-verify":true,"prefer-incluster-address":"false"})")),
                  success);
        mock.core().with_world([](mock::World& world) {
            world.backends.set_reachable("plain", false);
            world.use_backend("empty");
        });
        MockOptions options;
        options.profile(profile).state_yaml(mock.core().with_world([](const mock::World& world) { return mock::write_state(world); }));

        Dialogue again(options.settings(), mock::Target::controller);
        (void)again.login("admin");

        EXPECT_EQ(again
                      .ask(R"({"request-id":2,"type":"SecretBackends","version":1,"request":"ListSecretBackends",)"
                           R"("params":{"reveal":true}})")
                      .at("response")
                      .at("results"),
                  mock.list(R"({"reveal":true})"));
        again.core.with_world([](mock::World& world) {
            EXPECT_EQ(world.model_backend, "empty");
            const std::string id = world.store.create(mock::SecretChange{{}, {}, {}, {{"k", "AAAA"}}, {}}, world.now());
            EXPECT_EQ(world.store.find(id)->revisions.front().backend, "empty");
        });
    }
}

} // namespace
} // namespace juju::test
