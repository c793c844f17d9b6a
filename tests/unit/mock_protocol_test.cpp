#include "mock_support.hpp"

#include "mock/failure.hpp"
#include "mock/json.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

#include <gtest/gtest.h>

namespace juju::test {
namespace {

constexpr auto juju_3_6 = MockProfile::juju_3_6;
constexpr auto juju_4_0 = MockProfile::juju_4_0;

enum class What { torn_down, ignored, answered };

What what_happens(MockProfile profile, const std::string& message)
{
    Dialogue mock(profile);
    const auto steps = mock.steps(message);
    if (steps.empty()) {
        return What::ignored;
    }
    return steps.front().ending == mock::Ending::websocket_close ? What::torn_down : What::answered;
}

TEST(MockProtocol, TreatsMalformedMessagesAsTheirRelease)
{
    struct Row {
        std::string message;
        What on_3_6;
        What on_4_0;
    };
    const std::string ping = R"("type":"Pinger","version":1,"request":"Ping")";
    const std::vector<Row> rows{
        {"", What::torn_down, What::torn_down},
        {"{\"request-id\":1", What::torn_down, What::torn_down},
        {"hello", What::torn_down, What::torn_down},
        {"[1]", What::torn_down, What::torn_down},
        {"\"x\"", What::torn_down, What::torn_down},
        {"7", What::torn_down, What::torn_down},
        {"null", What::ignored, What::torn_down},
        {"{}", What::ignored, What::torn_down},
        {R"({"request-id":"1",)" + ping + "}", What::torn_down, What::torn_down},
        {R"({"request-id":-1,)" + ping + "}", What::torn_down, What::torn_down},
        {R"({"request-id":1.5,)" + ping + "}", What::torn_down, What::torn_down},
        {R"({"request-id":18446744073709551616,)" + ping + "}", What::torn_down, What::torn_down},
        {R"({"request-id":18446744073709551615,)" + ping + "}", What::answered, What::answered},
        {R"({"request-id":1,"type":"Pinger","version":"1","request":"Ping"})", What::torn_down, What::torn_down},
        {R"({"request-id":1,"type":5,"version":1,"request":"Ping"})", What::torn_down, What::torn_down},
        {R"({"request-id":1,"error-info":[],)" + ping + "}", What::torn_down, What::torn_down},
        {"{" + ping + "}", What::answered, What::torn_down},
        {R"({"RequestId":4,"Type":"Pinger","Version":1,"Request":"Ping"})", What::answered, What::torn_down},
        {R"({"request-id":1})", What::ignored, What::ignored},
        {R"({"request-id":1,"type":"Pinger","version":1})", What::answered, What::answered},
        {R"({"request-id":1,"strange":[1],)" + ping + "}", What::answered, What::answered},
        {R"({"request-id":1,)" + ping + "} {\"request-id\":2}", What::answered, What::answered},
        {R"({"Request-ID":1,)" + ping + "}", What::answered, What::answered},
        {std::string(5000, '['), What::torn_down, What::torn_down},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(what_happens(juju_3_6, row.message), row.on_3_6) << row.message.substr(0, 80);
        EXPECT_EQ(what_happens(juju_4_0, row.message), row.on_4_0) << row.message.substr(0, 80);
    }
}

TEST(MockProtocol, AnswersTheOldFormInTheOldForm)
{
    Dialogue mock(juju_3_6);

    EXPECT_EQ(mock.ask(R"({"RequestId":4,"Type":"Pinger","Version":1,"Request":"Ping","Params":{}})"),
              Json({{"RequestId", 4}, {"Response", Json::object()}}));
    EXPECT_EQ(mock.ask(R"({"type":"Foo","version":1,"request":"Bar"})"), Json({{"RequestId", 0},
                                                                               {"Error", R"(unknown version (1) of interface "Foo")"},
                                                                               {"ErrorCode", "not implemented"},
                                                                               {"Response", Json::object()}}));
}

TEST(MockProtocol, CopiesTraceMembersOn40Only)
{
    const std::string ping =
        R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping","trace-id":"t","span-id":"s","trace-flags":1})";
    Json reply{{"request-id", 1}, {"response", Json::object()}};
    EXPECT_EQ(Dialogue(juju_3_6).ask(ping), reply);
    reply.update({{"trace-id", "t"}, {"span-id", "s"}, {"trace-flags", 1}});
    EXPECT_EQ(Dialogue(juju_4_0).ask(ping), reply);
}

Json failure(const std::string& message, const std::string& code)
{
    return {{"request-id", 1}, {"error", message}, {"error-code", code}, {"response", Json::object()}};
}

TEST(MockProtocol, RefusesWhatItDoesNotKnowInTheWordsOfItsRelease)
{
    Dialogue old(juju_3_6);
    Dialogue now(juju_4_0);
    const std::string version = R"({"request-id":1,"type":"Foo","version":5,"request":"X"})";
    const std::string none = R"({"request-id":1,"type":"Foo","request":"X"})";
    const std::string method = R"({"request-id":1,"type":"Pinger","version":1,"request":"Frob"})";
    const std::string admin = R"({"request-id":1,"type":"Admin","version":3,"request":"Login"})";
    const std::string kind = R"({"request-id":1,"type":"ModelManager","version":10,"request":"X"})";

    EXPECT_EQ(old.ask(version), failure(R"(unknown version (5) of interface "Foo")", "not implemented"));
    EXPECT_EQ(now.ask(version), failure(R"(unknown version 5 for facade type "Foo")", "not implemented"));
    EXPECT_EQ(old.ask(none), failure(R"(unknown object type "Foo")", "not implemented"));
    EXPECT_EQ(now.ask(none), failure(R"(unknown facade type "Foo")", "not implemented"));
    EXPECT_EQ(old.ask(method), failure("no such request - method Pinger(1).Frob is not implemented", "not implemented"));
    EXPECT_EQ(now.ask(method), failure(R"(unknown method "Frob" at version 1 for facade type "Pinger")", "not implemented"));
    EXPECT_EQ(old.ask(admin), failure(R"(unknown version (3) of interface "Admin")", "not implemented"));
    EXPECT_EQ(now.ask(admin), failure(R"(unknown version 3 for facade type "Admin")", "not implemented"));
    for (Dialogue* mock : {&old, &now}) {
        EXPECT_EQ(mock->ask(kind), failure(R"(facade "ModelManager" not supported for model API connection)", "not supported"));
    }
}

TEST(MockProtocol, AnswersBeforeLogin)
{
    Dialogue mock(mock_settings(juju_4_0));

    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping"})"),
              failure(R"(unknown version 1 for facade type "Pinger")", "not implemented"));
    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Admin","version":4,"request":"LoginDevice"})"),
              failure("this version of Juju does not support login from old clients (not supported)", "not supported"));
    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Admin","version":3,"request":"RedirectInfo"})").at("error"), "not redirected");
    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Admin","version":3,"request":"Frob"})"),
              failure(R"(unknown method "Frob" at version 0 for facade type "Admin")", "not implemented"));
    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Admin","version":3,"id":"x","request":"Login"})"), failure("id not found", "not found"));
}

