#include <juju/secret_uri.hpp>

#include "unit/content_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace juju {
namespace {

using test::thrown_by;

static_assert(!std::is_aggregate_v<SecretUri> && !std::is_aggregate_v<SecretRef>);

const std::string id = "9m4e2mr0ui3e8a215n4g";
const std::string model = "11111111-053e-447a-6666-2dc4ed429d51";
const std::string other_model = "22222222-053e-447a-6666-2dc4ed429d52";
const std::string advice = "; a secret URI is secret:<id> or secret://<model-uuid>/<id>, where an id has 20 characters";

std::string problem_of(std::string_view text)
{
    const auto thrown = thrown_by([&] { SecretUri::parse(text); });
    EXPECT_EQ(thrown.code, errc::invalid_uri) << text;
    EXPECT_FALSE(SecretUri::try_parse(text)) << text;
    return thrown.text;
}

TEST(SecretUri, ParsesFormsWithoutAModel)
{
    for (const std::string& text : std::vector<std::string>{
             "secret:" + id, "secret:/" + id, "secret:///" + id, "SECRET:" + id, "sEcReT:" + id, id, "/" + id, id + "?x=1", id + "?",
             id + "??a/b:c", "secret:" + id + "#f", id + "#", id + "#a#b", "secret:" + id + "?q#f%20", "secret:" + id + "#\n",
             "secret:////" + id, "%39m4e2mr0ui3e8a215n4g", "secret:/" + id.substr(0, 19) + "%67"}) {
        const SecretUri uri = SecretUri::parse(text);

        EXPECT_EQ(uri.id(), id) << text;
        EXPECT_EQ(uri.bare_id(), id) << text;
        EXPECT_EQ(uri.source_model(), "") << text;
        EXPECT_EQ(uri.str(), "secret:9m4e2mr0ui3e8a215n4g") << text;
        EXPECT_EQ(SecretUri::try_parse(text), uri) << text;
    }
}

TEST(SecretUri, ParsesFormsWithAModel)
{
    for (const std::string& text :
         std::vector<std::string>{"secret://" + model + "/" + id, model + "/" + id, "secret:" + model + "/" + id, "//" + model + "/" + id,
                                  "secret:/" + model + "/" + id, "/" + model + "/" + id, "secret://admin:pw@" + model + "/" + id}) {
        const SecretUri uri = SecretUri::parse(text);

        EXPECT_EQ(uri.id(), id) << text;
        EXPECT_EQ(uri.source_model(), model) << text;
        EXPECT_EQ(uri.str(), "secret://11111111-053e-447a-6666-2dc4ed429d51/9m4e2mr0ui3e8a215n4g") << text;
    }
}

TEST(SecretUri, PrefersTheModelInThePathToTheHost)
{
    EXPECT_EQ(SecretUri::parse("secret://" + model + "/" + other_model + "/" + id).source_model(), other_model);
}

TEST(SecretUri, LetsAPortSlipThroughLikeJuju)
{
    EXPECT_EQ(SecretUri::parse("secret://" + model + ":17070/" + id).source_model(), model + ":17070");
}

TEST(SecretUri, EscapesInAHostWhatItHadEscaped)
{
    const std::pair<std::string, std::string> cases[] = {{"%25", "%25"}, {"%c3%A9", "%C3%A9"}, {"%ff", "%FF"}, {"\xc3\xa9", "%C3%A9"}};
    for (const auto& [written, printed] : cases) {
        const SecretUri uri = SecretUri::parse("secret://" + model + written + "/" + id);

        EXPECT_EQ(uri.str(), "secret://" + model + printed + "/" + id);
        EXPECT_EQ(SecretUri::parse(uri.str()), uri);
    }
}

TEST(SecretUri, AcceptsIdsThatEndInZeroOrG)
{
    EXPECT_EQ(SecretUri::parse("00000000000000000000").id(), "00000000000000000000");
    EXPECT_EQ(SecretUri::parse("vvvvvvvvvvvvvvvvvvvg").id(), "vvvvvvvvvvvvvvvvvvvg");
}

TEST(SecretUri, RefusesOtherIds)
{
    for (const std::string& text : std::vector<std::string>{std::string(),
                                                            std::string("my-secret"),
                                                            std::string("secret:my-secret"),
                                                            std::string("secret:"),
                                                            "secret:" + id + "/",
                                                            std::string("9M4E2MR0UI3E8A215N4G"),
                                                            id.substr(1),
                                                            id + "0",
                                                            std::string("9m4e2mr0ui3e8a215n4w"),
                                                            std::string("wm4e2mr0ui3e8a215n4g"),
                                                            std::string("9m4e2mr0ui3e8a215n41"),
                                                            std::string("9m4e2mr0ui3e8a215n4h"),
                                                            std::string("*"),
                                                            std::string("?" + id),
                                                            std::string("#" + id),
                                                            model,
                                                            model + "/",
                                                            model + "//" + id,
                                                            "1111111-053e-447a-6666-2dc4ed429d51/" + id,
                                                            "11111111-053E-447a-6666-2dc4ed429d51/" + id})
        EXPECT_EQ(problem_of(text), "secret URI \"" + text + "\" not valid" + advice);
}

TEST(SecretUri, QuotesWhatWouldDisturbATerminal)
{
    EXPECT_EQ(problem_of("\"\\ \xc3\xa9\xff\xe2\x80\xae"), R"(secret URI "\"\\ é\xff\u202e" not valid)" + advice);
}

TEST(SecretUri, RefusesOtherSchemes)
{
    EXPECT_EQ(problem_of("http:" + id), "secret URI scheme \"http\" not valid" + advice);
    EXPECT_EQ(problem_of("my:secret"), "secret URI scheme \"my\" not valid" + advice);
    EXPECT_EQ(problem_of("HTTPS://example.com/x"), "secret URI scheme \"https\" not valid" + advice);
    EXPECT_EQ(problem_of("a1+-.:x"), "secret URI scheme \"a1+-.\" not valid" + advice);
}

TEST(SecretUri, RefusesHostsWithoutAModel)
{
    EXPECT_EQ(problem_of("secret://foo/" + id), "host controller UUID \"foo\" not valid" + advice);
    EXPECT_EQ(problem_of("//foo:1/" + id), "host controller UUID \"foo:1\" not valid" + advice);
    EXPECT_EQ(problem_of("secret://" + id), "host controller UUID \"" + id + "\" not valid" + advice);
    EXPECT_EQ(problem_of("secret://11111111-053E-447A-6666-2DC4ED429D51/" + id),
              "host controller UUID \"11111111-053E-447A-6666-2DC4ED429D51\" not valid" + advice);
}

TEST(SecretUri, RefusesWhatIsNoUrl)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"my_app:x", "parse \"my_app:x\": first path segment in URL cannot contain colon"},
        {"a b:c", "parse \"a b:c\": first path segment in URL cannot contain colon"},
        {"1a:c", "parse \"1a:c\": first path segment in URL cannot contain colon"},
        {":x", "parse \":x\": missing protocol scheme"},
        {"%zz", "parse \"%zz\": invalid URL escape \"%zz\""},
        {"%4", "parse \"%4\": invalid URL escape \"%4\""},
        {"a%", "parse \"a%\": invalid URL escape \"%\""},
        {"%zz#f", "parse \"%zz\": invalid URL escape \"%zz\""},
        {id + "#%zz", "parse \"9m4e2mr0ui3e8a215n4g#%zz\": invalid URL escape \"%zz\""},
        {"a\nb", R"(parse "a\nb": net/url: invalid control character in URL)"},
        {std::string("a\0b", 3), R"(parse "a\x00b": net/url: invalid control character in URL)"},
        {"a\x7f", R"(parse "a\x7f": net/url: invalid control character in URL)"},
        {"secret://a b/x", "parse \"secret://a b/x\": invalid character \" \" in host name"},
        {"secret://%41/x", "parse \"secret://%41/x\": invalid URL escape \"%41\""},
        {"secret://h:1x/x", "parse \"secret://h:1x/x\": invalid port \":1x\" after host"},
        {"secret://[::1/x", "parse \"secret://[::1/x\": missing ']' in host"},
        {"secret://a[::1]/x", "parse \"secret://a[::1]/x\": invalid IP-literal"},
        {"secret://[::1]y/x", "parse \"secret://[::1]y/x\": invalid port \"y\" after host"},
        {"secret://u r@h/x", "parse \"secret://u r@h/x\": net/url: invalid userinfo"},
        {"secret://%zz@h/x", "parse \"secret://%zz@h/x\": invalid URL escape \"%zz\""}};

    for (const auto& [text, problem] : cases)
        EXPECT_EQ(problem_of(text), problem);
}

