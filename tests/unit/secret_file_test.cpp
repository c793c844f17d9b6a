#include "secrets/secret_file.hpp"

#include "unit/content_support.hpp"

#include <juju/secret_content.hpp>

#include <gtest/gtest.h>

#include <pwd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {
namespace {

using test::TemporaryDirectory;
using test::thrown_by;

using Texts = std::map<std::string, std::string>;

const std::string in_quotes_advice = R"(; put a value that holds ": ", " #" or starts with a special character in quotes)";
const std::string mapping_advice = "\na secret file maps keys to single values, one key: value a line";
const std::string colon_problem = "could not find expected ':'; write key: value, with a space after the colon";

/// The entries of a file's text as they are before the rules for keys.
Texts parse(std::string_view text)
{
    Texts result;
    for (const auto& [key, value] : detail::parse_secret_file(text))
        result.emplace(key, value.text());
    return result;
}

std::string problem_of(std::string_view text)
{
    const auto thrown = thrown_by([&] { static_cast<void>(detail::parse_secret_file(text)); });
    EXPECT_EQ(thrown.code, errc::invalid_secret_file) << text;
    EXPECT_EQ(thrown.text.find("MARKER"), std::string::npos) << thrown.text;
    return thrown.text;
}

std::string repeated(std::string_view text, std::size_t count)
{
    std::string result;
    for (std::size_t i = 0; i < count; ++i)
        result += text;
    return result;
}

TEST(SecretFileJson, ReadsAnObjectOfStrings)
{
    EXPECT_EQ(parse(R"({"foo":"bar","two words":"a\"b\\c\/d","empty":""})"),
              (Texts{{"foo", "bar"}, {"two words", "a\"b\\c/d"}, {"empty", ""}}));
    EXPECT_EQ(parse(" \n{\t\"foo\" :\r\n \"bar\" } \n"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("{}"), Texts());
}

TEST(SecretFileJson, DecodesEscapes)
{
    EXPECT_EQ(parse(R"({"foo":"\u00e9\ud83d\ude00\n\t\u0000x","k\u0065y":"v"})"),
              (Texts{{"foo", std::string("\xc3\xa9\xf0\x9f\x98\x80\n\t\0x", 10)}, {"key", "v"}}));
}

TEST(SecretFileJson, TakesNullAsEmpty)
{
    EXPECT_EQ(parse(R"({"foo":null,"bar":"\ud83d\ude00"})"), (Texts{{"foo", ""}, {"bar", "\xf0\x9f\x98\x80"}}));
    EXPECT_EQ(parse("null"), Texts());
}

TEST(SecretFileJson, LastOfDuplicateKeysWins)
{
    EXPECT_EQ(parse(R"({"foo":"a","foo":"b"})"), (Texts{{"foo", "b"}}));
}

TEST(SecretFileJson, ReadsTheRestAsYaml)
{
    EXPECT_EQ(parse(R"({"port":5432,"flag":true,"big":1e400,"none":null,"text":"x"})"),
              (Texts{{"port", "5432"}, {"flag", "true"}, {"big", "1e400"}, {"none", ""}, {"text", "x"}}));
    EXPECT_EQ(parse("{\"foo\":\"bar\",}"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("{foo: bar}"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("{'foo': \"bar\"} # comment"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("\xef\xbb\xbf{\"foo\":\"bar\"}"), (Texts{{"foo", "bar"}}));
}

TEST(SecretFileJson, RefusesTrailingText)
{
    EXPECT_EQ(problem_of(R"({"foo":"MARKER"} x)"), "yaml: line 1: did not find expected key; begin each key in the same column");
    EXPECT_EQ(problem_of(R"({"foo":"MARKER"}{"bar":"MARKER"})"),
              "yaml: line 1: did not find expected key; begin each key in the same column");
    EXPECT_EQ(problem_of("{\"foo\":\"MARKER\"}\n{\"bar\":\"MARKER\"}"),
              "yaml: line 2: did not find expected key; begin each key in the same column");
}

TEST(SecretFileJson, RefusesNestedValues)
{
    EXPECT_EQ(problem_of("{\"foo\":\"MARKER\",\n\"bar\":{\"a\":\"MARKER\"}}"),
              "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!map into string" + mapping_advice);
    EXPECT_EQ(problem_of("[\"MARKER\"]"),
              "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into secrets.SecretData" + mapping_advice);
}

TEST(SecretFileYaml, KeepsTheLiteralTextOfScalars)
{
    EXPECT_EQ(parse("port: 5432\nv: 1.0\nb: yes\nd: 2024-01-01\nq: \"01\"\nhex: 0x1F\nf: 1e3\ns: 'it''s'\nt: ~x\nn: nullable\n"),
              (Texts{{"port", "5432"},
                     {"v", "1.0"},
                     {"b", "yes"},
                     {"d", "2024-01-01"},
                     {"q", "01"},
                     {"hex", "0x1F"},
                     {"f", "1e3"},
                     {"s", "it's"},
                     {"t", "~x"},
                     {"n", "nullable"}}));
    EXPECT_EQ(parse("db-url: postgres://u:p@h/x?a=P\ntoken: abc=\npw: a#b!c@d%e\n"),
              (Texts{{"db-url", "postgres://u:p@h/x?a=P"}, {"token", "abc="}, {"pw", "a#b!c@d%e"}}));
}

TEST(SecretFileYaml, TakesNullAsEmpty)
{
    EXPECT_EQ(parse("a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: !!null null\ng: !!null\nh: &x\ni: *x\n"),
              (Texts{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", ""}, {"g", ""}, {"h", ""}, {"i", ""}}));
    EXPECT_EQ(parse("a: 'null'\nb: \"~\"\nc: !!str null\nd: \"\"\n"), (Texts{{"a", "null"}, {"b", "~"}, {"c", "null"}, {"d", ""}}));
    EXPECT_EQ(problem_of("a: b\nc: !!null MARKER\n"), "yaml: line 2: cannot decode !!str as a !!null");
}

TEST(SecretFileYaml, DecodesBinary)
{
    EXPECT_EQ(parse("foo: !!binary AAEC\nbar: !!binary \"/w==\"\ncab: !!binary |\n  Zm9v\n  YmFy\n"),
              (Texts{{"foo", std::string("\0\x01\x02", 3)}, {"bar", "\xff"}, {"cab", "foobar"}}));
    EXPECT_EQ(problem_of("a: b\nfoo: !!binary MARKER\n"), "yaml: line 2: !!binary value contains invalid base64 data");
}

TEST(SecretFileYaml, KeepsTheTextOfOtherTags)
{
    EXPECT_EQ(parse("a: !!str 012\nb: !!int 7\nc: !custom v\nd: !<tag:yaml.org,2002:str> 1\n"),
              (Texts{{"a", "012"}, {"b", "7"}, {"c", "v"}, {"d", "1"}}));
}

TEST(SecretFileYaml, ReadsBlockScalars)
{
    EXPECT_EQ(
        parse("pem: |\n  -----BEGIN-----\n  x: y\n\n  # text\nkeep: |+\n  a\n\nstrip: |-\n  a\n\nfold: >\n  a\n  b\n\n  c\nlast: |\n  a"),
        (Texts{{"pem", "-----BEGIN-----\nx: y\n\n# text\n"}, {"keep", "a\n\n"}, {"strip", "a"}, {"fold", "a b\nc\n"}, {"last", "a"}}));
}

TEST(SecretFileYaml, TakesSpacesAtTheEndForABlankLine)
{
    EXPECT_EQ(parse("foo: >\n  a\n  "), (Texts{{"foo", "a\n"}}));
    EXPECT_EQ(parse("foo: |\n  a\n "), (Texts{{"foo", "a\n"}}));
    EXPECT_EQ(parse("foo: bar\n\t"), (Texts{{"foo", "bar"}}));
}

TEST(SecretFileYaml, ReadsEscapesAndLinesInQuotes)
{
    EXPECT_EQ(parse("a: \"\\0\\x41\\u00e9\\U0001F600\\n\\t\\\"\\\\\\N\\_\"\nb: 'one\n  two\n\n  three'\nc: \"one\n  two \\\n  three\"\n"),
              (Texts{{"a", std::string("\0A\xc3\xa9\xf0\x9f\x98\x80\n\t\"\\\xc2\x85\xc2\xa0", 16)},
                     {"b", "one two\nthree"},
                     {"c", "one two three"}}));
}

TEST(SecretFileYaml, TakesAllLineEndings)
{
    const Texts expected{{"foo", "bar"}, {"cab", "a\nb\n"}};

    EXPECT_EQ(parse("foo: bar\ncab: |\n  a\n  b\n"), expected);
    EXPECT_EQ(parse("foo: bar\r\ncab: |\r\n  a\r\n  b\r\n"), expected);
    EXPECT_EQ(parse("foo: bar\rcab: |\r  a\r  b\r"), expected);
}

TEST(SecretFileYaml, FollowsAliases)
{
    EXPECT_EQ(parse("a: &x value\nb: *x\nc: &x other\nd: *x\n*x : e\n"),
              (Texts{{"a", "value"}, {"b", "value"}, {"c", "other"}, {"d", "other"}, {"other", "e"}}));
    EXPECT_EQ(problem_of("a: *MARKER\n"), "yaml: line 1: the referenced anchor is not defined" + in_quotes_advice);
}

TEST(SecretFileYaml, MergesMappings)
{
    EXPECT_EQ(parse("<<: {a: 1, b: 2}\nb: own\n"), (Texts{{"a", "1"}, {"b", "own"}}));
    EXPECT_EQ(parse("b: own\n<<: {a: 1, b: 2}\n"), (Texts{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(parse("<<: [{a: first}, {a: second, b: 2}]\n"), (Texts{{"a", "first"}, {"b", "2"}}));
    EXPECT_EQ(parse("<<: [&x {a: 1}, {<<: *x, b: 2}]\n"), (Texts{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(parse("'<<': text\n"), (Texts{{"<<", "text"}}));
    for (const std::string text : {"<<: MARKER\n", "<<: ~\n", "<<: [MARKER]\n", "<<: [[a, b]]\n"})
        EXPECT_EQ(problem_of(text), "yaml: line 1: map merge requires map or sequence of maps as the value") << text;
}

TEST(SecretFileYaml, LastOfDuplicateKeysWins)
{
    EXPECT_EQ(parse("foo: a\nbar: x\nfoo: b\n"), (Texts{{"foo", "b"}, {"bar", "x"}}));
}

TEST(SecretFileYaml, ReadsTheFirstDocumentOnly)
{
    EXPECT_EQ(parse("foo: bar\n---\ncab: x\n"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("%YAML 1.1\n# comment\n---\nfoo: bar\n...\n{ not yaml"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("--- {foo: bar}\n--- x\n"), (Texts{{"foo", "bar"}}));
    EXPECT_EQ(parse("---\n---\nfoo: bar\n"), Texts());
    EXPECT_EQ(parse("foo: |\n  a\n  ---\n  b\n"), (Texts{{"foo", "a\n---\nb\n"}}));
}

TEST(SecretFileYaml, TakesNothingAsEmpty)
{
    for (const std::string_view text : {"", "\n", " \n\n", "# only a comment\n", "---\n", "--- ~\n", "null\n", "~", "{}", "\xef\xbb\xbf"})
        EXPECT_EQ(parse(text), Texts()) << text;
}

TEST(SecretFileYaml, RefusesMappingsAndListsAsValues)
{
    EXPECT_EQ(problem_of("foo: bar\nmap:\n  key: MARKER\n"),
              "yaml: unmarshal errors:\n  line 3: cannot unmarshal !!map into string" + mapping_advice);
    EXPECT_EQ(problem_of("foo: {a: MARKER}\nlist: [MARKER]\nok: fine\nmore:\n- MARKER\n"),
              "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string\n  line 2: cannot unmarshal !!seq into string\n"
              "  line 5: cannot unmarshal !!seq into string" +
                  mapping_advice);
    EXPECT_EQ(problem_of("? [MARKER]\n: x\n"), "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string" + mapping_advice);
    EXPECT_EQ(
        problem_of(repeated("a: []\n", 12)), "yaml: unmarshal errors:" + [] {
            std::string lines;
            for (int line = 1; line <= 10; ++line)
                lines += "\n  line " + std::to_string(line) + ": cannot unmarshal !!seq into string";
            return lines;
        }() + mapping_advice);
}

TEST(SecretFileYaml, RefusesDocumentsThatAreNoMapping)
{
    EXPECT_EQ(problem_of("- MARKER\n"),
              "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into secrets.SecretData" + mapping_advice);
    EXPECT_EQ(problem_of("\nMARKER\n"),
              "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str into secrets.SecretData" + mapping_advice);
    EXPECT_EQ(problem_of("\"MARKER\""),
              "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str into secrets.SecretData" + mapping_advice);
    EXPECT_EQ(problem_of("foo:MARKER"),
              "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str into secrets.SecretData" + mapping_advice);
}

TEST(SecretFileYaml, TellsTheLineOfASyntaxError)
{
    EXPECT_EQ(problem_of("a: b: MARKER\n"), "yaml: line 1: illegal map value" + in_quotes_advice);
    EXPECT_EQ(problem_of("foo: bar\nb: [MARKER\n"), "yaml: line 3: end of sequence flow not found" + in_quotes_advice);
    EXPECT_EQ(problem_of("foo: \"\\qMARKER\"\n"), "yaml: line 1: unknown escape character" + in_quotes_advice);
    EXPECT_EQ(problem_of("foo: bar\n  cab: MARKER\n"), "yaml: line 2: illegal map value" + in_quotes_advice);
}

// What follows is taken by yaml-cpp, with damage, but not by the juju command.

TEST(SecretFileYaml, RefusesQuotesThatAreNotClosed)
{
    const std::string problem = "found unexpected end of stream in a quoted value" + in_quotes_advice;

    EXPECT_EQ(problem_of("user: \"MARKER\npassword: MARKER\n"), "yaml: line 3: " + problem);
    EXPECT_EQ(problem_of("user: 'MARKER\n"), "yaml: line 2: " + problem);
    EXPECT_EQ(problem_of("user: \"MARKER"), "yaml: line 2: " + problem);
    EXPECT_EQ(problem_of("user: \""), "yaml: line 2: " + problem);
}

TEST(SecretFileYaml, RefusesLinesWithoutColon)
{
    EXPECT_EQ(problem_of("user: admin\npassword:MARKER\n"), "yaml: line 2: " + colon_problem);
    EXPECT_EQ(problem_of("user: admin\nMARKER\n"), "yaml: line 2: " + colon_problem);
    EXPECT_EQ(problem_of("user: admin\n# comment\nMARKER"), "yaml: line 3: " + colon_problem);
    EXPECT_EQ(problem_of("empty:\nMARKER\n"), "yaml: line 2: " + colon_problem);
    EXPECT_EQ(problem_of("user: &x MARKER\nempty:\n*x\n"), "yaml: line 3: " + colon_problem);
    EXPECT_EQ(problem_of("user: admin\nMARKER\nother: x\n"), "yaml: line 3: illegal map value" + in_quotes_advice);
    EXPECT_EQ(parse("? set\n? more\n: value\n"), (Texts{{"set", ""}, {"more", "value"}}));
    EXPECT_EQ(parse("{set, more: value}\n"), (Texts{{"set", ""}, {"more", "value"}}));
}

TEST(SecretFileYaml, RefusesTextBehindTheMapping)
{
    EXPECT_EQ(problem_of("  user: admin\npassword: MARKER\n"),
              "yaml: line 2: did not find expected key; begin each key in the same column");
    EXPECT_EQ(problem_of("user: admin\n%password: MARKER\n"), "yaml: line 3: did not find expected key; begin each key in the same column");
    EXPECT_EQ(problem_of(", user: MARKER\n"), "yaml: line 1: did not find expected key; begin each key in the same column");
    EXPECT_EQ(problem_of("...\nuser: MARKER\n"), "yaml: line 2: did not find expected key; begin each key in the same column");
}

TEST(SecretFileYaml, RefusesFoldedTextThatKeepsLineBreaks)
{
    const std::string problem = "folded text that keeps its last line breaks (>+) is not supported; write it with |+ or in double quotes";

    EXPECT_EQ(problem_of("foo: >+\n  MARKER\n\n"), "yaml: line 1: " + problem);
    EXPECT_EQ(problem_of("foo: x\nbar: &x !!str >2+\n   MARKER\n\n"), "yaml: line 2: " + problem);
    EXPECT_EQ(parse("foo: '>+ x'\nbar: >-\n  a\n"), (Texts{{"foo", ">+ x"}, {"bar", "a"}}));
}

TEST(SecretFileYaml, RefusesCharactersThatWouldBeDamaged)
{
    const std::string not_utf8 =
        "the text is not UTF-8; other bytes go into a value as !!binary, or as base64 under a key that ends in #base64";
    const std::string control = "control characters are not allowed; in double quotes they can be written as \\x01";

    EXPECT_EQ(problem_of("a: b\nfoo: MARKER\xff\n"), "yaml: line 2: " + not_utf8);
    EXPECT_EQ(problem_of("{\"foo\":\"\xc3\"}"), "yaml: line 1: " + not_utf8);
    EXPECT_EQ(problem_of(std::string_view("\xff\xfe"
                                          "a\0:\0",
                                          6)),
              "yaml: line 1: " + not_utf8);
    EXPECT_EQ(problem_of(std::string_view("foo: MARK\0ER", 12)), "yaml: line 1: " + control);
    EXPECT_EQ(problem_of("foo: a\x04\nbar: MARKER\n"), "yaml: line 1: " + control);
    EXPECT_EQ(parse("foo: a\tb\xc2\xa0\xe2\x80\xa8\n"), (Texts{{"foo", "a\tb\xc2\xa0\xe2\x80\xa8"}}));
}

TEST(SecretFileYaml, EndsWithDeepNesting)
{
    for (const std::string_view part : {"[", "{", "{a: ", "- ", "? ", "[a: ", "&a ["})
        EXPECT_EQ(problem_of(repeated(part, 900'000 / part.size())).substr(0, 11), "yaml: line ") << part;
    EXPECT_EQ(problem_of(repeated("- ", 600)), "yaml: line 1: nested too deeply" + in_quotes_advice);
}

TEST(SecretFileYaml, EndsWithAliasesThatStandForALot)
{
    std::string doubling = "<<: [&a0 {x: y}";
    std::string chain = doubling;
    for (int i = 1; i < 600; ++i) {
        const std::string anchor = ", &a" + std::to_string(i);
        const std::string alias = "*a" + std::to_string(i - 1);
        doubling += anchor + " {<<: [" + alias + ", " + alias + "]}";
        chain += anchor + " {<<: " + alias + "}";
    }
    const std::string aliasing = "yaml: line 1: document contains excessive aliasing";
    const std::string too_deep = "yaml: line 1: map merges are nested too deeply, or an anchor contains itself";

    EXPECT_EQ(problem_of(doubling.substr(0, doubling.find(", &a100 ")) + "]"), aliasing);
    EXPECT_EQ(problem_of(chain + "]"), too_deep);
    EXPECT_EQ(problem_of("<<: &a {<<: *a}"), too_deep);
    EXPECT_EQ(problem_of("x: &x " + std::string(100'000, 'y') + repeated("\nfoo: *x", 50)).substr(0, 11), "yaml: line ");
    EXPECT_EQ(parse("x: &x " + std::string(100'000, 'y') + repeated("\nfoo: *x", 30)).at("foo").size(), 100'000U);
}

TEST(SecretFileLimit, IsOneMillionBytes)
{
    const TemporaryDirectory directory;
    const std::string entry = "foo: bar\n#";
    const auto fits = directory.write("fits", entry + std::string(1'000'000 - entry.size(), 'x'));
    const auto large = directory.write("large", entry + std::string(1'000'001 - entry.size(), 'x'));

    EXPECT_EQ(SecretContent::from_file(fits), SecretContent("foo=bar"));
    const auto thrown = thrown_by([&] { SecretContent::from_file(large); });
    EXPECT_EQ(thrown.code, errc::content_too_large);
    EXPECT_EQ(thrown.text, "secret content in file \"" + large.string() + "\" too large: 1000001 bytes; the limit is 1000000");
    EXPECT_EQ(thrown_by([] { SecretContent::from_yaml(std::string(1'000'001, ' ')); }).text,
              "secret content too large: 1000001 bytes; the limit is 1000000");
}

TEST(SecretFileLimit, HoldsForValues)
{
    EXPECT_EQ(SecretContent::from_yaml("foo: " + std::string(750'000, 'x')).at("foo").size(), 750'000U);
    EXPECT_EQ(
        thrown_by([] { SecretContent::from_yaml("foo: " + std::string(750'001, 'x')); }).text,
        "base64 encoded secret content for key \"foo\" too large: 1000004 bytes; the limit is 1000000, for 750000 bytes before encoding");
    EXPECT_EQ(thrown_by([] { SecretContent::from_yaml("foo: " + std::string(400'000, 'x') + "\nbar: " + std::string(400'000, 'x')); }).text,
              "base64 encoded secret content too large: 1066672 bytes; the limit for all values together is 1000000");
}

TEST(SecretContentFromFile, AppliesTheRulesForKeys)
{
    EXPECT_EQ(SecretContent::from_yaml("foo#base64: YmFy\ncab#base64: |\n  Zm9v\n  YmFy\nempty:\n"),
              SecretContent("foo=bar", "cab=foobar").set("empty", ""));

    const std::string rule = " not valid: a key has three or more of a-z and 0-9, starts with a letter, and may have single dashes inside";
    for (const auto& [text, key] : std::vector<std::pair<std::string, std::string>>{{"foo#file: MARKER", "foo#file"},
                                                                                    {"fo: MARKER", "fo"},
                                                                                    {"~: MARKER", ""},
                                                                                    {"1: MARKER", "1"},
                                                                                    {"{\"Foo\\n\": \"MARKER\"}", "Foo\\n"},
                                                                                    {"fo#base64: MARKER", "fo"}}) {
        const auto thrown = thrown_by([&] { SecretContent::from_yaml(text); });
        EXPECT_EQ(thrown.code, errc::invalid_key) << text;
        EXPECT_EQ(thrown.text, "key \"" + key + "\"" + rule);
    }
    EXPECT_EQ(thrown_by([] { SecretContent::from_yaml("foo#base64: MARKER-1"); }).code, errc::invalid_base64);
}

TEST(SecretContentFromFile, SaysWhyAFileCannotBeRead)
{
    const TemporaryDirectory directory;
    const auto thrown = thrown_by([&] { SecretContent::from_file(directory.path() / "missing"); });

    EXPECT_EQ(thrown.code, errc::unreadable_file);
    EXPECT_EQ(thrown.text, "open " + directory.path().string() + "/missing: No such file or directory");
    EXPECT_EQ(thrown_by([&] { SecretContent::from_file(directory.path()); }).text,
              "read " + directory.path().string() + ": Is a directory");
}

TEST(SecretContentFromFile, ExpandsTheHomeDirectory)
{
    const TemporaryDirectory directory;
    directory.write("creds.yaml", "foo: bar\n");
    const char* old_home = std::getenv("HOME");
    const std::string saved = old_home != nullptr ? old_home : "";
    ::setenv("HOME", directory.path().c_str(), 1);

    EXPECT_EQ(SecretContent::from_file("~/creds.yaml"), SecretContent("foo=bar"));
    EXPECT_EQ(SecretContent::from_file("~/x/../creds.yaml"), SecretContent("foo=bar"));
    EXPECT_EQ(detail::normalize_path("~"), directory.path());
    EXPECT_EQ(detail::normalize_path("a/~/./b"), "a/~/b");

    if (old_home != nullptr)
        ::setenv("HOME", saved.c_str(), 1);
    else
        ::unsetenv("HOME");
}

TEST(SecretContentFromFile, ExpandsTheHomeDirectoryOfAUser)
{
    const passwd* const root = ::getpwnam("root");
    ASSERT_NE(root, nullptr);

    EXPECT_EQ(detail::normalize_path("~root/x"), std::string(root->pw_dir) + "/x");
}

} // namespace
} // namespace juju
