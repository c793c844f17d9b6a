// The messages on secret backends: texts out, written by hand, and replies in. T86 to T96 are those of tests/integration/transcripts.

#include "secrets/backend_codec.hpp"

#include "secrets/secrets_codec.hpp"
#include "unit/codec_support.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using juju::errc;
using juju::Outcome;
using juju::SecretBackend;
using juju::SecretBackendConfig;
using juju::SecretBackendDraft;
using juju::SecretBackendFilter;
using juju::SecretBackendUpdate;
using juju::SecretValue;
using juju::test::error_of;
using juju::test::not_utf8;
using juju::test::reply;
using juju::test::str;
namespace secrets = juju::secrets;
namespace wire = juju::wire;
using namespace std::chrono_literals;

namespace {

const std::string request_name = "Facade.Method";
constexpr const char* marker = "k3ep-me-0ut";

std::string added(const SecretBackendDraft& draft)
{
    return str(secrets::encode_add_backend(draft));
}

std::string updated(const SecretBackendUpdate& update)
{
    return str(secrets::encode_update_backend("myvault", update));
}

/// A refusal before anything is sent, with its whole text.
void expect_local(errc code, const std::string& text, const std::function<void()>& call)
{
    const auto error = error_of(call);
    ASSERT_TRUE(error) << text;
    EXPECT_EQ(error->code(), code) << error->what();
    EXPECT_EQ(error->what(), text);
    EXPECT_EQ(error->outcome(), Outcome::not_sent);
}

/// What `SecretBackends.ListSecretBackends` gives for one element of its results.
SecretBackend listed(const std::string& element)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[)" + element + "]}}");
    return secrets::decode_backends(message, request_name).at(0);
}

SecretBackendConfig listed_config(const std::string& config)
{
    return listed(R"({"result":{"name":"b","config":)" + config + "}}").config();
}

/// The reply to a transcript's request by a release ("3.6", "4.0").
wire::Reply transcript(const std::string& id, const std::string& release)
{
    std::ifstream file(JUJU_TRANSCRIPTS);
    for (const auto& entry : nlohmann::json::parse(file)) {
        if (entry.at("id") == id)
            return reply(entry.at("replies").at(release).dump());
    }
    throw std::runtime_error("no transcript " + id);
}

TEST(BackendConfig, HoldsTextsAndOtherValues)
{
    SecretBackendConfig config;
    EXPECT_TRUE(config.empty());
    config.set("endpoint", "https://vault").set("token", SecretValue("s.abc")).set_json("skip-tls-verify", " true ");

    EXPECT_FALSE(config.empty());
    EXPECT_TRUE(config.contains("endpoint"));
    EXPECT_TRUE(config.contains("skip-tls-verify"));
    EXPECT_FALSE(config.contains("namespace"));
    EXPECT_EQ(config.at("token").text(), "s.abc");
    EXPECT_EQ(config.texts().size(), 2U);
    EXPECT_EQ(config.json().at("skip-tls-verify").text(), " true ");
    EXPECT_FALSE(SecretBackendConfig().set_json("a", "true").empty());
}

TEST(BackendConfig, ReplacesWhatWasSetBefore)
{
    SecretBackendConfig config;
    config.set("a", "text").set_json("a", "1");
    EXPECT_TRUE(config.texts().empty());
    EXPECT_EQ(config.json().at("a").text(), "1");

    config.set("a", "other").set("a", "last");
    EXPECT_TRUE(config.json().empty());
    EXPECT_EQ(config.at("a").text(), "last");

    EXPECT_TRUE(config == SecretBackendConfig().set("a", "last"));
    EXPECT_FALSE(config == SecretBackendConfig().set("a", "else"));
}

TEST(BackendConfig, TellsWhichSettingIsMissing)
{
    SecretBackendConfig config;
    config.set_json("ca-certs", R"(["a"])");

    expect_local(errc::not_found, R"(the secret backend has no text setting "token")", [&] { config.at("token"); });
    expect_local(errc::not_found, R"(the secret backend has no text setting "ca-certs")", [&] { config.at("ca-certs"); });
}

