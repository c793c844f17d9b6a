#include "wire/login.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

using juju::errc;
using juju::Outcome;
using juju::SecretValue;
namespace wire = juju::wire;

namespace {

constexpr const char* model_uuid = "2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b";

/// wire-protocol 3.5, the reply on a model connection, whole.
constexpr const char* sample =
    R"({"request-id":1,"response":{"servers":[[{"value":"10.5.0.7","type":"ipv4","scope":"local-cloud","port":17070},)"
    R"({"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}],[{"value":"10.5.0.8","type":"ipv4","scope":"local-cloud","port":17070}]],)"
    R"("model-tag":"model-2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b","controller-tag":"controller-9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0",)"
    R"("user-info":{"display-name":"","identity":"user-admin","controller-access":"superuser","model-access":"admin"},)"
    R"("facades":[{"name":"Client","versions":[6,7,8]},{"name":"Pinger","versions":[1]},{"name":"Secrets","versions":[1,2]}],)"
    R"("server-version":"3.6.28"}})";

wire::Reply reply(std::string_view text)
{
    return wire::Reply(juju::WipingString(text));
}

std::string login_line(std::string_view user, std::string_view password)
{
    const auto text = wire::login_request(user, SecretValue(password)).encode(1);
    return {text.data(), text.size()};
}

std::optional<juju::Error> decode_error(std::string_view text)
{
    try {
        auto message = reply(text);
        wire::decode_login(message);
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

wire::LoginResult login_result()
{
    wire::LoginResult result;
    result.model_tag = "model-2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b";
    result.controller_tag = "controller-9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0";
    result.identity = "user-admin";
    return result;
}

std::optional<juju::Error> check_error(const wire::LoginResult& result, std::string_view user = "admin")
{
    try {
        wire::check_login(result, model_uuid, user);
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

struct Failure {
    const char* message;
    const char* code;
    errc meaning;
};

void PrintTo(const Failure& failure, std::ostream* out)
{
    *out << failure.message;
}

class LoginFailure : public testing::TestWithParam<Failure> {};

} // namespace

TEST(LoginRequest, IsTheMinimalFormThatEveryControllerAccepts)
{
    EXPECT_EQ(login_line("admin", "s3cret"),
              R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":"s3cret"}})");
}

TEST(LoginRequest, KeepsADomain)
{
    EXPECT_EQ(
        login_line("bob@external", "x"),
        R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-bob@external","credentials":"x"}})");
}

TEST(LoginRequest, EscapesQuotesAndBackslashesInThePassword)
{
    EXPECT_EQ(
        login_line("admin", "a\"b\\c/d"),
        R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":"a\"b\\c/d"}})");
}

TEST(LoginRequest, EscapesControlCharactersInThePassword)
{
    EXPECT_EQ(
        login_line("admin", "a\nb\tc\x01"),
        R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":"a\nb\tc\u0001"}})");
}

TEST(LoginRequest, SendsUnicodeAsItIs)
{
    EXPECT_EQ(login_line("admin", "p\xc3\xa4ss\xf0\x9f\x94\x91"),
              "{\"request-id\":1,\"type\":\"Admin\",\"version\":3,\"request\":\"Login\",\"params\":{\"auth-tag\":\"user-admin\","
              "\"credentials\":\"p\xc3\xa4ss\xf0\x9f\x94\x91\"}}");
}

TEST(LoginRequest, RefusesAPasswordThatIsNotUtf8WithoutQuotingIt)
{
    std::optional<juju::Error> error;
    try {
        wire::login_request("admin", SecretValue("hunter2\xff"));
    } catch (const juju::Error& e) {
        error = e;
    }
    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::invalid_argument);
    EXPECT_EQ(std::string(error->what()).find("hunter2"), std::string::npos);
}

TEST(LoginRequest, LeavesAnExternalUsersNameToTheMacaroons)
{
    const std::vector<SecretValue> slices{SecretValue(R"([{"i":"a","s64":"AA"}])"), SecretValue(R"([{"i":"b"}, {"i":"c"}])")};
    const auto text = [&](std::string_view user) { return wire::macaroon_login_request(user, slices).encode(1); };
    EXPECT_EQ(text("alice@external"),
              R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"","credentials":"","nonce":"",)"
              R"("macaroons":[[{"i":"a","s64":"AA"}],[{"i":"b"}, {"i":"c"}]],"bakery-version":3,"user-data":""}})");
    EXPECT_EQ(text(""), text("alice@external"));
    EXPECT_NE(text("bob").find(R"("auth-tag":"user-bob")"), std::string::npos);
}

