#include "unit/content_support.hpp"

#include "macaroons/bakery.hpp"
#include "macaroons/macaroon.hpp"
#include "wire/json.hpp"

#include <juju/error.hpp>
#include <juju/secret_value.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using juju::errc;
using juju::WipingString;
using juju::macaroons::BakeryMacaroon;
using juju::macaroons::Macaroon;
using juju::test::thrown_by;
using juju::wire::Json;
using namespace std::string_literals;

namespace {

/// client-store 4.3.
constexpr const char* primary_sample =
    R"({"c":[{"i":"time-before 2026-08-21T09:30:00Z"},)"
    R"({"i64":"AwA","v64":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-P0BBQkNERUZH",)"
    R"("l":"https://10.20.0.5:17070/auth"}],"l":"juju model 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01","i":"primary-id",)"
    R"("s64":"PYCWTvTScnprd8ShBin9Cwhx1otvdoZIrNzBEvCNuc4"})";
/// client-store 4.4, before it is bound to the primary.
constexpr const char* discharge_sample = R"({"c":[{"i":"declared username bob"},{"i":"time-before 2026-08-21T09:30:00Z"}],"i64":"AwA",)"
                                         R"("s64":"A38-91XPtVQsqFr1VlqSTAm-N3pPr-0RgP_I8D02yzE"})";
/// client-store 4.3, bound.
constexpr const char* bound_sample = R"({"c":[{"i":"declared username bob"},{"i":"time-before 2026-08-21T09:30:00Z"}],"i64":"AwA",)"
                                     R"("s64":"XIPltpeAxeohEhMjzk21K7hPQABAYhNQKyD64fyC93w"})";

constexpr const char* primary_hex = "3d80964ef4d2727a6b77c4a10629fd0b0871d68b6f768648acdcc112f08db9ce";
constexpr const char* discharge_hex = "037f3ef755cfb5542ca85af5565a924c09be377a4fafed1180ffc8f03d36cb31";
constexpr const char* bound_hex = "5c83e5b69780c5ea21121323ce4db52bb84f4000406213502b20fae1fc82f77c";

/// A macaroon in its four forms. Its signature is 0123456789abcdefghijklmnopqrstuv.
constexpr const char* json_1 = R"({"caveats":[{"cid":"time-before 2026-08-21T09:30:00Z"},)"
                               R"({"cid":"known","vid":"_v8B","cl":"https://id.example.com"}],"location":"juju","identifier":"primary-id",)"
                               R"("signature":"303132333435363738396162636465666768696a6b6c6d6e6f70717273747576"})";
constexpr const char* json_2 = R"({"c":[{"i":"time-before 2026-08-21T09:30:00Z"},)"
                               R"({"i":"known","v64":"_v8B","l":"https://id.example.com"}],"l":"juju","i":"primary-id",)"
                               R"("s64":"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY"})";
const std::string signature_1 = "002fsignature 0123456789abcdefghijklmnopqrstuv\n";
const std::string binary_1 = "0012location juju\n"
                             "001aidentifier primary-id\n"
                             "0029cid time-before 2026-08-21T09:30:00Z\n"
                             "000ecid known\n"
                             "000cvid \xfe\xff\x01\n"
                             "001ecl https://id.example.com\n" +
                             signature_1;
const std::string header_2 = "\x02"
                             "\x01\x04juju"
                             "\x02\x0aprimary-id\0"s;
const std::string first_party_2 = "\x02\x20time-before 2026-08-21T09:30:00Z\0"s;
const std::string third_party_2 = "\x01\x16https://id.example.com"
                                  "\x02\x05known"
                                  "\x04\x03\xfe\xff\x01\0"s;
const std::string end_2 = "\0"s;
const std::string signature_2 = "\x06\x20"
                                "0123456789abcdefghijklmnopqrstuv";
const std::string binary_2 = header_2 + first_party_2 + third_party_2 + end_2 + signature_2;

Macaroon parse(std::string_view json)
{
    return Macaroon::parse(Json::parse(json));
}

Json binary(std::string_view bytes)
{
    return Json(WipingString(juju::SecretValue(bytes).base64().text()));
}