TEST(BackendConfig, RefusesWhatIsNoJsonWithoutQuotingIt)
{
    for (const char* text : {"", " ", "k3ep-me-0ut", "{\"a\":k3ep-me-0ut", "true false", "\xef\xbb\xbftrue", "\"\xff\"", "1e999"}) {
        SecretBackendConfig config;
        expect_local(errc::invalid_argument, R"(the value of setting "token" is not JSON)", [&] { config.set_json("token", text); });
        EXPECT_TRUE(config.empty()) << text;
    }
    SecretBackendConfig config;
    expect_local(errc::invalid_argument, R"(the value of setting "token" is not JSON)",
                 [&] { config.set_json("token", std::string_view("1\0,k3ep-me-0ut", 15)); });
    EXPECT_TRUE(config.empty());
}

TEST(BackendConfig, RefusesWhatIsNestedTooDeep)
{
    SecretBackendConfig config;
    config.set_json("a", std::string(64, '[') + std::string(64, ']'));
    EXPECT_FALSE(config.empty());
    for (const std::size_t levels : {65U, 100'000U})
        expect_local(errc::invalid_argument, R"(the value of setting "b" is nested more than 64 levels deep)",
                     [&] { config.set_json("b", std::string(levels, '[') + std::string(levels, ']')); });
}

TEST(EncodeBackend, AddsOneLikeT87)
{
    SecretBackendConfig config;
    config.set("endpoint", "https://vault.example.com:8200").set("token", "s.abc");

    EXPECT_EQ(
        added(SecretBackendDraft("myvault", "vault", config).token_rotate_interval(24h)),
        R"({"args":[{"name":"myvault","backend-type":"vault","token-rotate-interval":86400000000000,"config":{"endpoint":"https://vault.example.com:8200","token":"s.abc"}}]})");
}

TEST(EncodeBackend, SendsNothingThatIsNotSet)
{
    EXPECT_EQ(added(SecretBackendDraft("b", "kubernetes", SecretBackendConfig())),
              R"({"args":[{"name":"b","backend-type":"kubernetes","config":{}}]})");
    EXPECT_EQ(added(SecretBackendDraft("b", "vault", SecretBackendConfig()).id("an-id")),
              R"({"args":[{"name":"b","backend-type":"vault","id":"an-id","config":{}}]})");
    EXPECT_EQ(updated(SecretBackendUpdate().new_name("other")), R"({"args":[{"name":"myvault","name-change":"other"}]})");
    EXPECT_EQ(updated(SecretBackendUpdate().token_rotate_interval(1h)),
              R"({"args":[{"name":"myvault","token-rotate-interval":3600000000000}]})");
    EXPECT_EQ(updated(SecretBackendUpdate().config(SecretBackendConfig().set("token", "s.def"))),
              R"({"args":[{"name":"myvault","config":{"token":"s.def"}}]})");
    EXPECT_EQ(updated(SecretBackendUpdate().reset("namespace").reset("ca-cert")),
              R"({"args":[{"name":"myvault","reset":["namespace","ca-cert"]}]})");
    EXPECT_EQ(str(secrets::encode_remove_backend("myvault", false)), R"({"args":[{"name":"myvault"}]})");
    EXPECT_EQ(str(secrets::encode_remove_backend("myvault", true)), R"({"args":[{"name":"myvault","force":true}]})");
    EXPECT_EQ(str(secrets::encode_list_backends(SecretBackendFilter())), R"({"reveal":false})");
    EXPECT_EQ(str(secrets::encode_list_backends(SecretBackendFilter().name("a").name("b").reveal(true))),
              R"({"names":["a","b"],"reveal":true})");
}

TEST(EncodeBackend, SendsEveryPartOfAnUpdate)
{
    SecretBackendUpdate update;
    update.new_name("other").token_rotate_interval(0ns).config(SecretBackendConfig().set("token", "")).reset("namespace").force(true);

    EXPECT_EQ(
        updated(update),
        R"({"args":[{"name":"myvault","name-change":"other","token-rotate-interval":0,"reset":["namespace"],"force":true,"config":{"token":""}}]})");
}

TEST(EncodeBackend, SendsOtherValuesAsTheyAre)
{
    SecretBackendConfig config;
    config.set("endpoint", "https://k8s").set_json("ca-certs", "[ \"a\",\n\"b\\u0041\" ]").set_json("skip-tls-verify", "true");
    config.set_json("big", "12345678901234567890123");

    EXPECT_EQ(added(SecretBackendDraft("b", "kubernetes", config)), "{\"args\":[{\"name\":\"b\",\"backend-type\":\"kubernetes\",\"config\":"
                                                                    "{\"endpoint\":\"https://k8s\",\"big\":12345678901234567890123,"
                                                                    "\"ca-certs\":[ \"a\",\n\"b\\u0041\" ],\"skip-tls-verify\":true}}]}");
    EXPECT_EQ(added(SecretBackendDraft("b", "kubernetes", SecretBackendConfig().set_json("a\"b", "null"))),
              R"({"args":[{"name":"b","backend-type":"kubernetes","config":{"a\"b":null}}]})");
}

