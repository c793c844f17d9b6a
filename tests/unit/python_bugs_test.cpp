// One test for each row about content in the table "Bugs, each with an input that shows it" (secrets-facade.md 3.3): what
// python-libjuju 3.5.2 does wrong there arrives right here. The expected base64 is the juju command's.

#include "unit/content_support.hpp"

#include <juju/secret_content.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace juju {
namespace {

using test::TemporaryDirectory;
using test::thrown_by;

std::string base64_of(const SecretContent& content, std::string_view key)
{
    return std::string(content.at(key).base64().text());
}

const std::string mapping_advice = "\na secret file maps keys to single values, one key: value a line";

TEST(PythonBug1, TrailingPIsKept)
{
    EXPECT_EQ(base64_of(SecretContent("password=STOP"), "password"), "U1RPUA==");
    EXPECT_EQ(base64_of(SecretContent("foo=EQUIP"), "foo"), "RVFVSVA=");
}

TEST(PythonBug1, TrailingEqualsSignIsKept)
{
    EXPECT_EQ(base64_of(SecretContent("foo=abc="), "foo"), "YWJjPQ==");
}

TEST(PythonBug1, TrailingPOfAUrlIsKept)
{
    EXPECT_EQ(SecretContent("db-url=postgres://x?a=P").at("db-url").text(), "postgres://x?a=P");
}

TEST(PythonBug1, PaddingOfBase64IsKept)
{
    EXPECT_EQ(base64_of(SecretContent("token#base64=SGVsbG8="), "token"), "SGVsbG8=");
    EXPECT_EQ(SecretContent("token#base64=SGVsbG8=").at("token").text(), "Hello");
}

TEST(PythonBug1, ValuesOfPAndQOnlyAreKept)
{
    EXPECT_EQ(SecretContent("foo=Q").at("foo").text(), "Q");
    EXPECT_EQ(SecretContent("foo=PQ=PQ").at("foo").text(), "PQ=PQ");
}

TEST(PythonBug1, PathsThatEndInPAndQAreKept)
{
    const TemporaryDirectory directory;
    const auto path = directory.write("PQ", "content of PQ");

    EXPECT_EQ(SecretContent("key1#file=" + path.string()).at("key1").text(), "content of PQ");
}

TEST(PythonBug2, KeysThatEndInLettersOfFileAreKeptWhole)
{
    const TemporaryDirectory directory;
    const std::string path = directory.write("v", "x");

    for (const std::string key : {"profile", "certfile", "tile", "file", "cert-file"}) {
        const SecretContent content(key + "#file=" + path);

        EXPECT_EQ(content.size(), 1U);
        EXPECT_EQ(content.at(key).text(), "x");
    }
}

TEST(PythonBug3, FilesNeedNotBeText)
{
    const TemporaryDirectory directory;
    const auto path = directory.write("data", std::string_view("\x00\xff\xfe\x01", 4));

    EXPECT_EQ(base64_of(SecretContent("key1#file=" + path.string()), "key1"), "AP/+AQ==");
}

TEST(PythonBug3, LineEndsAreKept)
{
    const TemporaryDirectory directory;
    const auto path = directory.write("data", "a\r\nb\r\n");

    EXPECT_EQ(base64_of(SecretContent("key1#file=" + path.string()), "key1"), "YQ0KYg0K");
}

TEST(PythonBug4, ScalarsThatAreNoStringsAreTaken)
{
    const SecretContent content = SecretContent::from_yaml("port: 5432\nflag: true\nday: 2024-01-01\nfoo:\n");

    EXPECT_EQ(content.at("port").text(), "5432");
    EXPECT_EQ(content.at("flag").text(), "true");
    EXPECT_EQ(content.at("day").text(), "2024-01-01");
    EXPECT_EQ(content.at("foo").text(), "");
}

TEST(PythonBug5, ListsAndMappingsAreRefused)
{
    const auto list = thrown_by([] { SecretContent::from_yaml("foo: [1,2]"); });
    EXPECT_EQ(list.code, errc::invalid_secret_file);
    EXPECT_EQ(list.text, "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string" + mapping_advice);

    const auto mapping = thrown_by([] { SecretContent::from_yaml("foo:\n  a: b\n"); });
    EXPECT_EQ(mapping.text, "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!map into string" + mapping_advice);
}

TEST(PythonBug6, BinaryIsDecoded)
{
    EXPECT_EQ(base64_of(SecretContent::from_yaml("foo: !!binary AAEC"), "foo"), "AAEC");
}

TEST(PythonBug7, EmptyFilesAreEmptyContent)
{
    EXPECT_TRUE(SecretContent::from_yaml("").empty());
}

TEST(PythonBug7, FilesWithoutMappingAreRefused)
{
    const auto thrown = thrown_by([] { SecretContent::from_yaml("- a"); });

    EXPECT_EQ(thrown.code, errc::invalid_secret_file);
    EXPECT_EQ(thrown.text, "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into secrets.SecretData" + mapping_advice);
}

TEST(PythonBug8, SyntaxErrorsAreToldAsSuch)
{
    const auto thrown = thrown_by([] { SecretContent::from_yaml("a: b: c"); });

    EXPECT_EQ(thrown.code, errc::invalid_secret_file);
    EXPECT_EQ(thrown.text,
              R"(yaml: line 1: illegal map value; put a value that holds ": ", " #" or starts with a special character in quotes)");
}

TEST(PythonBug, TrailingNewlineInAKeyIsRefused)
{
    EXPECT_EQ(thrown_by([] { SecretContent().set("foo\n", "bar"); }).code, errc::invalid_key);
    EXPECT_EQ(thrown_by([] { SecretContent("foo\n=bar"); }).code, errc::invalid_key);
}

TEST(PythonBug, ValuesAbove5120BytesAreTaken)
{
    EXPECT_EQ(SecretContent("foo=" + std::string(5121, 'x'), "bar=" + std::string(70'000, 'x')).at("foo").size(), 5121U);
}

} // namespace
} // namespace juju