/// A macaroon of version 2 with these members in front of its signature.
std::string with(const std::string& members)
{
    return "{" + members + R"(,"s64":"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY"})";
}

std::string with_conditions(const std::vector<std::string>& conditions)
{
    std::string caveats;
    for (const auto& condition : conditions)
        caveats += (caveats.empty() ? R"({"i":")" : R"(,{"i":")") + condition + R"("})";
    return with(R"("i":"x","c":[)" + caveats + "]");
}

/// Arrays in each other.
std::string nested(int levels)
{
    return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

juju::test::Thrown refusal(const Json& json)
{
    return thrown_by([&] { Macaroon::parse(json); });
}

void expect_malformed_value(const Json& json, const std::string& what)
{
    const auto thrown = refusal(json);
    EXPECT_EQ(thrown.code, errc::malformed_reply) << what;
    EXPECT_EQ(thrown.text, "malformed macaroon: " + what);
}

void expect_malformed(std::string_view json, const std::string& what)
{
    SCOPED_TRACE(json);
    expect_malformed_value(Json::parse(json), what);
}

void expect_malformed_bakery(std::string_view json, const std::string& what)
{
    SCOPED_TRACE(json);
    const auto thrown = thrown_by([&] { BakeryMacaroon::parse(Json::parse(json)); });
    EXPECT_EQ(thrown.code, errc::malformed_reply);
    EXPECT_EQ(thrown.text, "malformed macaroon: " + what);
}

void expect_the_sample(const Macaroon& macaroon)
{
    EXPECT_EQ(macaroon.location(), "juju");
    EXPECT_EQ(macaroon.id(), "primary-id");
    EXPECT_EQ(macaroon.cookie_name(), "macaroon-303132333435363738396162636465666768696a6b6c6d6e6f70717273747576");
    ASSERT_EQ(macaroon.caveats().size(), 2U);
    const auto& first = macaroon.caveats()[0];
    EXPECT_EQ(first.id, "time-before 2026-08-21T09:30:00Z");
    EXPECT_FALSE(first.verification_id);
    EXPECT_EQ(first.location, "");
    const auto& third = macaroon.caveats()[1];
    EXPECT_EQ(third.id, "known");
    EXPECT_EQ(third.verification_id, WipingString("\xfe\xff\x01"));
    EXPECT_EQ(third.location, "https://id.example.com");
}

} // namespace

TEST(Macaroon, IsReadInAllFourForms)
{
    {
        SCOPED_TRACE("JSON, version 1");
        expect_the_sample(parse(json_1));
    }
    {
        SCOPED_TRACE("JSON, version 2");
        expect_the_sample(parse(json_2));
    }
    {
        SCOPED_TRACE("binary, version 1");
        expect_the_sample(Macaroon::parse(binary(binary_1)));
    }
    SCOPED_TRACE("binary, version 2");
    expect_the_sample(Macaroon::parse(binary(binary_2)));
}

TEST(Macaroon, IsWrittenInItsVersion)
{
    EXPECT_EQ(parse(json_1).json(), json_1);
    EXPECT_EQ(parse(json_2).json(), json_2);
    EXPECT_EQ(Macaroon::parse(binary(binary_1)).json(), json_1);
    EXPECT_EQ(Macaroon::parse(binary(binary_2)).json(), json_2);
    EXPECT_EQ(parse(primary_sample).json(), primary_sample);
}

TEST(Macaroon, KeepsItsMembersAsTheyCame)
{
    const std::string text = R"({"s":"0123456789abcdefghijklmnopqrstuv","i64":"eA","c":[{"v":"key","i64":"eQ","l":""}],"l":"é \" \\"})";

    const auto macaroon = parse(text);

    EXPECT_EQ(macaroon.json(), WipingString(text));
    EXPECT_EQ(macaroon.id(), "x");
    EXPECT_EQ(macaroon.caveats().at(0).id, "y");
    EXPECT_EQ(macaroon.caveats().at(0).verification_id, WipingString("key"));
    EXPECT_EQ(macaroon.location(), "é \" \\");
}

