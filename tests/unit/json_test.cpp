// The JSON that is read into memory, beside what nlohmann's own parser makes of it: the same texts are JSON, and mean the same.

#include "wire/json.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace juju::wire {
namespace {

using Reference = nlohmann::ordered_json;

/// What the other parser makes of it; empty when it is no JSON for it.
std::string reference(const std::string& text)
{
    if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string::npos)
        return {};
    const auto json = Reference::parse(text, nullptr, false);
    return json.is_discarded() ? std::string() : json.dump();
}

std::string parsed(const std::string& text)
{
    const Json json = parse_json(text);
    return json.is_discarded() ? std::string() : std::string(json.dump());
}

TEST(Json, MeansTheSameAsForNlohmann)
{
    const std::vector<std::string> texts{
        "null",
        "true",
        "false",
        " 1 ",
        "-0",
        "0",
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "1.5",
        "1e5",
        "1E+5",
        "1e-5",
        "0.1e1",
        "1e-400",
        "0.0000001e-330",
        "\"\"",
        "\"a\"",
        "[]",
        "{}",
        "[1,[2,{}],\"x\"]",
        R"({"a":1,"b":{"c":[null,true]},"a":2})",
        R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")",
        R"("\u0000")",
        "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
        "\t[\r\n1 , 2 ]\n",
        R"({"a" : "b" , "c" : [ ] })",
        "\"\x7f\"",
    };
    for (const auto& text : texts) {
        EXPECT_FALSE(reference(text).empty()) << text;
        EXPECT_EQ(parsed(text), reference(text)) << text;
    }
}

TEST(Json, KeepsNumbersInTheSameKinds)
{
    EXPECT_TRUE(parse_json("1").is_number_unsigned());
    EXPECT_TRUE(parse_json("-1").is_number_integer());
    EXPECT_FALSE(parse_json("-1").is_number_unsigned());
    EXPECT_TRUE(parse_json("1.0").is_number_float());
    EXPECT_TRUE(parse_json("18446744073709551616").is_number_float());
}

TEST(Json, SaysWhatIsNone)
{
    const std::vector<std::pair<std::string, std::size_t>> cases{
        {"", 0},
        {" ", 1},
        {"x", 0},
        {"tru", 3},
        {"trux", 3},
        {"nul1", 3},
        {"01", 1},
        {"-", 1},
        {"+1", 0},
        {"1.", 2},
        {".5", 0},
        {"1e", 2},
        {"1e+", 3},
        {"1x", 1},
        {"[", 1},
        {"[1", 2},
        {"[1,", 3},
        {"[1,]", 3},
        {"[,1]", 1},
        {"[1 2]", 3},
        {"[1}", 2},
        {"{", 1},
        {"{1:2}", 1},
        {R"({"a"})", 4},
        {R"({"a":})", 5},
        {R"({"a":1,})", 7},
        {R"({"a":1 "b":2})", 9},
        {R"({"a":1])", 6},
        {"[]]", 2},
        {"[] x", 3},
        {"\"a", 2},
        {"\"\\", 2},
        {R"("\x")", 2},
        {R"("\u12g4")", 5},
        {R"("\ud800")", 7},
        {R"("\ud800\u0041")", 12},
        {R"("\udc00")", 6},
        {"\"\n\"", 1},
        {"\"\xff\"", 1},
        {"\"\xc0\xaf\"", 1},
        {"\"\xed\xa0\x80\"", 2},
        {"\"\xf4\x90\x80\x80\"", 2},
        {"\"\xe2\x82\"", 3},
        {"\xef\xbb\xbf[]", 0},
        {std::string("[]\0", 3), 2},
        {"'a'", 0},
        {"/**/1", 0},
    };
    for (const auto& [text, at] : cases) {
        EXPECT_EQ(reference(text), "") << text;
        const auto read = read_json(text);
        EXPECT_TRUE(read.json.is_discarded()) << text;
        EXPECT_EQ(read.broken_at, std::optional<std::size_t>(at)) << text;
        EXPECT_EQ(find_json_fault(text), read.broken_at) << text;
    }
}

