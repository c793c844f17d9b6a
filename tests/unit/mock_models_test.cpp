#include "mock_support.hpp"

#include <gtest/gtest.h>

namespace juju::test {
namespace {

constexpr auto juju_3_6 = MockProfile::juju_3_6;
constexpr auto juju_4_0 = MockProfile::juju_4_0;

/// A request to facade ModelManager from a controller connection of `user`.
Json ask_manager(MockProfile profile, const std::string& user, int version, const std::string& method, const std::string& params,
                 const std::string& more_state = "")
{
    mock::Settings settings = mock_settings(profile);
    settings.state_yaml += "- {name: visitor, password: pw}\n" + more_state;
    Dialogue mock(settings, mock::Target::controller);
    mock.login(user);
    return mock.ask(R"({"request-id":2,"type":"ModelManager","version":)" + std::to_string(version) + R"(,"request":")" + method +
                    R"(","params":)" + params + "}");
}

Json models(MockProfile profile, const std::string& user, int version, const std::string& tag)
{
    return ask_manager(profile, user, version, "ListModels", R"({"tag":")" + tag + R"("})");
}

TEST(MockModels, ListsTheModelInTheShapeOfItsVersion)
{
    const auto listed = [](const std::string& model, const std::string& last) {
        return Json::parse(R"({"request-id":2,"response":{"user-models":[{"model":)" + model + R"(,"last-connection":)" + last + "}]}}");
    };
    const std::string by_tag = R"({"name":"demo","uuid":"deadbeef-0bad-400d-8000-4b1d0d06f00d","type":"iaas","owner-tag":"user-admin"})";
    const std::string by_name = R"({"name":"demo","qualifier":"admin","uuid":"deadbeef-0bad-400d-8000-4b1d0d06f00d","type":"iaas"})";

    EXPECT_EQ(models(juju_3_6, "admin", 9, "user-admin"), listed(by_tag, R"("0001-01-01T00:00:00Z")"));
    EXPECT_EQ(models(juju_3_6, "admin", 10, "user-admin@local"), listed(by_tag, R"("0001-01-01T00:00:00Z")"));
    EXPECT_EQ(models(juju_4_0, "reader", 10, "user-reader"), listed(by_tag, "null"));
    EXPECT_EQ(models(juju_4_0, "reader", 11, "user-reader"), listed(by_name, "null"));
}

TEST(MockModels, ListsForAnotherUserToSuperusersOnly)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        EXPECT_EQ(models(profile, "reader", 10, "user-writer"),
                  Json::parse(R"({"request-id":2,"error":"permission denied","error-code":"unauthorized access","response":{}})"));
        EXPECT_EQ(models(profile, "admin", 10, "user-visitor").at("response").at("user-models").size(), 1U);
        EXPECT_EQ(models(profile, "nobody", 10, "user-nobody").at("response").at("user-models").size(), 1U);
        EXPECT_EQ(models(profile, "admin", 10, "model-" + mock_model).at("error"), "\"model-" + mock_model + "\" is not a valid user tag");
    }
    EXPECT_EQ(models(juju_3_6, "visitor", 10, "user-visitor").at("response").at("user-models"), Json());
    EXPECT_EQ(models(juju_4_0, "visitor", 10, "user-visitor").at("response").at("user-models"), Json::array());
    EXPECT_EQ(models(juju_4_0, "visitor", 11, "user-visitor").at("response").at("user-models"), Json());
}

Json summaries(MockProfile profile, const std::string& user, int version, const std::string& params)
{
    return ask_manager(profile, user, version, "ListModelSummaries", params);
}

TEST(MockModels, SummarisesTheModel)
{
    const std::string as_reader = R"({"user-tag":"user-reader"})";
    const Json old = summaries(juju_3_6, "reader", 9, as_reader).at("response").at("results").at(0).at("result");
    const Json now = summaries(juju_4_0, "reader", 11, as_reader).at("response").at("results").at(0).at("result");

    EXPECT_EQ(now, Json::parse(R"({"name":"demo","uuid":"deadbeef-0bad-400d-8000-4b1d0d06f00d","type":"iaas",)"
                               R"("controller-uuid":"c0ffee00-1111-4222-8333-444444444444","is-controller":false,)"
                               R"("provider-type":"manual","cloud-tag":"cloud-mock","qualifier":"admin","life":"alive",)"
                               R"("status":{"status":"available","info":"","since":"2026-03-02T10:00:00.123456789Z"},)"
                               R"("user-access":"read","last-connection":null,"counts":[],"agent-version":"4.0.15"})"));
    EXPECT_EQ(old.at("owner-tag"), "user-admin");
    EXPECT_EQ(old.at("sla").at("level"), "unsupported");
}