TEST(Macaroon, DoesNotNeedLocationOrCaveats)
{
    for (const auto& text : {with(R"("i":"x")"), with(R"("i":"x","c":null,"l":null)"), with(R"("i":"x","c":[])")}) {
        const auto macaroon = parse(text);
        EXPECT_EQ(macaroon.location(), "") << text;
        EXPECT_TRUE(macaroon.caveats().empty()) << text;
        EXPECT_EQ(macaroon.json(), WipingString(text));
    }
    const auto binary_form = Macaroon::parse(binary("\x02\x02\x01x\0\0"s + signature_2));
    EXPECT_EQ(binary_form.json(), R"({"i":"x","s64":"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY"})");
}

TEST(Macaroon, TakesAnEmptyVerificationIdForNone)
{
    EXPECT_FALSE(parse(with(R"("i":"x","c":[{"i":"y","v64":""}])")).caveats().at(0).verification_id);
    EXPECT_FALSE(parse(with(R"("i":"x","c":[{"i":"y","v":null}])")).caveats().at(0).verification_id);
}

TEST(Macaroon, IsReadFromBase64OfEveryKind)
{
    // The bytes FE FF 01 make a character in which the alphabets differ; a byte more or less makes each padding.
    for (const char* location : {"juju", "juju1", "juju12"}) {
        std::string bytes =
            "\x02\x01"s + static_cast<char>(std::string_view(location).size()) + location + "\x02\x03\xfe\xff\xfe\0\0"s + signature_2;
        const std::string standard(juju::SecretValue(bytes).base64().text());
        std::string url = standard;
        for (char& c : url)
            c = c == '+' ? '-' : c == '/' ? '_' : c;
        EXPECT_NE(url, standard);
        for (const std::string& padded : {standard, url})
            for (const std::string& text : {padded, padded.substr(0, padded.find('='))})
                EXPECT_EQ(Macaroon::parse(Json(text)).location(), location) << text;
    }
}

TEST(Macaroon, ReadsNumbersOfSeveralBytes)
{
    const std::string id(200, 'x');
    EXPECT_EQ(Macaroon::parse(binary("\x02\x02\xc8\x01" + id + "\0\0"s + signature_2)).id(), WipingString(id));
}

TEST(Macaroon, WritesBytesThatAreNoTextAsBase64)
{
    const auto macaroon = Macaroon::parse(binary("\x02\x02\x02\x03\0\0\x02\x02\xc3\x28\0\0"s + signature_2));

    EXPECT_EQ(macaroon.id(), WipingString("\x03\0", 2));
    EXPECT_EQ(macaroon.json(), R"({"c":[{"i64":"wyg"}],"i64":"AwA","s64":"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY"})");
}

TEST(Macaroon, OfVersion1WithBytesThatAreNoTextBecomesVersion2)
{
    const auto macaroon = Macaroon::parse(binary("000elocation \n0011identifier \xff\n"
                                                 "000acid x\n" +
                                                 signature_1));

    EXPECT_EQ(macaroon.json(), R"({"c":[{"i":"x"}],"i64":"_w","s64":"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY"})");
}

TEST(Macaroon, NamesItsCookieAfterItsSignature)
{
    EXPECT_EQ(parse(primary_sample).cookie_name(), "macaroon-"s + primary_hex);
    EXPECT_EQ(parse(discharge_sample).cookie_name(), "macaroon-"s + discharge_hex);
    EXPECT_EQ(parse(bound_sample).cookie_name(), "macaroon-"s + bound_hex);
}

TEST(Binding, GivesTheDocumentedSignature)
{
    const auto discharge = parse(discharge_sample);

    const auto bound = discharge.bound_to(parse(primary_sample));

    EXPECT_EQ(bound.json(), bound_sample);
    EXPECT_EQ(bound.cookie_name(), "macaroon-"s + bound_hex);
    EXPECT_EQ(bound.id(), discharge.id());
    EXPECT_EQ(bound.caveats().size(), 2U);
    EXPECT_EQ(discharge.json(), discharge_sample);
}

TEST(Binding, ReplacesASignatureThatIsText)
{
    const std::string text = R"({"s":"0123456789abcdefghijklmnopqrstuv","i":"x"})";

    const auto bound = parse(text).bound_to(parse(primary_sample));

    const auto same = parse(with(R"("i":"x")")).bound_to(parse(primary_sample));
    EXPECT_EQ(bound.cookie_name(), same.cookie_name());
    EXPECT_NE(bound.cookie_name(), parse(text).cookie_name());
    const std::string json(bound.json());
    EXPECT_EQ(json.substr(0, 16), R"({"i":"x","s64":")");
    EXPECT_EQ(json.size(), 16 + 43 + 2U);
}