TEST(EncodeBackend, EscapesWhatJsonWantsEscaped)
{
    EXPECT_EQ(added(SecretBackendDraft("a\"b", "v\\t", SecretBackendConfig().set("k\n", std::string_view("a\0\x1f\"é", 6)))),
              "{\"args\":[{\"name\":\"a\\\"b\",\"backend-type\":\"v\\\\t\",\"config\":{\"k\\n\":\"a\\u0000\\u001f\\\"é\"}}]}");
    EXPECT_EQ(str(secrets::encode_model_backend("a\"b")), R"({"secret-backend-name":"a\"b"})");
    EXPECT_EQ(str(secrets::encode_model_config_backend("a\"b")), R"({"config":{"secret-backend":"a\"b"}})");
}

TEST(EncodeBackend, RefusesBadNames)
{
    const SecretBackendConfig config;
    expect_local(errc::invalid_name, "the name of the secret backend is empty", [&] { added(SecretBackendDraft("", "vault", config)); });
    expect_local(errc::invalid_name, "the name of the secret backend is not valid UTF-8",
                 [&] { added(SecretBackendDraft(not_utf8, "vault", config)); });
    for (const std::string name : {"internal", "auto"}) {
        expect_local(errc::invalid_name, "the name of the secret backend is \"" + name + "\", which Juju reserves",
                     [&] { added(SecretBackendDraft(name, "vault", config)); });
        expect_local(errc::invalid_name, "the new name of secret backend \"myvault\" is \"" + name + "\", which Juju reserves",
                     [&] { updated(SecretBackendUpdate().new_name(name)); });
    }
    expect_local(errc::invalid_name, "the new name of secret backend \"myvault\" is empty",
                 [&] { updated(SecretBackendUpdate().new_name("")); });
    expect_local(errc::invalid_name, "the new name of secret backend \"myvault\" is not valid UTF-8",
                 [&] { updated(SecretBackendUpdate().new_name(not_utf8)); });
    for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{{"", "empty"}, {not_utf8, "not valid UTF-8"}}) {
        expect_local(errc::invalid_name, "the name of the secret backend is " + text,
                     [&] { secrets::encode_update_backend(name, SecretBackendUpdate().force(true)); });
        expect_local(errc::invalid_name, "the name of the secret backend is " + text, [&] { secrets::encode_remove_backend(name, true); });
        expect_local(errc::invalid_name, "the name of the secret backend is " + text, [&] { secrets::encode_model_backend(name); });
        expect_local(errc::invalid_name, "the name of the secret backend is " + text, [&] { secrets::encode_model_config_backend(name); });
        expect_local(errc::invalid_name, "a name in the filter is " + text,
                     [&] { secrets::encode_list_backends(SecretBackendFilter().name("a").name(name)); });
    }
}