TEST(SecretUri, IsEmptyByDefault)
{
    const SecretUri uri;

    EXPECT_TRUE(uri.empty());
    EXPECT_EQ(uri.str(), "");
    EXPECT_FALSE(SecretUri::parse(id).empty());
}

TEST(SecretUri, ComparesIdAndModel)
{
    EXPECT_EQ(SecretUri::parse(id), SecretUri::parse("secret:" + id));
    EXPECT_NE(SecretUri::parse(id), SecretUri::parse(model + "/" + id));
    EXPECT_LT(SecretUri::parse("00000000000000000000"), SecretUri::parse(id));
}

TEST(SecretRef, TakesTextThatParsesAsUri)
{
    const SecretRef ref("secret:" + id);

    ASSERT_TRUE(ref.uri());
    EXPECT_EQ(ref.uri()->id(), id);
    EXPECT_EQ(ref.name(), "");
    EXPECT_EQ(ref.str(), "secret:9m4e2mr0ui3e8a215n4g");
}

TEST(SecretRef, TakesOtherTextAsName)
{
    for (const char* text : {"my-apitoken", "secret:my-apitoken", "my_app:x", "http:9m4e2mr0ui3e8a215n4g", "%zz", "\xc3\xa9"}) {
        const SecretRef ref(text);

        EXPECT_FALSE(ref.uri()) << text;
        EXPECT_EQ(ref.name(), text);
        EXPECT_EQ(ref.str(), text);
    }
}