TEST(LoginRequest, KnowsThatTheDomainLocalIsNone)
{
    const std::vector<SecretValue> slices;
    const auto text = wire::macaroon_login_request("bob@local", slices).encode(1);
    EXPECT_NE(text.find(R"({"auth-tag":"user-bob","credentials":"")"), std::string::npos) << text;
}

TEST(LoginRequest, RefusesANameThatNoUserCanHave)
{
    const std::vector<SecretValue> slices;
    for (const std::string name : {"a\"b", "bob\",\"credentials\":\"x", "a b", "@local", "bob\n", "b\xff"}) {
        try {
            wire::macaroon_login_request(name, slices);
            ADD_FAILURE() << name;
        } catch (const juju::Error& error) {
            EXPECT_TRUE(error.code() == errc::invalid_argument);
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        }
    }
}

TEST(LoginRequest, RefusesOtherSecretsThatAreNotUtf8WithoutQuotingThem)
{
    const SecretValue bad("hunter2\xff");
    const auto refused = [](auto make) {
        try {
            make();
        } catch (const juju::Error& error) {
            EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
            return error.code() == errc::invalid_argument;
        }
        return false;
    };
    EXPECT_TRUE(refused([&] { wire::session_token_request(bad); }));
    EXPECT_TRUE(refused([&] { wire::client_credentials_request("id", bad); }));
    EXPECT_TRUE(refused([&] { wire::agent_login_request("unit-mysql-0", bad, ""); }));
}

TEST(LoginReply, GivesTheAddressesOfEachNode)
{
    auto message = reply(sample);
    const auto result = wire::decode_login(message);
    ASSERT_EQ(result.servers.size(), 2U);
    ASSERT_EQ(result.servers[0].size(), 2U);
    EXPECT_EQ(result.servers[0][0].value, "10.5.0.7");
    EXPECT_EQ(result.servers[0][0].type, "ipv4");
    EXPECT_EQ(result.servers[0][0].scope, "local-cloud");
    EXPECT_EQ(result.servers[0][0].port, 17070);
    EXPECT_EQ(result.servers[0][1].value, "203.0.113.9");
    EXPECT_EQ(result.servers[1].at(0).value, "10.5.0.8");
    EXPECT_EQ(result.controller_access, "superuser");
    EXPECT_EQ(result.public_dns_name, "");
}

TEST(LoginReply, LeavesOutAddressesThatAreNone)
{
    auto message = reply(R"({"request-id":1,"response":{"public-dns-name":"jimm.example.com","servers":[[{"value":"","port":1},)"
                         R"({"value":"a","port":0},{"value":"b","port":65536},{"value":"c"},{"value":"d","port":65535}],[],null]}})");
    const auto result = wire::decode_login(message);
    ASSERT_EQ(result.servers.size(), 3U);
    ASSERT_EQ(result.servers[0].size(), 1U);
    EXPECT_EQ(result.servers[0][0].value, "d");
    EXPECT_EQ(result.public_dns_name, "jimm.example.com");
}

TEST(LoginReply, TellsWhyADischargeIsAskedFor)
{
    const auto error = decode_error(
        R"({"request-id":1,"response":{"bakery-discharge-required":{"m":{}},"discharge-required-error":"invalid login\u0007 macaroon"}})");
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()),
              "Admin.Login: the controller asks for a macaroon discharge (invalid login\\x07 macaroon); give the "
              "user's password, or run \"juju login\"");
}