TEST(EncodeBackend, RefusesTextsThatAreNotUtf8WithoutQuotingValues)
{
    const SecretBackendConfig config;
    expect_local(errc::invalid_argument, "secret backend \"b\": the type is not valid UTF-8",
                 [&] { added(SecretBackendDraft("b", not_utf8, config)); });
    expect_local(errc::invalid_argument, "secret backend \"b\": the id is not valid UTF-8",
                 [&] { added(SecretBackendDraft("b", "vault", config).id(not_utf8)); });
    const auto bad_value = SecretBackendConfig().set("token", std::string(marker) + not_utf8);
    expect_local(errc::invalid_argument, "secret backend \"b\": the value of setting \"token\" is not valid UTF-8",
                 [&] { added(SecretBackendDraft("b", "vault", bad_value)); });
    expect_local(errc::invalid_argument, "secret backend \"myvault\": the value of setting \"token\" is not valid UTF-8",
                 [&] { updated(SecretBackendUpdate().config(bad_value)); });
    const std::string bad_name = "secret backend \"myvault\": the name of setting \"caf\\xe9\" is not valid UTF-8";
    expect_local(errc::invalid_argument, bad_name,
                 [&] { updated(SecretBackendUpdate().config(SecretBackendConfig().set(not_utf8, "a"))); });
    expect_local(errc::invalid_argument, bad_name,
                 [&] { updated(SecretBackendUpdate().config(SecretBackendConfig().set_json(not_utf8, "1"))); });
    expect_local(errc::invalid_argument, bad_name, [&] { updated(SecretBackendUpdate().reset(not_utf8)); });
}

TEST(EncodeBackend, RefusesAnUpdateOfNothing)
{
    const std::string text = "secret backend \"myvault\": at least one attribute to update must be specified: new_name, "
                             "token_rotate_interval, config or reset";
    expect_local(errc::nothing_to_update, text, [] { updated(SecretBackendUpdate()); });
    expect_local(errc::nothing_to_update, text, [] { updated(SecretBackendUpdate().force(true)); });
    expect_local(errc::nothing_to_update, text, [] { updated(SecretBackendUpdate().config(SecretBackendConfig())); });
}

TEST(EncodeBackend, RefusesIntervalsThatAreNone)
{
    const SecretBackendConfig config;
    expect_local(errc::invalid_argument, "secret backend \"b\": token_rotate_interval 0 ns not valid: give 1 h or more",
                 [&] { added(SecretBackendDraft("b", "vault", config).token_rotate_interval(0ns)); });
    expect_local(errc::invalid_argument, "secret backend \"b\": token_rotate_interval -1 ns not valid: give 1 h or more",
                 [&] { added(SecretBackendDraft("b", "vault", config).token_rotate_interval(-1ns)); });
    expect_local(errc::invalid_argument, "secret backend \"myvault\": token_rotate_interval -1 ns not valid: give 1 h or more",
                 [] { updated(SecretBackendUpdate().token_rotate_interval(-1ns)); });
}

TEST(DecodeBackends, ReadsTheTranscriptsOfBothReleases)
{
    for (const auto& [release, id] : std::vector<std::pair<std::string, std::string>>{{"3.6", "c0ffee00-1111-4222-8333-444444444444"},
                                                                                      {"4.0", "7a1c3b52-90d4-4e0f-8f61-2b6d5c4e3a19"}}) {
        auto message = transcript("T86", release);
        const auto backends = secrets::decode_backends(message, request_name);

        ASSERT_EQ(backends.size(), 1U);
        EXPECT_EQ(backends[0].id(), id);
        EXPECT_EQ(backends[0].name(), "internal");
        EXPECT_EQ(backends[0].type(), "controller");
        EXPECT_TRUE(backends[0].config().empty());
        EXPECT_FALSE(backends[0].token_rotate_interval());
        EXPECT_EQ(backends[0].secret_count(), 2);
        EXPECT_EQ(backends[0].status(), "active");
        EXPECT_EQ(backends[0].message(), "");
        EXPECT_FALSE(backends[0].error());
    }
}

TEST(DecodeBackends, ReadsEveryMember)
{
    const auto backend =
        listed(R"({"extra":[1],"message":"sealed \u2014 away","status":"error","num-secrets":2147483647,"id":"6639dc0a5a9b3e1f3c1c7d2b",)"
               R"("result":{"config":{"token":"s.\"abc\\","endpoint":"https://vault"},"token-rotate-interval":86400000000001,"extra":{},)"
               R"("backend-type":"vault","name":"myvault"}})");

    EXPECT_EQ(backend.id(), "6639dc0a5a9b3e1f3c1c7d2b");
    EXPECT_EQ(backend.name(), "myvault");
    EXPECT_EQ(backend.type(), "vault");
    EXPECT_EQ(backend.config().texts().size(), 2U);
    EXPECT_EQ(backend.config().at("token").text(), R"(s."abc\)");
    EXPECT_EQ(backend.config().at("endpoint").text(), "https://vault");
    EXPECT_TRUE(backend.config().json().empty());
    EXPECT_EQ(backend.token_rotate_interval(), 24h + 1ns);
    EXPECT_EQ(backend.secret_count(), 2147483647);
    EXPECT_EQ(backend.status(), "error");
    EXPECT_EQ(backend.message(), "sealed — away");
}