TEST(SecretRef, ForcesANameThatLooksLikeAUri)
{
    const SecretRef ref = SecretRef::by_name(id);

    EXPECT_FALSE(ref.uri());
    EXPECT_EQ(ref.name(), id);
}

TEST(SecretRef, TakesAUri)
{
    const SecretRef ref = SecretUri::parse(model + "/" + id);

    ASSERT_TRUE(ref.uri());
    EXPECT_EQ(ref.uri()->source_model(), model);
}

TEST(SecretRef, RefusesNothing)
{
    const auto by_text = thrown_by([] { SecretRef{""}; });
    EXPECT_EQ(by_text.code, errc::invalid_name);
    EXPECT_EQ(by_text.text, "a secret needs a name or URI");

    const auto by_name = thrown_by([] { SecretRef::by_name(""); });
    EXPECT_EQ(by_name.code, errc::invalid_name);
    EXPECT_EQ(by_name.text, "a secret needs a name or URI");

    const auto by_uri = thrown_by([] { SecretRef{SecretUri()}; });
    EXPECT_EQ(by_uri.code, errc::invalid_uri);
    EXPECT_EQ(by_uri.text, "secret URI \"\" not valid: it names no secret");
}

TEST(SecretRef, RefusesNamesThatAreNotUtf8)
{
    for (const std::string_view name : {"a\xff", "\xc0\x80", "\xed\xa0\x80"}) {
        EXPECT_EQ(thrown_by([&] { SecretRef{name}; }).code, errc::invalid_name);
        EXPECT_EQ(thrown_by([&] { SecretRef::by_name(std::string(name)); }).code, errc::invalid_name);
    }
    EXPECT_EQ(thrown_by([] { SecretRef("a\xff"); }).text, "secret name \"a\\xff\" not valid: it is not UTF-8");
}

} // namespace
} // namespace juju
