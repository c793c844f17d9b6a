// The words that yaml-cpp does not get to see.

#include "yaml_mask.hpp"

#include <juju/secret_content.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace juju::detail {
namespace {

std::string masked(std::string_view text)
{
    YamlMask mask(text);
    EXPECT_EQ(mask.text().size(), text.size()) << "columns stay";
    EXPECT_EQ(mask.restored(mask.text()), text);
    return std::string(mask.text());
}

TEST(YamlMask, TakesWordsOut)
{
    EXPECT_EQ(masked("user: abcd"), "\xc5\x80\xc4\x80: \xc5\x80\xc4\x81");
    EXPECT_EQ(masked("a: abcde # abcde"), "a: \xc5\x81\xc4\x80x # \xc5\x81\xc4\x80x") << "the same word, the same letters";
    EXPECT_EQ(masked("k-1: p4ss-w0rd_A1b2"), "k-1: \xc5\x80\xc4\x80-\xc5\x80\xc4\x81_\xc5\x80\xc4\x82");
}

TEST(YamlMask, LeavesWhatYamlReads)
{
    for (const char* const text : {"", "a: b", "abc: 12", "a: null\nb: Null\nc: NULL", "%YAML 1.2000\n%TAG !lots! tag:example.com,2000:\n",
                                   "a: !!binary |\n", "- !lots!more a", R"("\x4142\n\u00e9\U0001F600\\a")", "[!word,!word]"})
        EXPECT_EQ(masked(text), text);
}

TEST(YamlMask, TakesLettersThatTheTextHasNot)
{
    EXPECT_EQ(masked("\xc4\x85: word"), "\xc4\x85: \xc7\x80\xc6\x80");
    EXPECT_EQ(masked("\xc5\x85: word"), "\xc5\x85: \xc7\x80\xc6\x80");
    EXPECT_EQ(masked(R"("\u0105": word)"), "\"\\u0105\": \xc7\x80\xc6\x80");
    EXPECT_EQ(masked(R"("\U00000145": word)"), "\"\\U00000145\": \xc7\x80\xc6\x80");
    std::string all;
    for (unsigned byte = 0xc4; byte <= 0xdf; ++byte)
        (all += static_cast<char>(byte)) += '\x80';
    EXPECT_EQ(masked(all + " word"), all + " word") << "there are none";
}

TEST(YamlMask, HasLettersForManyWords)
{
    std::string text;
    for (int i = 1000; i < 1100; ++i)
        text += std::to_string(i) + ' ' + std::to_string(i * 100) + ' ' + std::to_string(i * 10'000) + ' ';
    const auto result = masked(text);
    EXPECT_NE(result.find("1099 "), std::string::npos) << "of four letters there are 64";
    EXPECT_EQ(result.find("1063 "), std::string::npos);
    EXPECT_EQ(result.find("109900 "), std::string::npos);
    EXPECT_EQ(result.find("10990000 "), std::string::npos);
}

/// The value of the key in a YAML text.
std::string value(const std::string& text)
{
    return std::string(SecretContent::from_yaml(text).at("some-key").text());
}

TEST(YamlMask, ComesBackFromEveryKindOfScalar)
{
    EXPECT_EQ(value("some-key: word other-word"), "word other-word");
    EXPECT_EQ(value("some-key: 'it''s word'"), "it's word");
    EXPECT_EQ(value(R"(some-key: "word\nword\x41word\\word\u0105word\tx")"), "word\nwordAword\\word\xc4\x85word\tx");
    EXPECT_EQ(value(R"(some-key: "\Nword\_\N \_word\_")"), "\xc2\x85word\xc2\xa0\xc2\x85 \xc2\xa0word\xc2\xa0") << "of Latin-1";
    EXPECT_EQ(value("some-key: \"\xc3\xa0\\_\xe0\xa0\x85\\N\""), "\xc3\xa0\xc2\xa0\xe0\xa0\x85\xc2\x85") << "beside others of their bytes";
    EXPECT_EQ(value("some-key: \"word\\\n  word\""), "wordword");
    EXPECT_EQ(value("some-key: |\n  word\n  other\n"), "word\nother\n");
    EXPECT_EQ(value("some-key: >-\n  word\n  other\n"), "word other");
    EXPECT_EQ(value("some-key: word\n  other"), "word other");
    EXPECT_EQ(value("{some-key: word}"), "word");
    EXPECT_EQ(value("other-key: &anchor word\nsome-key: *anchor"), "word");
    EXPECT_EQ(value("some-key: !!binary d29yZHM="), "words");
    EXPECT_EQ(value("some-key: !!str word"), "word");
    EXPECT_EQ(value("some-key: C:\\xdirectory\\temporary"), "C:\\xdirectory\\temporary");
    EXPECT_EQ(value("some-key: 12345678"), "12345678");
    EXPECT_EQ(value("some-key: \xc4\x85word"), "\xc4\x85word");
    EXPECT_EQ(value("some-key: word!word !word"), "word!word !word");
}

} // namespace
} // namespace juju::detail