TEST(DecodeBackends, KeepsSettingsThatAreNoTextsAsTheyAre)
{
    const auto config = listed_config(
        R"({"ca-certs" : [ "a" , "b\u0041" ] , "nested":{"a": {}} ,"skip-tls-verify": true ,"none":null,"big":12345678901234567890123 ,"less":-1.5e3,"empty":""})");

    EXPECT_EQ(config.texts().size(), 1U);
    EXPECT_EQ(config.at("empty").text(), "");
    EXPECT_EQ(config.json().size(), 6U);
    EXPECT_EQ(config.json().at("ca-certs").text(), R"([ "a" , "b\u0041" ])");
    EXPECT_EQ(config.json().at("nested").text(), R"({"a": {}})");
    EXPECT_EQ(config.json().at("skip-tls-verify").text(), "true");
    EXPECT_EQ(config.json().at("none").text(), "null");
    EXPECT_EQ(config.json().at("big").text(), "12345678901234567890123");
    EXPECT_EQ(config.json().at("less").text(), "-1.5e3");
}

TEST(DecodeBackends, TakesNullAndMissingMembersForTheSame)
{
    for (
        const char* element :
        {R"({"result":{"name":"b","backend-type":null,"token-rotate-interval":null,"config":null},"id":null,"num-secrets":null,"status":null,"message":null,"error":null})",
         R"({"result":{"name":"b"}})", R"({"result":{"name":"b","config":{}}})"}) {
        const auto backend = listed(element);
        EXPECT_EQ(backend.name(), "b");
        EXPECT_EQ(backend.type(), "");
        EXPECT_FALSE(backend.token_rotate_interval());
        EXPECT_TRUE(backend.config().empty());
        EXPECT_EQ(backend.id(), "");
        EXPECT_EQ(backend.secret_count(), 0);
        EXPECT_FALSE(backend.error());
    }
    EXPECT_EQ(listed(R"({"result":null,"id":"x"})").id(), "x");
    for (const char* text : {R"({"request-id":1,"response":{"results":null}})", R"({"request-id":1,"response":{"results":[]}})"}) {
        auto message = reply(text);
        EXPECT_TRUE(secrets::decode_backends(message, request_name).empty()) << text;
    }
}

TEST(DecodeBackends, OrdersByNameThenId)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[{"result":{"name":"b"},"id":"1"},{"result":{"name":"a"},"id":"3"},)"
                         R"({"result":{"name":"a"},"id":"2"}]}})");
    const auto backends = secrets::decode_backends(message, request_name);

    ASSERT_EQ(backends.size(), 3U);
    EXPECT_EQ(backends[0].id(), "2");
    EXPECT_EQ(backends[1].id(), "3");
    EXPECT_EQ(backends[2].id(), "1");
}

TEST(DecodeBackends, KeepsTheErrorOfOneBackendBesideTheOthers)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[{"result":{"name":"a"},"error":{"message":"gone","code":"not found",)"
                         R"("info":{"x":1}}},{"result":{"name":"b"},"error":{"message":"odd","code":""}},{"result":{"name":"c"}}]}})");
    const auto backends = secrets::decode_backends(message, request_name);

    ASSERT_EQ(backends.size(), 3U);
    ASSERT_TRUE(backends[0].error());
    EXPECT_EQ(backends[0].error()->code(), errc::not_found);
    EXPECT_STREQ(backends[0].error()->what(), "Facade.Method: gone (not found)");
    EXPECT_EQ(backends[0].error()->request(), request_name);
    EXPECT_EQ(backends[0].error()->server_info(), R"({"x":1})");
    EXPECT_EQ(backends[0].error()->outcome(), Outcome::rejected);
    ASSERT_TRUE(backends[1].error());
    EXPECT_EQ(backends[1].error()->code(), errc::server_error);
    EXPECT_FALSE(backends[2].error());
}