TEST(Binding, KeepsVersion1)
{
    const auto discharge = parse(R"({"identifier":"x","signature":")"s + discharge_hex + R"(","caveats":null})");

    const std::string bound(discharge.bound_to(parse(primary_sample)).json());

    EXPECT_EQ(bound, R"({"identifier":"x","signature":")"s + bound_hex + R"(","caveats":null})");
}

TEST(Binding, LeavesAMacaroonWithTheSignatureOfThePrimary)
{
    const auto discharge = parse(R"({"i":"x","s":"0123456789abcdefghijklmnopqrstuv"})");

    EXPECT_EQ(discharge.bound_to(parse(json_2)).json(), R"({"i":"x","s":"0123456789abcdefghijklmnopqrstuv"})");
}

TEST(Expiry, IsTheEarliestTime)
{
    using namespace std::chrono;
    const sys_time<nanoseconds> earliest = sys_days(2026y / August / 21) + 9h + 30min;

    EXPECT_EQ(parse(primary_sample).expiry(), earliest);
    EXPECT_EQ(parse(with_conditions({"time-before 2026-08-22T00:00:00Z", "time-before 2026-08-21T11:30:00.000000001+02:00"})).expiry(),
              earliest + 1ns);
    EXPECT_EQ(parse(with_conditions({"time-before 2026-08-21T09:30:00Z", "time-before soon", "time-before "})).expiry(), earliest);
}

TEST(Expiry, IsMissingWithoutATime)
{
    EXPECT_FALSE(parse(with(R"("i":"x")")).expiry());
    EXPECT_FALSE(parse(with_conditions({"declared username bob", "time-before", "time-before 2026-02-30T00:00:00Z"})).expiry());
    EXPECT_FALSE(parse(with_conditions({"not-time-before 2026-08-21T09:30:00Z", "time-before2026-08-21T09:30:00Z"})).expiry());
    EXPECT_FALSE(parse(with(R"("i":"x","c":[{"i":"time-before 2026-08-21T09:30:00Z","v":"z","l":"y"}])")).expiry());
}

TEST(MalformedMacaroon, OfJson)
{
    expect_malformed("7", "it is neither an object nor a text");
    expect_malformed("null", "it is neither an object nor a text");
    expect_malformed("[]", "it is neither an object nor a text");
    expect_malformed("{}", "it has no identifier");
    expect_malformed(with(R"("i":"")"), "it has no identifier");
    expect_malformed(with(R"("i":7)"), "i is not a text");
    expect_malformed(with(R"("i64":7)"), "i64 is not a text");
    expect_malformed(with(R"("i64":"A")"), "i64 is not base64");
    expect_malformed(with(R"("i64":"A-/A")"), "i64 is not base64");
    expect_malformed(with(R"("i":"x","i64":"eA")"), "it has both i and i64");
    expect_malformed(with(R"("i":"x","s":"y")"), "it has both s and s64");
    expect_malformed(with(R"("i":"x","l":[])"), "l is not a text");
    expect_malformed(with(R"("i":"x","c":{})"), "c is not a list");
    expect_malformed(with(R"("i":"x","c":["y"])"), "a caveat is not an object");
    expect_malformed(with(R"("i":"x","c":[{}])"), "it has a caveat without identifier");
    expect_malformed(with(R"("i":"x","c":[{"i":"y","v":"z","v64":"eg"}])"), "it has both v and v64");
    expect_malformed(with(R"("i":"x","c":[{"i":"y","v64":"!"}])"), "v64 is not base64");
    expect_malformed(with(R"("i":"x","c":[{"i":"y","l":1}])"), "l is not a text");
    expect_malformed(R"({"i":"x"})", "it has no signature of 32 bytes");
    expect_malformed(R"({"i":"x","s":"0123456789abcdefghijklmnopqrstu"})", "it has no signature of 32 bytes");
    expect_malformed(R"({"i":"x","s":"0123456789abcdefghijklmnopqrstuvw"})", "it has no signature of 32 bytes");
}