TEST(LoginReply, SaysWhatIsToBeDischarged)
{
    const auto demand_of = [](const std::string& response) {
        auto message = reply(R"({"request-id":1,"response":)" + response + "}");
        const auto demand = wire::read_discharge_demand(message);
        return demand ? std::string(demand->macaroon) + " / " + demand->reason : "none";
    };
    EXPECT_EQ(
        demand_of(R"({"discharge-required":{"c":[]},"bakery-discharge-required":{"m" : {"c":[ ]}} ,"discharge-required-error":"why"})"),
        R"({"m" : {"c":[ ]}} / why)")
        << "the bakery's own form, as it came";
    EXPECT_EQ(demand_of(R"({"bakery-discharge-required":null,"discharge-required":{"c":[1]}
    })"),
              R"({"c":[1]} / )");
    EXPECT_EQ(demand_of(R"({"discharge-required":"AgEB" , "discharge-required-error":null})"), R"("AgEB" / )");
    EXPECT_EQ(demand_of(R"({"discharge-required":null,"bakery-discharge-required":null,"discharge-required-error":"why"})"), "none");
    EXPECT_EQ(demand_of(R"({"model-tag":"m","servers":[[{"value":"x"}]]})"), "none");
    EXPECT_EQ(demand_of("null"), "none");
    for (const std::string response : {R"({"discharge-required":7})", R"({"bakery-discharge-required":[]})",
                                       R"({"discharge-required-error":{}})", R"({"bakery-discharge-required":true})", "[]"}) {
        try {
            ADD_FAILURE() << response << ": " << demand_of(response);
        } catch (const juju::Error& error) {
            EXPECT_TRUE(error.code() == errc::malformed_reply) << response;
        }
    }
}