TEST(DecodeBackends, NamesTheMemberOfTheWrongKindAndNothingElse)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({})", "the response has no results"},
        {R"({"results":{}})", "results is not a list"},
        {R"({"results":[5]})", "secret backend is not an object"},
        {R"({"results":[{"result":"k3ep-me-0ut"}]})", "result is not an object"},
        {R"({"results":[{"result":{"name":5}}]})", "name is not a string"},
        {R"({"results":[{"result":{"backend-type":[]}}]})", "backend-type is not a string"},
        {R"({"results":[{"result":{"token-rotate-interval":"1h"}}]})", "token-rotate-interval is not an integer"},
        {R"({"results":[{"result":{"token-rotate-interval":1.5}}]})", "token-rotate-interval is not an integer"},
        {R"({"results":[{"result":{"config":"k3ep-me-0ut"}}]})", "config is not an object"},
        {R"({"results":[{"result":{"config":{"token":[k3ep-me-0ut]}}}]})", "config is not valid JSON"},
        {R"({"results":[{"result":{"config":{"token":truthy}}}]})", "config is not valid JSON"},
        {R"({"results":[{"result":{"config":{"token":"k3ep-me-0ut\q"}}}]})", "config is not a string"},
        {R"({"results":[{"id":5}]})", "id is not a string"},
        {R"({"results":[{"num-secrets":-1}]})", "num-secrets is out of range"},
        {R"({"results":[{"num-secrets":2147483648}]})", "num-secrets is out of range"},
        {R"({"results":[{"num-secrets":true}]})", "num-secrets is not an integer"},
        {R"({"results":[{"status":1}]})", "status is not a string"},
        {R"({"results":[{"message":1}]})", "message is not a string"},
        {R"({"results":[{"error":"k3ep-me-0ut"}]})", "error is not an object"},
        {R"({"results":[{"error":{"message":1}}]})", "error message is not a string"},
        {R"({"results":[{"error":{"code":1}}]})", "error code is not a string"},
        {R"({"results":[{"error":{"info":1}}]})", "error info is not an object"},
    };
    for (const auto& [response, text] : cases) {
        const auto error = error_of([&] {
            auto message = reply(R"({"request-id":1,"response":)" + response + "}");
            secrets::decode_backends(message, request_name);
        });
        ASSERT_TRUE(error) << response;
        EXPECT_EQ(error->code(), errc::malformed_reply) << response;
        EXPECT_EQ(error->what(), "malformed reply from the controller: " + text) << response;
        EXPECT_EQ(error->outcome(), Outcome::unknown) << response;
    }
}

TEST(DecodeBackends, ThrowsTheRefusalOfTheWholeRequest)
{
    auto message = transcript("T91", "3.6");
    const auto error = error_of([&] { secrets::decode_backends(message, request_name); });

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), errc::permission_denied);
    EXPECT_STREQ(error->what(), "Facade.Method: permission denied (unauthorized access)");
}

/// The item's error in a reply to a request on one backend; none for success.
std::optional<juju::Error> item_error(const std::string& id, const std::string& release)
{
    auto message = transcript(id, release);
    return secrets::decode_results(message, request_name, std::vector<std::string>(1, "myvault")).at(0).error();
}

TEST(DecodeBackends, MapsTheErrorsOfBothReleasesToTheSame)
{
    for (const std::string release : {"3.6", "4.0"}) {
        EXPECT_FALSE(item_error("T87", release));
        EXPECT_EQ(item_error("T88", release).value().code(), errc::already_exists);
        EXPECT_EQ(item_error("T89", release).value().code(), errc::not_supported);
        EXPECT_EQ(item_error("T90", release).value().code(), errc::not_found);
        auto message = transcript("T91", release);
        EXPECT_EQ(error_of([&] { secrets::decode_results(message, request_name, {"x"}); }).value().code(), errc::permission_denied);
    }
    EXPECT_EQ(item_error("T88", "4.0").value().server_code(), "secret backend already exists");
    EXPECT_EQ(item_error("T88", "4.0").value().server_message(), "secret backend already exists: name \"myvault\"");
}