TEST(MockProtocol, AnswersEverythingTheSameForAnUnknownModel)
{
    Dialogue mock(mock_settings(juju_4_0), mock::Target::unknown_model);
    const Json unknown = failure("unknown model: \"" + mock_model + '"', "model not found");

    EXPECT_EQ(mock.login("admin"), unknown);
    EXPECT_EQ(mock.ask(R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping"})"), unknown);
}

TEST(MockProtocol, AcceptsTheShapesOfAllClients)
{
    Dialogue mock(juju_4_0);
    const std::string id = mock.create(R"({"Content":{"DATA":{"k":"AAAA"}},"Label":"n","extra":1,"UpsertSecretArg":{"label":"y"},
        "rotate-policy":null,"expire-time":null,"description":null,"params":null,"uri":null,"owner-tag":null})");

    EXPECT_EQ(mock.stored(id).label, "n");
    EXPECT_EQ(mock.secrets("ListSecrets", "null").at("response").at("results").size(), 1U);
    EXPECT_EQ(mock.secrets("ListSecrets", R"({"filter":null})").at("response").at("results").size(), 1U);
    EXPECT_EQ(mock.item("UpdateSecrets", R"({"existing-label":"n","content":null,"description":"d"})"), Json::object());
    EXPECT_EQ(mock.item("UpdateSecrets", R"({"existing-label":"n","content":{"data":{}},"description":"d"})"), Json::object());
    EXPECT_EQ(mock.secrets("RemoveSecrets", R"({"args":null})").at("response").at("results"), Json::array());
    EXPECT_EQ(mock.item("RemoveSecrets", R"({"label":"n","revisions":null})"), Json::object());
}