TEST(DeviceLogin, IsReadAndRefusedWhenIncomplete)
{
    auto good = reply(R"({"request-id":2,"response":{"verification-uri":"https://idp.example.com/device","user-code":"ABCD-EFGH"}})");
    const auto device = wire::decode_device_login(good);
    EXPECT_EQ(device.verification_uri, "https://idp.example.com/device");
    EXPECT_EQ(device.user_code, "ABCD-EFGH");
    auto token = reply(R"({"request-id":3,"response":{"session-token":"ZXlK\u0061Gj"}})");
    EXPECT_EQ(wire::decode_device_token(token).text(), "ZXlKaGj");

    for (const char* text : {R"({"request-id":2,"response":{}})", R"({"request-id":2,"response":{"verification-uri":"https://a"}})",
                             R"({"request-id":2,"response":{"session-token":""}})", R"({"request-id":2,"response":{"session-token":7}})"}) {
        const auto code_of = [&](auto decode) -> boost::system::error_code {
            auto message = reply(text);
            try {
                decode(message);
            } catch (const juju::Error& error) {
                return error.code();
            }
            return {};
        };
        EXPECT_EQ(code_of([](wire::Reply& message) { wire::decode_device_login(message); }), errc::malformed_reply) << text;
        EXPECT_EQ(code_of([](wire::Reply& message) { wire::decode_device_token(message); }), errc::malformed_reply) << text;
    }
}

TEST(LoginReply, GivesTagsVersionAndFacades)
{
    auto message = reply(sample);

    const auto result = wire::decode_login(message);

    EXPECT_EQ(result.model_tag, "model-2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b");
    EXPECT_EQ(result.controller_tag, "controller-9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0");
    EXPECT_EQ(result.identity, "user-admin");
    EXPECT_EQ(result.server_version, "3.6.28");
    EXPECT_EQ(result.facades.best_version("Secrets", 2), 2);
    EXPECT_EQ(result.facades.best_version("Client", 7), 7);
    EXPECT_EQ(result.facades.best_version("Pinger", 1), 1);
    EXPECT_FALSE(result.facades.has("ModelManager"));
}

TEST(LoginReply, OfTheSampleIsTheOneAskedFor)
{
    auto message = reply(sample);

    EXPECT_FALSE(check_error(wire::decode_login(message)).has_value());
}

TEST(LoginReply, TakesMembersInAnyOrderAndUnknownOnes)
{
    auto message = reply(
        R"({"response":{"new":{"a":[1]},"facades":[{"extra":1,"versions":[2],"name":"Secrets"}],"server-version":"4.0.15",)"
        R"("user-info":{"last-connection":"2026-03-02T10:15:30Z","identity":"user-bob@local"},"controller-tag":"c","model-tag":"m"},"request-id":1})");

    const auto result = wire::decode_login(message);

    EXPECT_EQ(result.model_tag, "m");
    EXPECT_EQ(result.controller_tag, "c");
    EXPECT_EQ(result.identity, "user-bob@local");
    EXPECT_EQ(result.server_version, "4.0.15");
    EXPECT_EQ(result.facades.best_version("Secrets", 2), 2);
}

TEST(LoginReply, TakesNullForEveryMember)
{
    auto message =
        reply(R"({"request-id":1,"response":{"servers":null,"model-tag":null,"controller-tag":null,"user-info":null,"facades":null,)"
              R"("server-version":null,"discharge-required":null,"bakery-discharge-required":null,"public-dns-name":null}})");

    const auto result = wire::decode_login(message);

    EXPECT_EQ(result.model_tag, "");
    EXPECT_EQ(result.identity, "");
    EXPECT_FALSE(result.facades.has("Secrets"));
}

TEST(LoginReply, TakesAFacadeWithoutVersions)
{
    auto message =
        reply(R"({"request-id":1,"response":{"facades":[{"name":"A","versions":null},{"name":"B","versions":[]},{"name":"C"}]}})");

    const auto result = wire::decode_login(message);

    EXPECT_TRUE(result.facades.has("A"));
    EXPECT_EQ(result.facades.best_version("B", 9), std::nullopt);
    EXPECT_EQ(result.facades.best_version("C", 9), std::nullopt);
}

TEST(LoginReply, WithoutAnythingNamesNothing)
{
    for (const auto* text : {R"({"request-id":1})", R"({"request-id":1,"response":{}})", R"({"request-id":1,"response":null})"}) {
        auto message = reply(text);
        const auto error = check_error(wire::decode_login(message));
        ASSERT_TRUE(error.has_value()) << text;
        EXPECT_TRUE(error->code() == errc::login_mismatch);
    }
}

TEST(LoginReply, OfTheWrongKindIsMalformed)
{
    constexpr const char* responses[] = {R"([])",
                                         R"("x")",
                                         R"({"model-tag":1})",
                                         R"({"controller-tag":{}})",
                                         R"({"server-version":3.6})",
                                         R"({"user-info":"user-admin"})",
                                         R"({"user-info":{"identity":["user-admin"]}})",
                                         R"({"facades":{}})",
                                         R"({"facades":"Secrets"})",
                                         R"({"facades":["Secrets"]})",
                                         R"({"facades":[{"name":1}]})",
                                         R"({"facades":[{"name":"Secrets","versions":2}]})",
                                         R"({"facades":[{"name":"Secrets","versions":["2"]}]})",
                                         R"({"facades":[{"name":"Secrets","versions":[2.5]}]})",
                                         R"({"facades":[{"name":"Secrets","versions":[-2]}]})",
                                         R"({"facades":[{"name":"Secrets","versions":[99999999999]}]})"};
    for (const std::string response : responses) {
        const auto error = decode_error(R"({"request-id":1,"response":)" + response + "}");
        ASSERT_TRUE(error.has_value()) << response;
        EXPECT_TRUE(error->code() == errc::malformed_reply) << response;
    }
}

TEST(LoginReply, ThatAsksForADischargeIsAFailure)
{
    for (const auto* text :
         {R"({"request-id":1,"response":{"discharge-required":{"identifier":"x"},"discharge-required-error":"because"}})",
          R"({"request-id":1,"response":{"bakery-discharge-required":{"m":{}},"discharge-required-error":"because"}})",
          R"({"request-id":1,"response":{"discharge-required":{},"bakery-discharge-required":{},"discharge-required-error":"because"}})"}) {
        const auto error = decode_error(text);
        ASSERT_TRUE(error.has_value()) << text;
        EXPECT_TRUE(error->code() == errc::discharge_required);
        EXPECT_EQ(error->request(), "Admin.Login");
        EXPECT_EQ(error->outcome(), Outcome::rejected);
        EXPECT_FALSE(error->connection_usable());
    }
}

TEST_P(LoginFailure, HasItsMeaning)
{
    const auto& row = GetParam();
    std::string text = R"({"request-id":1,"error":")" + std::string(row.message) + "\"";
    if (*row.code != '\0')
        text += R"(,"error-code":")" + std::string(row.code) + "\"";
    text += R"(,"response":{}})";

    const auto error = decode_error(text);

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == row.meaning) << error->code().message();
    EXPECT_EQ(error->server_code(), row.code);
    EXPECT_EQ(error->request(), "Admin.Login");
    EXPECT_EQ(error->outcome(), Outcome::rejected);
}