TEST(Json, HasNoRoomForSomeNumbers)
{
    for (const auto& text :
         {std::string("1e999"), std::string("[-1e999]"), std::string(R"({"a":1e400,"b":1})"), std::string(400, '9') + "e400"}) {
        const auto read = read_json(text);
        EXPECT_TRUE(read.json.is_discarded()) << text;
        EXPECT_FALSE(read.broken_at) << text;
        EXPECT_FALSE(find_json_fault(text)) << text;
    }
}

TEST(Json, IsLookedAtWithoutATree)
{
    for (const std::string text : {"null", "[]", "{}", R"({"a":[1,-2.5e3,true,false,null,"\ud83d\ude00"],"b":{"c":{}},"a":""})", " 0 "})
        EXPECT_FALSE(find_json_fault(text)) << text;
    std::string wide = "{";
    for (int i = 0; i < 100'000; ++i)
        wide += "\"name" + std::to_string(i) + "\":" + std::to_string(i) + ',';
    wide.back() = '}';
    EXPECT_FALSE(find_json_fault(wide));
    EXPECT_EQ(find_json_fault(wide + ']'), std::optional<std::size_t>(wide.size()));
}

std::string nested(std::size_t levels)
{
    return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Json, IsReadUpTo64Levels)
{
    EXPECT_EQ(parse_json(nested(64)).dump(), WipingString(nested(64)));
    EXPECT_TRUE(parse_json(nested(65)).is_discarded());
    EXPECT_EQ(parse_json("[" + nested(63) + "," + nested(63) + "]").size(), 2U);
}

TEST(Json, TakesNoStackForWhatIsNestedDeeper)
{
    const std::size_t deep = 1'000'000;
    for (const auto& text : {nested(deep), R"({"a":)" + nested(deep) + R"(,"b":1,"c":2})"}) {
        EXPECT_TRUE(read_json(text).json.is_discarded());
        EXPECT_FALSE(read_json(text).broken_at);
    }
    EXPECT_EQ(read_json(std::string(deep, '[')).broken_at, std::optional<std::size_t>(deep));
    EXPECT_FALSE(find_json_fault(nested(deep)));
    EXPECT_EQ(find_json_fault(std::string(deep, '[')), std::optional<std::size_t>(deep));
}

TEST(Json, WritesNoTextThatIsNotUtf8)
{
    EXPECT_EQ(dump(parse_json(R"( { "a" : [ 1 , "\u00e9" ] } )")), "{\"a\":[1,\"\xc3\xa9\"]}");
    try {
        dump(Json(WipingString("MARKER\xff")));
        ADD_FAILURE() << "it was written";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::invalid_argument);
        EXPECT_STREQ(error.what(), "a text in the request is not valid UTF-8");
    }
}

TEST(Json, AgreesOnDamagedTexts)
{
    const std::vector<std::string> seeds{
        R"({"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true},"e":"\ud83d\ude00"})",
        R"([{"i":"AwA","s64":"dGhl","c":[{"i64":"x","v64":"y","l":"https://127.0.0.1:17070/auth"}]}])",
    };
    constexpr std::string_view characters = "{}[]\",:\\ue01 -+.tfn\xc3\xa9\xed\x80/";
    std::minstd_rand random(20260820);
    for (int round = 0; round < 20'000; ++round) {
        auto text = seeds[random() % seeds.size()];
        for (auto changes = random() % 4; changes > 0; --changes) {
            const auto at = random() % text.size();
            const char c = characters[random() % characters.size()];
            if (random() % 3 == 0)
                text.erase(at, 1 + random() % 3);
            else if (random() % 2 == 0)
                text.insert(at, 1, c);
            else
                text[at] = c;
        }
        ASSERT_EQ(parsed(text), reference(text)) << text;
    }
}

} // namespace
} // namespace juju::wire
