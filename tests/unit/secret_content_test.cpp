#include <juju/secret_content.hpp>

#include "unit/content_support.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace juju {
namespace {

using test::TemporaryDirectory;
using test::Thrown;
using test::thrown_by;

static_assert(!std::is_aggregate_v<SecretContent>);
static_assert(std::is_nothrow_move_constructible_v<SecretContent>);

const std::string key_rule = " not valid: a key has three or more of a-z and 0-9, starts with a letter, and may have single dashes inside";
const std::string base64_rule =
    " not valid: it takes the characters A-Z, a-z, 0-9, + and /, padding with = to a multiple of four, and nothing "
    "else, line breaks included";

std::string base64_of(const SecretContent& content, std::string_view key)
{
    return std::string(content.at(key).base64().text());
}

Thrown thrown_for(const std::vector<std::string>& arguments)
{
    return thrown_by([&] { SecretContent::from_arguments(arguments); });
}

TEST(SecretContentKeys, AcceptsTheRule)
{
    for (const std::string_view key : {"foo", "a-b1", "x-1-2", "f00", "abc", "a-bc", "ab-c", "a1-2-3", "my-long-key-0"})
        EXPECT_EQ(SecretContent().set(key, "v").at(key).text(), "v");
}

TEST(SecretContentKeys, RefusesAnythingElse)
{
    for (const std::string_view key : {"", "f", "fo", "a-b", "Foo", "foo_bar", "foo--bar", "foo-", "1ab", "-foo", "fOo", "foo.bar", "f-o",
                                       "foo ", "foo#base64", "foo#file", "---", "a--"}) {
        SecretContent content;
        const auto thrown = thrown_by([&] { content.set(key, "MARKER"); });

        EXPECT_EQ(thrown.code, errc::invalid_key) << key;
        EXPECT_EQ(thrown.text, "key \"" + std::string(key) + "\"" + key_rule);
        EXPECT_EQ(thrown_by([&] { content.set_base64(key, "AA=="); }).code, errc::invalid_key) << key;
        EXPECT_EQ(thrown_by([&] { content.set_file(key, "/dev/null"); }).code, errc::invalid_key) << key;
        EXPECT_TRUE(content.empty());
    }
}

TEST(SecretContentKeys, AreCutInAMessage)
{
    const std::string start(997, 'X');
    const auto text_for = [](const std::string& key) { return thrown_by([&] { SecretContent().set(key, "v"); }).text; };
    EXPECT_EQ(text_for(start + "\xe2\x82\xac"), "key \"" + start + "\xe2\x82\xac\"" + key_rule) << "1,000 bytes";
    EXPECT_EQ(text_for(start + "\xe2\x82\xacX"), "key \"" + start + "\"..." + key_rule);
    EXPECT_EQ(text_for(start + "X\xe2\x82\xac"), "key \"" + start + "X\"..." + key_rule) << "no part of a character";
    EXPECT_EQ(text_for(start + std::string(100'000, '\n')), "key \"" + start + "\\n\\n\"..." + key_rule);
}

TEST(SecretContentKeys, RefusesATrailingNewline)
{
    EXPECT_EQ(thrown_by([] { SecretContent().set("foo\n", "v"); }).text, "key \"foo\\n\"" + key_rule);
    EXPECT_EQ(thrown_by([] { SecretContent().set(std::string_view("foo\0", 4), "v"); }).text, "key \"foo\\x00\"" + key_rule);
    EXPECT_EQ(thrown_by([] { SecretContent().set("fo\xc3\xa9", "v"); }).text, "key \"foé\"" + key_rule);
}

TEST(SecretContentArguments, SplitsAtTheFirstEqualsSign)
{
    const SecretContent content("foo=bar", "one=a=b", "two==x", "padded=YQ==", "spaces= a b ", "dash-ed=-", "utf=\xc3\xa9", "long=x=====");

    EXPECT_EQ(content.size(), 8U);
    EXPECT_EQ(content.at("foo").text(), "bar");
    EXPECT_EQ(content.at("one").text(), "a=b");
    EXPECT_EQ(content.at("two").text(), "=x");
    EXPECT_EQ(content.at("padded").text(), "YQ==");
    EXPECT_EQ(content.at("spaces").text(), " a b ");
    EXPECT_EQ(content.at("dash-ed").text(), "-");
    EXPECT_EQ(base64_of(content, "utf"), "w6k=");
    EXPECT_EQ(content.at("long").text(), "x=====");
}

TEST(SecretContentArguments, TakesStringsAndViewsAndLists)
{
    const std::string name = "admin";
    const SecretContent content("token=34ae35facd4", std::string("user=") + name, std::string_view("port=5432"));
    const SecretContent same = SecretContent::from_arguments({"port=5432", "user=admin", "token=34ae35facd4"});

    EXPECT_EQ(content, same);
    EXPECT_EQ(base64_of(content, "token"), "MzRhZTM1ZmFjZDQ=");
    EXPECT_TRUE(SecretContent::from_arguments({}).empty());
}

TEST(SecretContentArguments, LaterOnesWin)
{
    EXPECT_EQ(SecretContent("foo=a", "bar=x", "foo=b").at("foo").text(), "b");
    EXPECT_EQ(SecretContent("foo=a", "foo#base64=Yg==").at("foo").text(), "b");
    EXPECT_EQ(SecretContent("foo#base64=Yg==", "foo=a").at("foo").text(), "a");
}

TEST(SecretContentArguments, TakesBase64AsItIs)
{
    const SecretContent content("key#base64=AP8=", "cert#base64=Zm9vYmFy");

    EXPECT_EQ(base64_of(content, "key"), "AP8=");
    EXPECT_EQ(content.at("key").text(), std::string_view("\0\xff", 2));
    EXPECT_EQ(content.at("cert").text(), "foobar");
}

TEST(SecretContentArguments, RefusesBase64ThatIsNone)
{
    for (const std::string value : {"MARKER-1", "SGVsbG8", "QQ=", "QQ==\n", "QQ==QQ==", "QR==", "_-8="}) {
        const auto thrown = thrown_for({"foo=x", "token#base64=" + value});

        EXPECT_EQ(thrown.code, errc::invalid_base64) << value;
        EXPECT_EQ(thrown.text, "base64 value for key \"token\"" + base64_rule);
    }
}

TEST(SecretContentArguments, RefusesWhatHasNoKeyOrValue)
{
    const std::string no_equals = " not valid: write it as key=value";
    const std::string no_key = " not valid: there is no key before the =";
    const std::string no_value = " not valid: write it as key=value; an empty value can be given by SecretContent::set or in a file";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"MARKER", no_equals}, {"", no_equals},        {"=MARKER", no_key},      {"=", no_key},     {"==", no_key}, {"=MARKER=", no_key},
        {"MARKER=", no_value}, {"MARKER==", no_value}, {"TUFSS0VS==", no_value}, {"foo=", no_value}};

    for (const auto& [argument, advice] : cases) {
        const auto thrown = thrown_for({"foo=bar", argument});

        EXPECT_EQ(thrown.code, errc::invalid_key_value) << argument;
        EXPECT_EQ(thrown.text, "key value at position 2" + advice);
    }
}

TEST(SecretContentArguments, RefusesBadKeys)
{
    const std::vector<std::pair<std::string, std::string>> cases{{"fo=MARKER", "fo"},
                                                                 {"Foo=MARKER", "Foo"},
                                                                 {"foo_bar=MARKER", "foo_bar"},
                                                                 {"key#file#base64=MARKER", "key#file"},
                                                                 {"key#other=MARKER", "key#other"},
                                                                 {"#base64=MARKER", ""},
                                                                 {"fo#file=MARKER", "fo"}};

    for (const auto& [argument, key] : cases) {
        const auto thrown = thrown_for({argument});

        EXPECT_EQ(thrown.code, errc::invalid_key) << argument;
        EXPECT_EQ(thrown.text, "key \"" + key + "\"" + key_rule);
    }
}

TEST(SecretContentArguments, DoesNotQuoteAKeyThatMayBeAValue)
{
    for (const std::string& argument : {std::string("postgres://user:MARKER@host/db?sslmode=require"), std::string("MARKER with spaces=x"),
                                        std::string("foo\n=MARKER"), std::string(65, 'k') + "K=MARKER"})
        EXPECT_EQ(thrown_for({"foo=bar", argument}).text, "key at position 2" + key_rule);
}

TEST(SecretContentArguments, TakesKeysOfAnyLength)
{
    const std::string key = std::string(64, 'k') + "-1";

    EXPECT_EQ(SecretContent(key + "=value").at(key).text(), "value");
    EXPECT_EQ(SecretContent(key + "#base64=dmFsdWU=").at(key).text(), "value");
}

TEST(SecretContentFiles, ReadsBytesAsTheyAre)
{
    const TemporaryDirectory directory;
    const std::string bytes("\0\xff\xfe\x01\r\n\n", 7);
    const auto path = directory.write("data", bytes);

    EXPECT_EQ(SecretContent("key1#file=" + path.string()).at("key1").text(), bytes);
    EXPECT_EQ(SecretContent().set_file("key1", path).at("key1").text(), bytes);
    EXPECT_TRUE(SecretContent().set_file("key1", directory.write("empty", "")).at("key1").empty());
}

TEST(SecretContentFiles, ReadsFilesThatTellNoSize)
{
    EXPECT_EQ(SecretContent().set_file("key1", "/proc/self/comm").at("key1").text().back(), '\n');
}

TEST(SecretContentFiles, ReadsBase64InLines)
{
    const TemporaryDirectory directory;
    const auto path = directory.write("data", "Zm9v\r\nYmFy\n");

    EXPECT_EQ(SecretContent("key1#base64#file=" + path.string()).at("key1").text(), "foobar");

    const auto bad = directory.write("bad", "MARKER-1\n");
    const auto thrown = thrown_for({"key1#base64#file=" + bad.string()});
    EXPECT_EQ(thrown.code, errc::invalid_base64);
    EXPECT_EQ(thrown.text, "base64 value for key \"key1\"" + base64_rule);
}

TEST(SecretContentFiles, SaysWhyAFileCannotBeRead)
{
    const TemporaryDirectory directory;
    const std::string missing = directory.path() / "missing";
    const std::string folder = directory.path();
    const std::string context = "reading content for secret key \"key1\": ";

    const auto by_argument = thrown_for({"key1#file=" + missing});
    EXPECT_EQ(by_argument.code, errc::unreadable_file);
    EXPECT_EQ(by_argument.text, context + "open " + missing + ": No such file or directory");

    SecretContent content("key1=kept");
    EXPECT_EQ(thrown_by([&] { content.set_file("key1", missing); }).text, by_argument.text);
    EXPECT_EQ(content.at("key1").text(), "kept");

    EXPECT_EQ(thrown_for({"key1#file=" + folder}).text, context + "read " + folder + ": Is a directory");
    EXPECT_EQ(thrown_for({"key1#file=" + missing + "/x\n"}).text, context + "open " + missing + "/x\\n: No such file or directory");
    EXPECT_EQ(thrown_for({std::string("key1#file=/etc/passwd\0x", 23)}).text, context + "open /etc/passwd\\x00x: Invalid argument");
    EXPECT_EQ(thrown_by([] { SecretContent::from_file("~no-such-user-at-all/x"); }).text,
              "no such user: unknown user \"no-such-user-at-all\"");
}

TEST(SecretContentFiles, SaysThatAFileIsForbidden)
{
    const TemporaryDirectory directory;
    const auto path = directory.write("locked", "MARKER");
    std::filesystem::permissions(path, std::filesystem::perms::none);
    const uid_t user = ::geteuid();
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::seteuid(user == 0 ? nobody : user), 0); // root may read everything

    const auto thrown = thrown_for({"key1#file=" + path.string()});

    ASSERT_EQ(::seteuid(user), 0);
    EXPECT_EQ(thrown.code, errc::unreadable_file);
    EXPECT_EQ(thrown.text, "reading content for secret key \"key1\": open " + path.string() + ": Permission denied");
}

TEST(SecretContentFiles, TakesPathsAsTyped)
{
    EXPECT_EQ(thrown_for({"key1#file=~/no-such-file"}).text,
              "reading content for secret key \"key1\": open ~/no-such-file: No such file or directory");
}

TEST(SecretContentFiles, HasALimit)
{
    const TemporaryDirectory directory;
    const auto fits = directory.write("fits", std::string(1'000'000, 'A'));
    const auto large = directory.write("large", std::string(1'000'001, 'A'));

    EXPECT_EQ(SecretContent("key1#base64#file=" + fits.string()).at("key1").size(), 750'000U);
    const auto thrown = thrown_for({"key1#base64#file=" + large.string()});
    EXPECT_EQ(thrown.code, errc::content_too_large);
    EXPECT_EQ(thrown.text, "secret content in file \"" + large.string() + "\" too large: 1000001 bytes; the limit is 1000000");
    EXPECT_EQ(thrown_for({"key1#file=/dev/zero"}).text,
              "secret content in file \"/dev/zero\" too large: more than 1000000 bytes; the limit is 1000000");
}

TEST(SecretContentLimits, AcceptsAValueOf750000Bytes)
{
    const std::string most(750'000, 'a');

    EXPECT_EQ(SecretContent().set("foo", most).at("foo").size(), 750'000U);
    EXPECT_EQ(SecretContent("foo=" + most).at("foo").base64().size(), 1'000'000U);
    EXPECT_EQ(SecretContent().set_base64("foo", std::string(1'000'000, 'A')).at("foo").size(), 750'000U);
}

TEST(SecretContentLimits, RefusesAValueOf750001Bytes)
{
    const std::string too_much(750'001, 'a');
    const std::string text =
        "base64 encoded secret content for key \"foo\" too large: 1000004 bytes; the limit is 1000000, for 750000 bytes before "
        "encoding";

    EXPECT_EQ(thrown_by([&] { SecretContent().set("foo", too_much); }).code, errc::content_too_large);
    EXPECT_EQ(thrown_by([&] { SecretContent().set("foo", too_much); }).text, text);
    EXPECT_EQ(thrown_for({"foo=" + too_much}).text, text);
    EXPECT_EQ(thrown_by([] { SecretContent().set_base64("foo", std::string(1'000'004, 'A')); }).text, text);
}

TEST(SecretContentLimits, RefusesATotalAboveOneMillion)
{
    std::vector<std::string> arguments;
    for (int i = 1; i <= 8; ++i)
        arguments.push_back("key" + std::to_string(i) + "=" + std::string(93'750, 'a'));
    EXPECT_EQ(SecretContent::from_arguments(arguments).size(), 8U);

    arguments.push_back("key9=a");
    const auto thrown = thrown_for(arguments);

    EXPECT_EQ(thrown.code, errc::content_too_large);
    EXPECT_EQ(thrown.text, "base64 encoded secret content too large: 1000004 bytes; the limit for all values together is 1000000");
}

TEST(SecretContentLimits, LeavesTheContentAsItWasWhenTheTotalIsTooLarge)
{
    SecretContent content("foo=kept");
    content.set("bar", std::string(700'000, 'a'));

    EXPECT_EQ(thrown_by([&] { content.set("foo", std::string(60'000, 'b')); }).code, errc::content_too_large);
    EXPECT_EQ(thrown_by([&] { content.set("new", std::string(60'000, 'b')); }).code, errc::content_too_large);

    EXPECT_EQ(content.size(), 2U);
    EXPECT_EQ(content.at("foo").text(), "kept");
    content.set("foo", std::string(40'000, 'b'));
}

TEST(SecretContentLimits, ForgetsReplacedValues)
{
    const std::string large(700'000, 'a');
    SecretContent content;
    for (int i = 0; i < 3; ++i)
        content.set("foo", large);
    content.set("foo", "small").set("bar", large);

    EXPECT_EQ(content.size(), 2U);
    EXPECT_EQ(SecretContent("foo=" + large, "bar=" + large, "foo=x").size(), 2U);
}

TEST(SecretContentLimits, AreNotCheckedByMerge)
{
    SecretContent content("foo=" + std::string(600'000, 'a'));
    content.merge(SecretContent("bar=" + std::string(600'000, 'a')));

    EXPECT_EQ(content.size(), 2U);
    EXPECT_EQ(thrown_by([&] { content.set("cab", "x"); }).text,
              "base64 encoded secret content too large: 1600004 bytes; the limit for all values together is 1000000");
}

TEST(SecretContent, MergesWithTheArgumentWinning)
{
    SecretContent content("foo=old", "bar=kept");
    content.merge(SecretContent("foo=new", "cab=added")).merge(content);

    EXPECT_EQ(content, SecretContent("bar=kept", "cab=added", "foo=new"));
}

TEST(SecretContent, SetsEmptyValues)
{
    EXPECT_EQ(base64_of(SecretContent().set("foo", ""), "foo"), "");
    EXPECT_EQ(base64_of(SecretContent().set_base64("foo", ""), "foo"), "");
}

TEST(SecretContent, SetsBytesAndValues)
{
    const std::array bytes{std::byte{0}, std::byte{1}};
    SecretContent content;
    content.set("bytes", bytes).set("value", SecretValue("some")).set("text", "literal");

    EXPECT_EQ(base64_of(content, "bytes"), "AAE=");
    EXPECT_EQ(base64_of(content, "value"), "c29tZQ==");
    EXPECT_EQ(base64_of(content, "text"), "bGl0ZXJhbA==");
}

TEST(SecretContent, FindsKeys)
{
    const SecretContent content("foo=bar");

    EXPECT_TRUE(content.contains("foo"));
    EXPECT_FALSE(content.contains("fo"));
    EXPECT_EQ(content.find("fo"), nullptr);
    ASSERT_NE(content.find("foo"), nullptr);
    EXPECT_EQ(content.find("foo")->text(), "bar");
    const auto thrown = thrown_by([&] { content.at("baz\n"); });
    EXPECT_EQ(thrown.code, errc::not_found);
    EXPECT_EQ(thrown.text, "the secret content has no key \"baz\\n\"");
}

TEST(SecretContent, IteratesInTheOrderOfTheKeys)
{
    SecretContent content("b-1c=x", "b1c=x", "abc=x", "b-11=x");
    content.merge(SecretContent("aaa=x"));
    std::string keys;
    for (const auto& [key, value] : content)
        keys += key + " ";

    EXPECT_EQ(keys, "aaa abc b-11 b-1c b1c ");
}

TEST(SecretContent, MovingEmptiesTheSource)
{
    SecretContent source("foo=" + std::string(700'000, 'a'));
    SecretContent target = std::move(source);
    EXPECT_TRUE(source.empty()); // NOLINT(bugprone-use-after-move): the state after a move is the subject
    source.set("bar", std::string(700'000, 'a'));

    source = std::move(target);
    EXPECT_TRUE(source.contains("foo"));
    EXPECT_FALSE(source.contains("bar"));
    target.set("bar", std::string(700'000, 'a')); // NOLINT(bugprone-use-after-move)
}

TEST(SecretContent, TakesStoredEntriesWithoutRules)
{
    SecretContent content;
    content.insert_stored("Odd key!", "world");
    content.insert_stored("foo", "YmFy");

    EXPECT_FALSE(content.at("Odd key!").decodable());
    EXPECT_EQ(base64_of(content, "Odd key!"), "world");
    EXPECT_EQ(content.at("foo").text(), "bar");
}

// The check values of Juju's core/secrets/secretvalue.go, in secrets-facade.md 2.3.
TEST(SecretContentChecksum, IsJujus)
{
    const auto checksum_of = [](std::vector<std::pair<std::string_view, std::string_view>> entries) {
        SecretContent content;
        for (const auto& [key, base64] : entries)
            content.insert_stored(key, base64);
        return content.checksum();
    };

    EXPECT_EQ(checksum_of({{"foo", "bar"}}), "7a38bf81f383f69433ad6e900d35b3e2385593f76a7b7ab5d4355b8ba41ee24b");
    EXPECT_EQ(checksum_of({{"token", "MzRhZTM1ZmFjZDQ="}}), "f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465");
    EXPECT_EQ(checksum_of({{"token", "NWYwMGJhYTc="}}), "d21a7805c68db96611f9e5e0f13c711b6586b6ab0ad64cdc4bd4de4f6250ba0c");
    EXPECT_EQ(checksum_of({{"username", "YWRtaW4="}, {"password", "aHVudGVyMg=="}}),
              "05576a28baf0b1d7c4945b60d113b6ce4ce890959997082d4e2cb706d4a9a45b");
    EXPECT_EQ(checksum_of({{"empty", ""}}), "5ddea0bed9ab50512425b4c9fa9698e0bacfb81414a3e65f3af66c9e85a9c8f0");
    // SHA-256 of the two characters {}.
    EXPECT_EQ(checksum_of({}), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(SecretContentChecksum, IsThatOfTheBytesSet)
{
    EXPECT_EQ(SecretContent("username=admin", "password=hunter2").checksum(),
              "05576a28baf0b1d7c4945b60d113b6ce4ce890959997082d4e2cb706d4a9a45b");
}

// Made with Go 1.26: sha256 of json.Marshal(map[string]string{"key": value}).
TEST(SecretContentChecksum, EscapesLikeGo)
{
    const auto checksum_of = [](std::string_view stored) {
        SecretContent content;
        content.insert_stored("key", stored);
        return content.checksum();
    };

    EXPECT_EQ(checksum_of("<a>&\"\\"), "a74d047e9681907994f61aeee8f3bc9a9c7076f72614c03f1366533daad25094");
    EXPECT_EQ(checksum_of("\b\f\n\r\t\x01\x1f\x7f"), "ed396af94db407abfcbae44384b116b8500280f9ff2e428163c094c18fd9fc35");
    EXPECT_EQ(checksum_of("\xe2\x80\xa8\xe2\x80\xa9\xc3\xa9\xff\xc3("), "929645c2f29fc1687f115579f6ea80a1e5aae64e1a38ee58619729d2e9b6bae8");
}

} // namespace
} // namespace juju