TEST(MockModels, SummarisesAllForSuperusers)
{
    const auto count = [](MockProfile profile, const std::string& user, const std::string& all) {
        const Json reply = summaries(profile, user, 10, R"({"user-tag":"user-)" + user + R"(","all":)" + all + "}");
        return reply.at("response").at("results");
    };

    EXPECT_EQ(count(juju_3_6, "nobody", "true").at(0).at("result").at("user-access"), "");
    EXPECT_EQ(count(juju_4_0, "nobody", "true").size(), 1U);
    EXPECT_EQ(count(juju_3_6, "nobody", "false"), Json());
    EXPECT_EQ(count(juju_4_0, "nobody", "false"), Json::array());
    EXPECT_EQ(count(juju_3_6, "reader", "true").size(), 1U);
    EXPECT_EQ(count(juju_3_6, "visitor", "true"), Json());
    EXPECT_EQ(summaries(juju_4_0, "reader", 10, R"({"user-tag":"user-reader","all":true})"),
              Json::parse(R"({"request-id":2,"error":"permission denied: cannot list all models as non-admin user",)"
                          R"("error-code":"unauthorized access","response":{}})"));
    EXPECT_EQ(summaries(juju_3_6, "reader", 10, R"({"user-tag":"user-writer"})").at("error"), "permission denied");
}

TEST(MockModels, TellsWritersWhichBackendsTheModelUses)
{
    const std::string state = "secret_backends:\n- {name: myvault, config: {endpoint: \"http://v\", token: s.abc}}\n- {name: empty}\n"
                              "secrets:\n- {revisions: [{number: 1, backend: myvault, data: {k: AAAA}}, {number: 2, data: {k: BBBB}}]}\n";
    const std::string entity = R"({"entities":[{"tag":"model-)" + mock_model + R"("}]})";
    const auto backends = [&](MockProfile profile, const std::string& user, const std::string& more_state) {
        const Json reply = ask_manager(profile, user, 10, "ModelInfo", entity, more_state);
        return reply.at("response").at("results").at(0).at("result").at("secret-backends");
    };
    const std::string vault = R"({"result":{"name":"myvault","backend-type":"vault","config":{"endpoint":"http://v"}},)"
                              R"("id":"","num-secrets":1,"status":"active"})";

    EXPECT_EQ(backends(juju_4_0, "writer", state),
              Json::parse(R"([{"result":{"name":"internal","backend-type":"controller","config":null},)"
                          R"("id":"","num-secrets":1,"status":"active"},)" +
                          vault + "]"));
    EXPECT_EQ(backends(juju_3_6, "admin", state).size(), 2U);
    EXPECT_EQ(backends(juju_3_6, "reader", state), Json());
    EXPECT_EQ(backends(juju_4_0, "admin", ""), Json());
}

TEST(MockModels, RefusesInfoOfAModelThatIsNotThere)
{
    const std::string entities = R"({"entities":[{"tag":"model-00000000-0000-4000-8000-000000000000"}]})";
    const auto code = [&](MockProfile profile, const std::string& user) {
        return ask_manager(profile, user, 10, "ModelInfo", entities).at("response").at("results").at(0).at("error").at("code");
    };

    EXPECT_EQ(code(juju_3_6, "admin"), "unauthorized access");
    EXPECT_EQ(code(juju_4_0, "admin"), "not found");
    EXPECT_EQ(code(juju_4_0, "reader"), "unauthorized access");
    EXPECT_EQ(ask_manager(juju_4_0, "admin", 10, "DestroyModels", "{}").at("error-code"), "not implemented");
}

Json application(MockProfile profile, const std::string& user, const std::string& name)
{
    Dialogue mock(mock_settings(profile));
    mock.login(user);
    mock.core.with_world([](mock::World& world) { world.applications["remote"] = MockApplication::consumed; });
    return mock.ask(R"({"request-id":2,"type":"Application","version":19,"request":"Get","params":{"application":")" + name +
                    R"(","branch":""}})");
}

TEST(MockModels, DescribesApplications)
{
    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        EXPECT_EQ(application(profile, "reader", "mysql"),
                  Json::parse(R"({"request-id":2,"response":{"application":"mysql","charm":"mysql","config":{},"constraints":{},)"
                              R"("base":{"name":"ubuntu","channel":"22.04/stable"},"channel":"latest/stable"}})"));
        EXPECT_EQ(application(profile, "reader", "nope"),
                  Json::parse(R"({"request-id":2,"error":"application \"nope\" not found","error-code":"not found","response":{}})"));
        EXPECT_EQ(application(profile, "reader", "remote").at("error-code"), "not found");
        EXPECT_EQ(application(profile, "nobody", "mysql").at("error"), "permission denied");
    }
}

} // namespace
} // namespace juju::test