TEST(MalformedMacaroon, OfJsonVersion1)
{
    expect_malformed(R"({"signature":"00"})", "it has no identifier");
    expect_malformed(R"({"identifier":"x"})", "it has no signature of 32 bytes");
    expect_malformed(R"({"identifier":"x","signature":"00"})", "it has no signature of 32 bytes");
    expect_malformed(R"({"identifier":"x","signature":"000"})", "signature is not hex");
    expect_malformed(R"({"identifier":"x","signature":"0g"})", "signature is not hex");
    expect_malformed(R"({"identifier":"x","signature":5})", "signature is not a text");
    expect_malformed(R"({"identifier":"x","signature":"","caveats":7})", "caveats is not a list");
    expect_malformed(R"({"identifier":"x","signature":"","caveats":[{"vid":"eA"}]})", "it has a caveat without identifier");
    expect_malformed(R"({"identifier":"x","signature":"","caveats":[{"cid":"y","vid":"!"}]})", "vid is not base64");
    expect_malformed(R"({"identifier":"x","signature":"","caveats":[{"cid":"y","cl":{}}]})", "cl is not a text");
}

TEST(MalformedMacaroon, OfBinaryVersion1)
{
    expect_malformed_value(Json("***"), "it is not base64");
    expect_malformed_value(Json(""), "its binary form is empty");
    const std::string location = "0012location juju\n";
    const std::string id = "001aidentifier primary-id\n";
    expect_malformed_value(binary("xyz0"), "its binary form has a packet without size");
    expect_malformed_value(binary("0004"), "its binary form has a packet without contents");
    expect_malformed_value(binary("0012location juju "), "its binary form has a packet of another shape");
    expect_malformed_value(binary("0012location:juju\n"), "its binary form has a packet of another shape");
    expect_malformed_value(binary("0005\n"), "its binary form has a packet of another shape");
    expect_malformed_value(binary(id), "its binary form has no location where it must be");
    expect_malformed_value(binary(location + signature_1), "its binary form has no identifier where it must be");
    expect_malformed_value(binary(location + id + "000avid x\n"), "its binary form has a packet where none of its kind may be");
    expect_malformed_value(binary(location + id + "000acid x\n000aabc x\n"), "its binary form has a packet where none of its kind may be");
    expect_malformed_value(binary(location + id + "000acid x\n000avid x\n000avid y\n"), "its binary form has a packet twice");
    expect_malformed_value(binary(location + id + "000acid x\n0009cl x\n0009cl y\n"), "its binary form has a packet twice");
    expect_malformed_value(binary(location + id + "0010signature 0\n"), "it has no signature of 32 bytes");
    expect_malformed_value(binary(location + "0010identifier \n" + signature_1), "it has no identifier");
    expect_malformed_value(binary(binary_1 + "\n"), "its binary form goes on behind the signature");
    expect_malformed_value(binary("000flocation \xff\n" + id + signature_1), "a location in it is not UTF-8");
    expect_malformed_value(binary(location + id + "000acid x\n0009cl \xff\n" + signature_1), "a location in it is not UTF-8");
}

TEST(MalformedMacaroon, OfBinaryVersion2)
{
    expect_malformed_value(binary("\x02\0"s), "its binary form does not start with its identifier");
    expect_malformed_value(binary("\x02\x02\x01x\x04\x01y\0"s), "its binary form does not start with its identifier");
    expect_malformed_value(binary("\x02\x01\x01x\0"s), "its binary form has a section without identifier");
    expect_malformed_value(binary(header_2 + "\x01\x01x\0"s), "its binary form has a section without identifier");
    expect_malformed_value(binary("\x02\x02\x01x\x02\x01y\0"s), "its binary form has fields twice or in disorder");
    expect_malformed_value(binary("\x02\x02\x01x\x01\x01y\0"s), "its binary form has fields twice or in disorder");
    expect_malformed_value(binary("\x02\x02\x01x\x03\x01y\0"s), "its binary form has a field of unknown type");
    expect_malformed_value(binary("\x02\x02\x01x\x06\x01y\0"s), "its binary form has a field of unknown type");
    expect_malformed_value(binary("\x02\x02\xff\xff\xff\xff\x01x"s), "a number in its binary form is too large");
    expect_malformed_value(binary(header_2 + end_2 + "\x05\x01x"), "its binary form has no signature where it must be");
    expect_malformed_value(binary(header_2 + end_2 + "\x06\x01x"), "it has no signature of 32 bytes");
    expect_malformed_value(binary(header_2 + end_2 + "\x06\0"s), "it has no signature of 32 bytes");
    expect_malformed_value(binary(binary_2 + end_2), "its binary form goes on behind the signature");
    expect_malformed_value(binary("\x02\x01\x01\xff\x02\x01x\0\0"s + signature_2), "a location in it is not UTF-8");
}