TEST(MockProtocol, AnswersWrongTypesAsGoDoes)
{
    Dialogue mock(juju_4_0);
    const auto error = [&](const std::string& method, const std::string& params) {
        const Json reply = mock.secrets(method, params);
        EXPECT_FALSE(reply.contains("error-code"));
        return reply.at("error").get<std::string>();
    };
    const std::string start = "json: cannot unmarshal ";

    EXPECT_EQ(error("ListSecrets", "[]"), start + "array into Go value of type params.ListSecretsArgs");
    EXPECT_EQ(error("ListSecrets", R"({"show-secrets":"yes"})"),
              start + "string into Go struct field ListSecretsArgs.show-secrets of type bool");
    EXPECT_EQ(error("ListSecrets", R"({"filter":{"revision":1.5}})"),
              start + "number 1.5 into Go struct field SecretsFilter.filter.revision of type int");
    EXPECT_EQ(error("CreateSecrets", R"({"args":{}})"),
              start + "object into Go struct field CreateSecretArgs.args of type []params.CreateSecretArg");
    EXPECT_EQ(error("CreateSecrets", R"({"args":[{"content":{"data":{"k":1}}}]})"),
              start + "number into Go struct field SecretContentParams.args.content.data of type string");
    EXPECT_EQ(error("GrantSecret", R"({"label":"x","applications":"a"})"),
              start + "string into Go struct field GrantRevokeUserSecretArg.applications of type []string");
}

TEST(MockProtocol, WritesJsonAsGoDoes)
{
    const mock::Json text = "<a> & \"b\" \\ \n\t\x01 \u00e9 \u2028 \xff";
    EXPECT_EQ(mock::go_json(text), R"("\u003ca\u003e \u0026 \"b\" \\ \n\t\u0001 )"
                                   "\u00e9"
                                   R"( \u2028 \ufffd")");
    EXPECT_EQ(mock::go_quoted("a\"b\\\n\x01"), R"("a\"b\\\n\x01")");
}

TEST(MockProtocol, ReadsAndWritesTimes)
{
    for (const char* text : {"2026-03-02T10:15:30Z", "2026-03-02T10:15:30.5Z", "2026-03-02T10:15:30.123456789Z", "1999-12-31T23:59:59Z",
                             "0001-01-01T00:00:00Z"}) {
        ASSERT_TRUE(mock::parse_time(text)) << text;
        EXPECT_EQ(mock::time_text(*mock::parse_time(text)), text);
    }
    EXPECT_EQ(mock::time_text(*mock::parse_time("2026-03-02T10:15:30+02:00")), "2026-03-02T08:15:30Z");
    for (const char* text :
         {"", "2026-03-02", "2026-02-30T10:15:30Z", "2026-03-02T10:15:30", "2026-03-02T25:15:30Z", "2026-03-02T10:15:30.Z"}) {
        EXPECT_FALSE(mock::parse_time(text)) << text;
    }
}

std::string uri_outcome(const std::string& text)
{
    try {
        return mock::parse_uri(text).text();
    } catch (const mock::Failure& failure) {
        return failure.message() + " / " + failure.code();
    }
}

TEST(MockProtocol, ReadsUrisAsJujuDoes)
{
    const std::string id = "9m4e2mr0ui3e8a215n4g";
    for (std::string text : {"secret:@", "secret:/@", "secret:///@", "SECRET:@", "@", "@?x=1", "secret:@#f"}) {
        text.replace(text.find('@'), 1, id);
        EXPECT_EQ(uri_outcome(text), "secret:" + id) << text;
    }
    for (const std::string& start : {std::string("secret://"), std::string(), std::string("secret:")}) {
        EXPECT_EQ(uri_outcome(start + mock_model + '/' + id), "secret://" + mock_model + '/' + id);
    }
    const std::vector<std::string> bad_ones{
        "",           "my-secret", "secret:my-secret",     "secret:" + id + '/',  "secret:9M4E2MR0UI3E8A215N4G",
        id.substr(1), id + '0',    "9m4e2mr0ui3e8a215n4h", "9m4e2mr0ui3e8a215w4g"};
    for (const std::string& bad : bad_ones) {
        EXPECT_EQ(uri_outcome(bad), "secret URI " + mock::go_quoted(bad) + " not valid / not valid");
    }
    EXPECT_EQ(uri_outcome("http:" + id), R"(secret URI scheme "http" not valid / not valid)");
    EXPECT_EQ(uri_outcome("my:secret"), R"(secret URI scheme "my" not valid / not valid)");
    EXPECT_EQ(uri_outcome("secret://foo/" + id), R"(host controller UUID "foo" not valid / not valid)");
    EXPECT_EQ(uri_outcome("my_app:x"), R"(parse "my_app:x": first path segment in URL cannot contain colon / )");
    EXPECT_EQ(uri_outcome("a b:c"), R"(parse "a b:c": first path segment in URL cannot contain colon / )");
    EXPECT_EQ(uri_outcome("%zz"), R"(parse "%zz": invalid URL escape "%zz" / )");
}