TEST(DecodeModelBackend, ReadsTheTranscripts)
{
    auto read = transcript("T92", "4.0");
    EXPECT_EQ(secrets::decode_model_backend(read, request_name), "auto");
    auto unknown_version = transcript("T92", "3.6");
    EXPECT_EQ(error_of([&] { secrets::decode_model_backend(unknown_version, request_name); }).value().code(), errc::not_implemented);
    auto written = transcript("T93", "4.0");
    EXPECT_FALSE(error_of([&] { secrets::decode_done(written, request_name); }));
    auto missing = transcript("T94", "4.0");
    EXPECT_EQ(error_of([&] { secrets::decode_done(missing, request_name); }).value().code(), errc::not_found);
    auto written_3_6 = transcript("T95", "3.6");
    EXPECT_FALSE(error_of([&] { secrets::decode_done(written_3_6, request_name); }));
    auto missing_3_6 = transcript("T96", "3.6");
    EXPECT_EQ(error_of([&] { secrets::decode_done(missing_3_6, request_name); }).value().code(), errc::not_found);
}

TEST(DecodeModelBackend, WritesTheTranscripts)
{
    EXPECT_EQ(str(secrets::encode_model_backend("myvault")), R"({"secret-backend-name":"myvault"})");
    EXPECT_EQ(str(secrets::encode_model_config_backend("myvault")), R"({"config":{"secret-backend":"myvault"}})");
}

TEST(DecodeModelBackend, RefusesTheControllersOwnBackendByName)
{
    const std::string text = R"(the controller's own secret backend is chosen with "auto", not with "internal")";
    expect_local(errc::invalid_name, text, [] { secrets::encode_model_backend("internal"); });
    expect_local(errc::invalid_name, text, [] { secrets::encode_model_config_backend("internal"); });
}

TEST(DecodeModelBackend, PrefersTheErrorToTheResult)
{
    for (const char* text : {R"({"request-id":1,"response":{"error":{"message":"no","code":"model not found"},"result":""}})",
                             R"({"request-id":1,"response":{"result":"x","error":{"message":"no","code":"model not found"}}})"}) {
        auto message = reply(text);
        EXPECT_EQ(error_of([&] { secrets::decode_model_backend(message, request_name); }).value().code(), errc::model_not_found);
    }
    auto fine = reply(R"({"request-id":1,"response":{"error":null,"result":"myvault"}})");
    EXPECT_EQ(secrets::decode_model_backend(fine, request_name), "myvault");
}

TEST(DecodeModelBackend, FindsTheBackendInTheModelsConfiguration)
{
    auto message = reply(R"({"request-id":1,"response":{"config":{"name":{"value":"demo","source":"model"},"http-proxy":{"value":5},)"
                         R"("secret-backend":{"source":"model","value":"myvault"},"value":"no"}}})");

    EXPECT_EQ(secrets::decode_model_config_backend(message, request_name), "myvault");
}

TEST(DecodeModelBackend, NamesWhatIsMalformed)
{
    using Decode = std::string (*)(wire::Reply&, const std::string&);
    const Decode of_4_0 = secrets::decode_model_backend;
    const Decode of_3_6 = secrets::decode_model_config_backend;
    const std::string missing = "the model's configuration has no secret-backend";
    const std::vector<std::tuple<Decode, std::string, std::string>> cases{
        {of_4_0, R"({})", "result is empty"},
        {of_4_0, R"({"result":""})", "result is empty"},
        {of_4_0, R"({"result":5})", "result is not a string"},
        {of_4_0, R"({"result":"x","error":5})", "error is not an object"},
        {of_3_6, R"({})", missing},
        {of_3_6, R"({"config":null})", missing},
        {of_3_6, R"({"config":{"name":{"value":"demo"}}})", missing},
        {of_3_6, R"({"config":{"secret-backend":{"value":null}}})", missing},
        {of_3_6, R"({"config":[]})", "config is not an object"},
        {of_3_6, R"({"config":{"secret-backend":"k3ep-me-0ut"}})", "secret-backend is not an object"},
        {of_3_6, R"({"config":{"secret-backend":{"value":5}}})", "secret-backend is not a string"},
    };
    for (const auto& [decode, response, text] : cases) {
        auto message = reply(R"({"request-id":1,"response":)" + response + "}");
        const auto error = error_of([&] { decode(message, request_name); });
        ASSERT_TRUE(error) << response;
        EXPECT_EQ(error->code(), errc::malformed_reply) << response;
        EXPECT_EQ(error->what(), "malformed reply from the controller: " + text) << response;
    }
}

} // namespace
