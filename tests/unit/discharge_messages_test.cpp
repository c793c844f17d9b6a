#include "unit/content_support.hpp"

#include "macaroons/discharge_messages.hpp"

#include <juju/error.hpp>
#include <juju/secret_value.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using juju::errc;
using juju::SecretValue;
using juju::WipingString;
using juju::test::thrown_by;
using namespace std::string_literals;
namespace macaroons = juju::macaroons;

namespace {

/// client-store 4.4.
constexpr const char* discharge = R"({"c":[{"i":"declared username bob"},{"i":"time-before 2026-08-21T09:30:00Z"}],"i64":"AwA",)"
                                  R"("s64":"A38-91XPtVQsqFr1VlqSTAm-N3pPr-0RgP_I8D02yzE"})";
const std::string discharge_answer = R"({"Macaroon":{"m":)"s + discharge + R"(,"v":3,"ns":"std:"}})";
constexpr const char* interaction_answer = R"({"Code":"interaction required","Message":"cannot discharge: interaction required",)"
                                           R"("Info":{"InteractionMethods":{"juju_userpass":{"url":"/auth/form"}}}})";

macaroons::Caveat caveat(std::string_view id)
{
    return {WipingString(id), WipingString("v"), "https://10.20.0.5:17070/auth"};
}

std::string form(std::string_view id, const WipingString* data = nullptr, const std::optional<macaroons::Token>& token = {})
{
    return std::string(macaroons::discharge_form(caveat(id), data, token));
}

/// Interaction required, with this as Info.
std::string interaction_with(const std::string& info)
{
    return R"({"Code":"interaction required","Message":"m","Info":)" + info + "}";
}

macaroons::Interaction interaction(int status, std::string_view body)
{
    const auto answer = macaroons::read_discharge(status, body);
    EXPECT_FALSE(answer.macaroon);
    return answer.interaction.value();
}

template <class Read>
void expect_error(Read read, int status, const std::string& body, errc code, const std::string& text)
{
    SCOPED_TRACE(body.substr(0, 200));
    const auto thrown = thrown_by([&] { read(status, body); });
    EXPECT_EQ(thrown.code, code);
    EXPECT_EQ(thrown.text, text);
}

template <class Read>
void expect_malformed(Read read, const std::string& body, const std::string& what)
{
    expect_error(read, 200, body, errc::malformed_reply, "malformed answer from the discharger: " + what);
}

/// What every reader does with a body that is not of the documented shape.
template <class Read>
void expect_bodies_checked(Read read)
{
    const std::string not_an_object = "it is not a JSON object of at most 64 KiB and 32 levels";
    for (const auto& body : {""s, "hidden"s, "[]"s, "7"s, "{"s, "{\"hidden\":\"\xff\"}"s, "{} {}"s, "\0"s, R"({"hidden)"s})
        expect_malformed(read, body, not_an_object);
    expect_malformed(read, R"({"a":")" + std::string(65'536, 'x') + R"("})", not_an_object);
    expect_malformed(read, R"({"a":)" + std::string(32, '[') + std::string(32, ']') + "}", not_an_object);
    expect_malformed(read, std::string(60'000, '['), not_an_object);
}

/// What every reader does with an HTTP status of failure.
template <class Read>
void expect_refusals(Read read, errc code, const std::string& prefix)
{
    expect_error(read, 500, R"({"Message":"invalid entity name or password"})", code, prefix + "invalid entity name or password");
    expect_error(read, 400, R"({"Code":"bad request","Message":"two\nlines"})", code, prefix + "two\\x0alines");
    expect_error(read, 502, "<html>", code, prefix + "HTTP status 502");
    expect_error(read, 500, R"({"Message":7})", code, prefix + "HTTP status 500");
    expect_error(read, 404, R"({"Message":""})", code, prefix + "HTTP status 404");
    expect_error(read, 204, "", code, prefix + "HTTP status 204");
    expect_error(read, 503, std::string(100'000, 'x'), code, prefix + "HTTP status 503");
    expect_error(read, 500, R"({"Message":")" + std::string(2'000, 'x') + R"("})", code, prefix + std::string(1'000, 'x') + "...");
    try {
        read(403, R"({"Code":"two\nlines","Message":"no\nway"})");
        FAIL();
    } catch (const juju::Error& error) {
        EXPECT_EQ(error.server_code(), "two\nlines");
        EXPECT_EQ(error.server_message(), "no\nway");
        EXPECT_EQ(error.outcome(), juju::Outcome::rejected);
        EXPECT_FALSE(error.connection_usable());
    }
}

} // namespace

TEST(DischargeForm, HasTheCaveat)
{
    const WipingString data = "\x03Hypothetical-encrypted-caveat";

    EXPECT_EQ(form("\x03\0"s, &data), "id64=AwA&caveat64=A0h5cG90aGV0aWNhbC1lbmNyeXB0ZWQtY2F2ZWF0");
    EXPECT_EQ(form("known"), "id=known");
    EXPECT_EQ(form("Az-09._~ +&=%/é"), "id=Az-09._%7E%20%2B%26%3D%25%2F%C3%A9");
}

TEST(DischargeForm, EncodesWhatIsNoPlainText)
{
    EXPECT_EQ(form("a\nb"), "id64=YQpi");
    EXPECT_EQ(form("a\x7f"), "id64=YX8");
    EXPECT_EQ(form("\xfe\xff\xfe"), "id64=_v_-");
}

TEST(DischargeForm, HasTheToken)
{
    const WipingString data = "\xff";

    EXPECT_EQ(form("known", &data, macaroons::Token("juju_userpass", "0123456789abcdef01234567")),
              "id=known&caveat64=_w&token=0123456789abcdef01234567&token-kind=juju_userpass");
    EXPECT_EQ(form("known", nullptr, macaroons::Token("a b", "\x01\xff")), "id=known&token64=Af8&token-kind=a%20b");
}

TEST(DischargeAnswer, MayBeAMacaroon)
{
    const auto answer = macaroons::read_discharge(200, discharge_answer);

    EXPECT_FALSE(answer.interaction);
    EXPECT_EQ(answer.macaroon.value().macaroon().json(), discharge);
}

TEST(DischargeAnswer, MayBeAMacaroonOfAnOlderVersion)
{
    const auto answer = macaroons::read_discharge(200, R"({"Macaroon":)"s + discharge + "}");

    EXPECT_EQ(answer.macaroon.value().macaroon().json(), discharge);
}

TEST(DischargeAnswer, MayAskForAPassword)
{
    for (const int status : {401, 407}) {
        const auto asked = interaction(status, interaction_answer);

        EXPECT_EQ(asked.message, "cannot discharge: interaction required");
        EXPECT_EQ(asked.userpass_url, "/auth/form");
        EXPECT_EQ(asked.methods, std::vector<std::string>{"juju_userpass"});
        EXPECT_FALSE(asked.visit_url);
        EXPECT_FALSE(asked.wait_token_url);
        EXPECT_FALSE(asked.legacy_visit_url);
        EXPECT_FALSE(asked.legacy_wait_url);
    }
}

TEST(DischargeAnswer, MayAskForABrowser)
{
    const auto asked = interaction(401, interaction_with(R"({"InteractionMethods":{"agent":{"login-url":"/a"},)"
                                                         R"("browser-window":{"VisitURL":"https://id/v","WaitTokenURL":"https://id/w"},)"
                                                         R"("form":null},"VisitURL":"/legacy","WaitURL":"/legacy-wait"})"));

    EXPECT_EQ(asked.visit_url, "https://id/v");
    EXPECT_EQ(asked.wait_token_url, "https://id/w");
    EXPECT_EQ(asked.legacy_visit_url, "/legacy");
    EXPECT_EQ(asked.legacy_wait_url, "/legacy-wait");
    EXPECT_EQ(asked.methods, (std::vector<std::string>{"agent", "browser-window", "form"}));
    EXPECT_FALSE(asked.userpass_url);
}

TEST(DischargeAnswer, MayOfferNoMethod)
{
    for (const auto& body : {R"({"Code":"interaction required","Message":"a\nb"})"s,
                             R"({"Code":"interaction required","Message":"a\nb","Info":{"InteractionMethods":{}}})"s}) {
        const auto asked = interaction(401, body);
        EXPECT_EQ(asked.message, "a\\x0ab");
        EXPECT_TRUE(asked.methods.empty());
    }
}

TEST(DischargeAnswer, MayBeMalformed)
{
    expect_bodies_checked(macaroons::read_discharge);
    expect_malformed(macaroons::read_discharge, "{}", "it has no Macaroon");
    expect_malformed(macaroons::read_discharge, R"({"Macaroon":null})", "it has no Macaroon");
    expect_malformed(macaroons::read_discharge, interaction_answer, "it has no Macaroon");
    expect_error(macaroons::read_discharge, 200, R"({"Macaroon":{}})", errc::malformed_reply, "malformed macaroon: it has no identifier");
}

TEST(DischargeAnswer, MayAskInAMalformedWay)
{
    const auto expect = [](const std::string& info, const std::string& what) {
        expect_error(macaroons::read_discharge, 401, interaction_with(info), errc::malformed_reply,
                     "malformed answer from the discharger: " + what);
    };
    expect("7", "Info is not an object");
    expect(R"({"VisitURL":"/v"})", "it has only one of VisitURL and WaitURL");
    expect(R"({"WaitURL":"/w"})", "it has only one of VisitURL and WaitURL");
    expect(R"({"VisitURL":7,"WaitURL":"/w"})", "VisitURL is not a text");
    expect(R"({"InteractionMethods":[]})", "InteractionMethods is not an object");
    expect(R"({"InteractionMethods":{"juju_userpass":"/auth/form"}})", "the data of an interaction method is not an object");
    expect(R"({"InteractionMethods":{"juju_userpass":{}}})", "juju_userpass has no url");
    expect(R"({"InteractionMethods":{"juju_userpass":{"url":7}}})", "url is not a text");
    expect(R"({"InteractionMethods":{"browser-window":null}})", "the data of an interaction method is not an object");
    expect(R"({"InteractionMethods":{"browser-window":{"VisitURL":"/v"}}})", "it has only one of VisitURL and WaitTokenURL");
    expect(R"({"InteractionMethods":{"browser-window":{}}})", "browser-window has no VisitURL");
}

TEST(DischargeAnswer, MayBeARefusal)
{
    expect_refusals(macaroons::read_discharge, errc::discharge_failed, "third party refused discharge: ");
    expect_error(macaroons::read_discharge, 401, R"({"Code":"macaroon discharge required","Message":"m"})", errc::discharge_failed,
                 "third party refused discharge: m");
    expect_error(macaroons::read_discharge, 401, R"({"Code":7,"Message":"m"})", errc::discharge_failed, "third party refused discharge: m");
}

TEST(DischargeAnswer, NeverEndsInAnotherException)
{
    for (const auto& whole : {discharge_answer, std::string(interaction_answer)}) {
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const char byte : "\0 \"\\{}[]:,x1\x80\xff"s) {
                std::string changed = whole;
                changed[at] = byte;
                for (const int status : {200, 401}) {
                    const auto thrown = thrown_by([&] { macaroons::read_discharge(status, changed); });
                    EXPECT_TRUE(thrown.text == "nothing" || thrown.code == errc::malformed_reply || thrown.code == errc::discharge_failed);
                }
            }
        }
    }
}

TEST(UserpassForm, IsJson)
{
    EXPECT_EQ(macaroons::userpass_form("bob", SecretValue("hunter2")), R"({"form":{"user":"bob","password":"hunter2"}})");
    EXPECT_EQ(macaroons::userpass_form("b\"", SecretValue("a\\\né")), R"({"form":{"user":"b\"","password":"a\\\né"}})");
}

TEST(UserpassForm, TakesTextsOnly)
{
    const auto password = thrown_by([] { macaroons::userpass_form("bob", SecretValue("hidden\xff")); });
    EXPECT_EQ(password.code, errc::invalid_argument);
    EXPECT_EQ(password.text, "the password is not valid UTF-8");

    const auto user = thrown_by([] { macaroons::userpass_form("\xff", SecretValue("hidden")); });
    EXPECT_EQ(user.code, errc::invalid_argument);
    EXPECT_EQ(user.text, "the user name is not valid UTF-8");
}

TEST(UserpassToken, IsDecoded)
{
    const auto token =
        macaroons::read_userpass_token(200, R"({"token":{"kind":"juju_userpass","value":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}})");

    EXPECT_EQ(token.kind, "juju_userpass");
    EXPECT_EQ(token.value, "0123456789abcdef01234567");
    EXPECT_EQ(macaroons::read_userpass_token(200, R"({"token":{"kind":"k","value":"eA=="}})").value, "x");
}

TEST(UserpassToken, MayBeRefused)
{
    expect_refusals(macaroons::read_userpass_token, errc::login_failed, "cannot submit form: ");
}

TEST(UserpassToken, MayBeMalformed)
{
    expect_bodies_checked(macaroons::read_userpass_token);
    for (const auto& body :
         {"{}"s, R"({"token":null})"s, R"({"token":"hidden"})"s, R"({"token":{}})"s, R"({"token":{"kind":"k","value":7}})"s})
        expect_malformed(macaroons::read_userpass_token, body, "it has no token");
    expect_malformed(macaroons::read_userpass_token, R"({"token":{"value":"eA=="}})", "the token has no kind");
    expect_malformed(macaroons::read_userpass_token, R"({"token":{"kind":"","value":"eA=="}})", "the token has no kind");
    expect_malformed(macaroons::read_userpass_token, R"({"token":{"kind":"k","value":"hidden!"}})", "the token is not base64");
    expect_malformed(macaroons::read_userpass_token, R"({"token":{"kind":"k","value":""}})", "the token is empty");
}

TEST(WaitToken, IsTextOrBase64)
{
    const auto text = macaroons::read_wait_token(200, R"({"kind":"dischargeid","token":"abc"})");
    EXPECT_EQ(text.kind, "dischargeid");
    EXPECT_EQ(text.value, "abc");

    const auto bytes = macaroons::read_wait_token(200, R"({"kind":"agent","token64":"_v8B"})");
    EXPECT_EQ(bytes.kind, "agent");
    EXPECT_EQ(bytes.value, "\xfe\xff\x01");
}

TEST(WaitToken, MayBeRefused)
{
    expect_refusals(macaroons::read_wait_token, errc::discharge_failed, "third party refused discharge: ");
}

TEST(WaitToken, MayBeMalformed)
{
    expect_bodies_checked(macaroons::read_wait_token);
    expect_malformed(macaroons::read_wait_token, R"({"kind":"k"})", "it has no token");
    expect_malformed(macaroons::read_wait_token, R"({"kind":"k","token":7})", "it has no token");
    expect_malformed(macaroons::read_wait_token, R"({"kind":"k","token":"hidden","token64":"eA"})", "it has both token and token64");
    expect_malformed(macaroons::read_wait_token, R"({"kind":"k","token64":"hidden!"})", "the token is not base64");
    expect_malformed(macaroons::read_wait_token, R"({"kind":"k","token":""})", "the token is empty");
    expect_malformed(macaroons::read_wait_token, R"({"token":"hidden"})", "the token has no kind");
}

TEST(LegacyWait, GivesTheDischarge)
{
    EXPECT_EQ(macaroons::read_legacy_wait(200, discharge_answer).macaroon().json(), discharge);
    EXPECT_EQ(macaroons::read_legacy_wait(200, R"({"Macaroon":)"s + discharge + "}").macaroon().json(), discharge);
}

TEST(LegacyWait, MayFail)
{
    expect_refusals(macaroons::read_legacy_wait, errc::discharge_failed, "third party refused discharge: ");
    expect_bodies_checked(macaroons::read_legacy_wait);
    expect_malformed(macaroons::read_legacy_wait, "{}", "it has no Macaroon");
}