mock::HttpRequest upgrade_to(const std::string& target)
{
    return {"GET", target, "keep-alive, Upgrade", "websocket", "13", "dGhlIHNhbXBsZSBub25jZQ=="};
}

TEST(MockProtocol, RoutesHttpRequests)
{
    const auto route = [](MockProfile profile, const mock::HttpRequest& request) {
        mock::Core core(mock_settings(profile));
        const auto found = core.route_request(request).first;
        return found.websocket ? std::string("websocket") : std::to_string(found.status) + ' ' + found.body;
    };
    mock::HttpRequest plain = upgrade_to("/api");
    plain.connection = "keep-alive";
    mock::HttpRequest no_upgrade = upgrade_to("/api");
    no_upgrade.upgrade = "";
    mock::HttpRequest post = upgrade_to("/api");
    post.method = "POST";

    for (const MockProfile profile : {juju_3_6, juju_4_0}) {
        EXPECT_EQ(route(profile, upgrade_to("/api")), "websocket");
        EXPECT_EQ(route(profile, upgrade_to("/")), "websocket");
        EXPECT_EQ(route(profile, upgrade_to("/model/" + mock_model + "/api")), "websocket");
        EXPECT_EQ(route(profile, upgrade_to("/model/11111111-2222-4333-8444-555555555555/api")), "websocket");
        EXPECT_EQ(route(profile, upgrade_to("/model/rubbish/api")), "400 invalid model UUID \"rubbish\"\n");
        EXPECT_EQ(route(profile, upgrade_to("/nowhere")), "404 404 page not found\n");
        EXPECT_EQ(route(profile, upgrade_to("/health")), "200 running\n");
        EXPECT_EQ(route(profile, plain), "400 Bad Request\n");
        EXPECT_EQ(route(profile, no_upgrade), "426 Upgrade Required\n");
        EXPECT_EQ(route(profile, post), "405 Method Not Allowed\n");
    }
    EXPECT_EQ(route(juju_3_6, upgrade_to("/model/x" + mock_model + "/api")), "websocket");
    EXPECT_EQ(route(juju_4_0, upgrade_to("/model/x" + mock_model + "/api")), "400 invalid model UUID \"x" + mock_model + "\"\n");
}

bool is_tag(const std::string& text)
{
    try {
        mock::parse_tag(text);
        return true;
    } catch (const mock::Failure&) {
        return false;
    }
}

TEST(MockProtocol, KnowsTagsByJujusRules)
{
    const std::string long_name(100'000, 'a');
    const std::string long_digits(100'000, '1');
    const std::vector<std::string> tags{"user-ab",
                                        "user-A.b+c-9",
                                        "user-ab@domain.9",
                                        "application-a",
                                        "application-a1-b2-3c",
                                        "application-a-1a1",
                                        "unit-a-b-0",
                                        "unit-mysql-12",
                                        "machine-0",
                                        "machine-12-lxd-0-kvm-34",
                                        "user-" + long_name,
                                        "user-ab@" + long_name,
                                        "application-" + long_name,
                                        "application-a-" + long_digits + 'a',
                                        "machine-" + long_digits};
    for (const auto& tag : tags) {
        EXPECT_TRUE(is_tag(tag)) << tag.substr(0, 40);
    }
    const std::vector<std::string> others{"user-a",
                                          "user-",
                                          "user-.a",
                                          "user-a-",
                                          "user-a_b",
                                          "user-ab@",
                                          "user-ab@c",
                                          "user-ab@cd@ef",
                                          "user-@ab",
                                          "application-",
                                          "application-1a",
                                          "application-A",
                                          "application-a-",
                                          "application-a--b",
                                          "application-a-1",
                                          "application-a_b",
                                          "unit-a",
                                          "unit-a-",
                                          "unit-0",
                                          "unit-a-b",
                                          "machine-",
                                          "machine-00",
                                          "machine-0-",
                                          "machine-0-lxd",
                                          "machine-0-lxd-",
                                          "machine-0-LXD-1",
                                          "machine-0--1",
                                          "machine-x",
                                          "application-" + long_name + "-1",
                                          "user-" + long_name + '_',
                                          "machine-0-" + long_name};
    for (const auto& text : others) {
        EXPECT_FALSE(is_tag(text)) << text.substr(0, 40);
    }
}

} // namespace
} // namespace juju::test