// wire-protocol 3.7. The quotes in the texts are escaped as they stand on the wire.
INSTANTIATE_TEST_SUITE_P(
    Login, LoginFailure,
    testing::Values(
        Failure{"invalid entity name or password", "unauthorized access", errc::login_failed},
        Failure{R"(user \"bob\" is disabled)", "unauthorized access", errc::permission_denied},
        Failure{R"(user \"bob\" is permanently deleted)", "unauthorized access", errc::permission_denied},
        Failure{"permission denied", "unauthorized access", errc::permission_denied},
        Failure{"failed to authenticate request: unauthorized", "unauthorized access", errc::permission_denied},
        Failure{"parsing login access token: x", "", errc::server_error}, Failure{R"(\"bar\" is not a valid tag)", "", errc::server_error},
        Failure{"unexpected login entity tag: invalid request", "unauthorized access", errc::permission_denied},
        Failure{"try again", "try again", errc::try_again}, Failure{"machine 0 not provisioned", "not provisioned", errc::server_error},
        Failure{R"(unknown model: \"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b\")", "model not found", errc::model_not_found},
        Failure{"redirection to alternative server required", "redirection required", errc::redirected},
        Failure{"login failed - maintenance in progress", "", errc::upgrade_in_progress},
        Failure{"login for machine 0 blocked because upgrade is in progress", "", errc::upgrade_in_progress},
        Failure{"anonymous login blocked because upgrade is in progress", "", errc::upgrade_in_progress},
        Failure{"already logged in", "", errc::server_error},
        // 3.1: before the login, and 3.8: a second one.
        Failure{"this version of Juju does not support login from old clients (not supported)", "not supported", errc::not_supported},
        Failure{R"(unknown version (3) of interface \"Admin\")", "not implemented", errc::not_implemented}));

TEST(LoginReply, ARefusalLeavesNoConnection)
{
    const auto error =
        decode_error(R"({"request-id":1,"error":"invalid entity name or password","error-code":"unauthorized access","response":{}})");

    ASSERT_TRUE(error.has_value());
    EXPECT_FALSE(error->connection_usable());
}

TEST(LoginRedirect, KeepsWhereTheModelIs)
{
    const auto error = decode_error(
        R"({"request-id":1,"error":"redirection to alternative server required","error-code":"redirection required","error-info":)"
        R"({"servers":[[{"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}]],"ca-cert":"PEM\n","controller-alias":"new-home"},"response":{}})");

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(
        error->server_info(),
        R"({"servers":[[{"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}]],"ca-cert":"PEM\n","controller-alias":"new-home"})");
}

TEST(LoginCheck, AcceptsWhatWasAskedFor)
{
    EXPECT_FALSE(check_error(login_result()).has_value());
}

TEST(LoginCheck, TakesTheLocalDomainForNone)
{
    auto result = login_result();
    EXPECT_FALSE(check_error(result, "admin@local").has_value());

    result.identity = "user-admin@local";
    EXPECT_FALSE(check_error(result, "admin").has_value());
    EXPECT_FALSE(check_error(result, "admin@local").has_value());
}

TEST(LoginCheck, RefusesAnotherModel)
{
    for (const auto* tag : {"", "model-", "model", "2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b", "model-00000000-3c5d-4e6f-8a9b-0c1d2e3f4a5b",
                            "controller-2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b", "model-2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b0"}) {
        auto result = login_result();
        result.model_tag = tag;
        const auto error = check_error(result);
        ASSERT_TRUE(error.has_value()) << tag;
        EXPECT_TRUE(error->code() == errc::login_mismatch);
        EXPECT_FALSE(error->connection_usable());
        EXPECT_NE(std::string(error->what()).find(model_uuid), std::string::npos) << error->what();
    }
}

TEST(LoginCheck, RefusesAControllerThatIsNone)
{
    for (const auto* tag :
         {"", "controller-", "controller-0", "9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0", "model-9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0"}) {
        auto result = login_result();
        result.controller_tag = tag;
        const auto error = check_error(result);
        ASSERT_TRUE(error.has_value()) << tag;
        EXPECT_TRUE(error->code() == errc::login_mismatch);
    }
}

TEST(LoginCheck, RefusesAnotherUser)
{
    for (const auto* tag : {"", "user-", "user-bob", "admin", "machine-0", "user-admin@external", "user-Admin", "user-admin@local@local"}) {
        auto result = login_result();
        result.identity = tag;
        const auto error = check_error(result);
        ASSERT_TRUE(error.has_value()) << tag;
        EXPECT_TRUE(error->code() == errc::login_mismatch);
        EXPECT_EQ(error->outcome(), Outcome::rejected);
    }
}

TEST(LoginCheck, RefusesALocalUserForAnExternalOne)
{
    EXPECT_TRUE(check_error(login_result(), "admin@external").has_value());
}

TEST(LoginCheck, EscapesWhatTheControllerSaid)
{
    auto result = login_result();
    result.model_tag = "model-\nforged log line";

    const auto error = check_error(result);

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find('\n'), std::string::npos);
}