TEST(MalformedMacaroon, IsEveryBeginningOfABinaryOne)
{
    for (const auto& whole : {binary_1, binary_2})
        for (std::size_t size = 1; size < whole.size(); ++size)
            expect_malformed_value(binary(whole.substr(0, size)), "its binary form is cut off");
}

TEST(MalformedMacaroon, NeverEndsInAnotherException)
{
    for (const auto& whole : {binary_1, binary_2}) {
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const char byte : "\0\x01\x02\x04\x06\x7f\x80\xff\n 09af"s) {
                std::string changed = whole;
                changed[at] = byte;
                const auto thrown = thrown_by([&] { Macaroon::parse(binary(changed)).json(); });
                EXPECT_TRUE(thrown.text == "nothing" || thrown.code == errc::malformed_reply) << at << ' ' << int(byte);
            }
        }
    }
}

TEST(MalformedMacaroon, KeepsItsContentsOutOfTheText)
{
    const std::vector<std::string> texts = {
        R"({"i":"hidden","s":"hidden"})",
        R"({"i":["hidden"]})",
        R"({"i64":"hidden!"})",
        R"({"identifier":"hidden","signature":"hidden"})",
        R"({"i":"x","c":[{"i":"hidden","v64":"hidden!"}]})",
        R"({"i":"x","c":["hidden"]})",
        R"({"hidden":7})",
        R"("hidden!")",
        R"("aGlkZGVuaGlkZGVu")",
    };
    for (const auto& text : texts) {
        const auto thrown = refusal(Json::parse(text));
        EXPECT_EQ(thrown.code, errc::malformed_reply) << text;
        EXPECT_EQ(thrown.text.find("hidden"), std::string::npos) << thrown.text;
    }
}

TEST(MacaroonLimits, OfCaveats)
{
    EXPECT_EQ(parse(with_conditions(std::vector<std::string>(100, "x"))).caveats().size(), 100U);
    expect_malformed(with_conditions(std::vector<std::string>(101, "x")), "it has more than 100 caveats");

    std::string caveats_1;
    std::string caveats_2;
    for (int i = 0; i < 100; ++i) {
        caveats_1 += "000acid x\n";
        caveats_2 += "\x02\x01x\0"s;
    }
    const std::string header_1 = "0012location juju\n0011identifier x\n";
    EXPECT_EQ(Macaroon::parse(binary(header_1 + caveats_1 + signature_1)).caveats().size(), 100U);
    EXPECT_EQ(Macaroon::parse(binary(header_2 + caveats_2 + end_2 + signature_2)).caveats().size(), 100U);
    expect_malformed_value(binary(header_1 + caveats_1 + "000acid x\n" + signature_1), "it has more than 100 caveats");
    expect_malformed_value(binary(header_2 + caveats_2 + "\x02\x01x\0"s + end_2 + signature_2), "it has more than 100 caveats");
}

TEST(MacaroonLimits, OfSize)
{
    EXPECT_EQ(parse(with(R"("i":")" + std::string(65'000, 'x') + '"')).id().size(), 65'000U);
    expect_malformed(with(R"("i":")" + std::string(65'536, 'x') + '"'), "it has more than 64 KiB");
    expect_malformed(with(R"("i":"x",")" + std::string(65'536, 'x') + R"(":1)"), "it has more than 64 KiB");
    expect_malformed_value(Json(WipingString(65'537, 'A')), "it has more than 64 KiB");

    std::string numbers = "0";
    for (int i = 0; i < 65'536; ++i)
        numbers += ",0";
    expect_malformed(with(R"("i":"x","y":[)" + numbers + "]"), "it has more than 64 KiB");
}

TEST(MacaroonLimits, OfNesting)
{
    EXPECT_EQ(parse(with(R"("i":"x","y":)" + nested(31))).id(), "x");
    expect_malformed(with(R"("i":"x","y":)" + nested(32)), "it is nested more than 32 levels deep");
    expect_malformed(nested(5'000), "it is nested more than 32 levels deep");
}

TEST(MacaroonLimits, OfCharacters)
{
    Json json = Json::parse(json_2);
    json["l"] = "\xff";
    expect_malformed_value(json, "a text in it is not UTF-8");
    json = Json::parse(json_2);
    json["\xff"] = 1;
    expect_malformed_value(json, "a text in it is not UTF-8");
}

TEST(BakeryMacaroon, OfVersion3HasCaveatData)
{
    // client-store 4.2.
    const auto wrapped = BakeryMacaroon::parse(
        Json::parse(R"({"m":)"s + primary_sample + R"(,"v":3,"cdata":{"AwA":"A0h5cG90aGV0aWNhbC1lbmNyeXB0ZWQtY2F2ZWF0"},"ns":"std:"})"));

    EXPECT_EQ(wrapped.macaroon().json(), primary_sample);
    const auto* data = wrapped.caveat_data(wrapped.macaroon().caveats().at(1).id);
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(*data, WipingString("\x03Hypothetical-encrypted-caveat"));
    EXPECT_EQ(wrapped.caveat_data("AwA"), nullptr);
    EXPECT_EQ(wrapped.caveat_data(""), nullptr);
}

TEST(BakeryMacaroon, MayLackCaveatData)
{
    // client-store 4.4.
    const auto wrapped = BakeryMacaroon::parse(Json::parse(R"({"m":)"s + discharge_sample + R"(,"v":3,"ns":"std:"})"));

    EXPECT_EQ(wrapped.macaroon().json(), discharge_sample);
    EXPECT_EQ(wrapped.caveat_data(wrapped.macaroon().id()), nullptr);
}

TEST(BakeryMacaroon, MayBeBare)
{
    EXPECT_EQ(BakeryMacaroon::parse(Json::parse(json_1)).macaroon().json(), json_1);
    EXPECT_EQ(BakeryMacaroon::parse(Json::parse(json_2)).macaroon().json(), json_2);
    EXPECT_EQ(BakeryMacaroon::parse(binary(binary_2)).macaroon().json(), json_2);
}

TEST(BakeryMacaroon, MayBeMalformed)
{
    const std::string m = R"({"m":)"s + json_2;
    expect_malformed_bakery("7", "it is neither an object nor a text");
    expect_malformed_bakery("{}", "it has no identifier");
    expect_malformed_bakery(R"({"m":{},"v":3})", "it has no identifier");
    expect_malformed_bakery(R"({"m":7,"v":3})", "it is neither an object nor a text");
    expect_malformed_bakery(m + "}", "v is not 3");
    expect_malformed_bakery(m + R"(,"v":4})", "v is not 3");
    expect_malformed_bakery(m + R"(,"v":"3"})", "v is not 3");
    expect_malformed_bakery(m + R"(,"v":3.5})", "v is not 3");
    expect_malformed_bakery(m + R"(,"v":3,"cdata":[]})", "cdata is not an object");
    expect_malformed_bakery(m + R"(,"v":3,"cdata":{"AwA":1}})", "a value of cdata is not a text");
    expect_malformed_bakery(m + R"(,"v":3,"cdata":{"AwA":"!"}})", "a value of cdata is not base64");
    expect_malformed_bakery(m + R"(,"v":3,"cdata":{"!":"AwA"}})", "a caveat id of cdata is not base64");
    expect_malformed_bakery(m + R"(,"v":3,"cdata":{"AwA":")" + std::string(65'536, 'A') + R"("}})", "it has more than 64 KiB");
    expect_malformed_bakery(m + R"(,"v":3,"ns":)" + nested(32) + "}", "it is nested more than 32 levels deep");
}
