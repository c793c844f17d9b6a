#include "secrets/secrets_codec.hpp"

#include "unit/codec_support.hpp"
#include "wire/request.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using juju::Applications;
using juju::errc;
using juju::SecretContent;
using juju::SecretDraft;
using juju::SecretFilter;
using juju::SecretRef;
using juju::SecretRemoval;
using juju::SecretUpdate;
using juju::SecretUri;
using juju::test::error_of;
using juju::test::not_utf8;
namespace secrets = juju::secrets;

namespace {

constexpr const char* id = "9m4e2mr0ui3e8a215n4g";

/// More than any of the requests here has.
constexpr std::size_t no_limit = 1'000'000'000;

using juju::test::str;

std::string str(const std::vector<secrets::Batch>& batches)
{
    EXPECT_EQ(batches.size(), 1U);
    return str(batches.front().params);
}

std::string created(const SecretDraft& draft)
{
    return str(secrets::encode_create({draft}, no_limit));
}

std::string updated(const SecretRef& secret, const SecretUpdate& update)
{
    return str(secrets::encode_update({{secret, update}}, no_limit));
}

std::string removed(const SecretRemoval& removal)
{
    return str(secrets::encode_remove({removal}, no_limit));
}

std::string access(const SecretRef& secret, const Applications& applications)
{
    return str(secrets::encode_access(secret, applications));
}

std::string listed(const SecretFilter& filter)
{
    secrets::check_filter(filter);
    return str(secrets::encode_list(filter));
}

void expect_refused(const std::function<void()>& call, errc code)
{
    const auto error = error_of(call);
    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == code) << error->what();
    EXPECT_EQ(error->outcome(), juju::Outcome::not_sent);
    EXPECT_EQ(error->server_message(), "");
}

/// A directory of its own that goes with the test.
class TemporaryDirectory {
public:
    TemporaryDirectory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "juju-encode-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::filesystem::path write(const char* name, std::string_view text) const
    {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

} // namespace

// CreateSecrets.

TEST(EncodeCreate, SendsNameDescriptionAndContent)
{
    EXPECT_EQ(created(SecretDraft("my-apitoken", {"token=34ae35facd4"}).info("api token")),
              R"({"args":[{"description":"api token","label":"my-apitoken","content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]})");
}

TEST(EncodeCreate, LeavesOutAnAbsentDescription)
{
    EXPECT_EQ(created(SecretDraft("my-apitoken", {"token=34ae35facd4"})),
              R"({"args":[{"label":"my-apitoken","content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]})");
}

TEST(EncodeCreate, LeavesOutAnAbsentName)
{
    EXPECT_EQ(created(SecretDraft("", {"foo=bar"})), R"({"args":[{"content":{"data":{"foo":"YmFy"}}}]})");
    EXPECT_EQ(created(SecretDraft("", {"foo=bar"}).info("x")), R"({"args":[{"description":"x","content":{"data":{"foo":"YmFy"}}}]})");
}

TEST(EncodeCreate, SendsKeysInTheirOrder)
{
    EXPECT_EQ(created(SecretDraft("other", {"username=admin", "password=hunter2"})),
              R"({"args":[{"label":"other","content":{"data":{"password":"aHVudGVyMg==","username":"YWRtaW4="}}}]})");
}

TEST(EncodeCreate, SendsAnEmptyValue)
{
    SecretContent content;
    content.set("empty", "");

    EXPECT_EQ(created(SecretDraft("x", content)), R"({"args":[{"label":"x","content":{"data":{"empty":""}}}]})");
}

TEST(EncodeCreate, SendsEveryByteOfAValue)
{
    SecretContent content;
    content.set("bin", std::string_view("\0\xff\n", 3));

    EXPECT_EQ(created(SecretDraft("x", content)), R"({"args":[{"label":"x","content":{"data":{"bin":"AP8K"}}}]})");
}

TEST(EncodeCreate, SendsSeveralDraftsInOneRequest)
{
    EXPECT_EQ(str(secrets::encode_create({SecretDraft("one", {"foo=bar"}), SecretDraft("two", {"foo=bar"}).info("second")}, no_limit)),
              R"({"args":[{"label":"one","content":{"data":{"foo":"YmFy"}}},)"
              R"({"description":"second","label":"two","content":{"data":{"foo":"YmFy"}}}]})");
}

TEST(EncodeCreate, EscapesNamesAndDescriptions)
{
    EXPECT_EQ(created(SecretDraft("a\"b\\c\n", {"foo=bar"}).info("\xc3\xa9\xf0\x9f\x94\x91</x>&")),
              "{\"args\":[{\"description\":\"\xc3\xa9\xf0\x9f\x94\x91</"
              "x>&\",\"label\":\"a\\\"b\\\\c\\n\",\"content\":{\"data\":{\"foo\":\"YmFy\"}}}]}");
}

TEST(EncodeCreate, RefusesEmptyContent)
{
    expect_refused([] { created(SecretDraft("x", SecretContent())); }, errc::empty_content);
}

TEST(EncodeCreate, RefusesAnEmptyList)
{
    expect_refused([] { secrets::encode_create({}, no_limit); }, errc::invalid_argument);
}

TEST(EncodeCreate, RefusesTextThatIsNotUtf8)
{
    expect_refused([] { created(SecretDraft(not_utf8, {"foo=bar"})); }, errc::invalid_name);
    expect_refused([] { created(SecretDraft("x", {"foo=bar"}).info(not_utf8)); }, errc::invalid_name);
    expect_refused([] { created(SecretDraft("x", {"foo=bar"}).info("\xed\xa0\x80")); }, errc::invalid_name);
}

TEST(EncodeCreate, NamesTheItemThatIsNotUsable)
{
    const auto error = error_of([] {
        secrets::encode_create({SecretDraft("one", {"foo=bar"}), SecretDraft("two", SecretContent())}, no_limit);
    });

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::empty_content);
    EXPECT_NE(std::string(error->what()).find("item 1"), std::string::npos) << error->what();
    EXPECT_NE(std::string(error->what()).find("two"), std::string::npos) << error->what();
    ASSERT_EQ(error->items().size(), 2U);
    EXPECT_EQ(error->items()[0].subject(), "one");
    EXPECT_TRUE(error->items()[0].ok());
    EXPECT_EQ(error->items()[1].subject(), "two");
    ASSERT_FALSE(error->items()[1].ok());
    EXPECT_TRUE(error->items()[1].error()->code() == errc::empty_content);
}

TEST(EncodeCreate, AnUnusableOnlyItemIsTheErrorItself)
{
    const auto error = error_of([] { created(SecretDraft("one", SecretContent())); });

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->items().empty());
    EXPECT_EQ(std::string(error->what()).find("item"), std::string::npos) << error->what();
}

TEST(EncodeCreate, SaysWhatIsWrongInOneLine)
{
    const auto name = error_of([] { created(SecretDraft("a\nb", SecretContent())); });
    const auto description = error_of([] { created(SecretDraft("a\nb\xff", {"foo=bar"}).info(not_utf8)); });

    for (const auto& error : {name, description}) {
        ASSERT_TRUE(error.has_value());
        EXPECT_EQ(std::string(error->what()).find('\n'), std::string::npos) << error->what();
        EXPECT_EQ(std::string(error->what()).find('\xff'), std::string::npos);
    }
}

TEST(EncodeCreate, NeverQuotesAValue)
{
    const auto error = error_of([] { created(SecretDraft(not_utf8, {"foo=hunter2"})); });

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find("hunter2"), std::string::npos);
    EXPECT_EQ(std::string(error->what()).find("aHVudGVyMg"), std::string::npos);
}

// UpdateSecrets.

TEST(EncodeUpdate, SendsNewContentAlone)
{
    EXPECT_EQ(updated("my-apitoken", SecretUpdate().data({"token=5f00baa7"})),
              R"({"args":[{"content":{"data":{"token":"NWYwMGJhYTc="}},"existing-label":"my-apitoken"}]})");
}

TEST(EncodeUpdate, SendsANewNameAlone)
{
    EXPECT_EQ(updated("my-apitoken", SecretUpdate().new_name("new-name")),
              R"({"args":[{"label":"new-name","existing-label":"my-apitoken"}]})");
}

TEST(EncodeUpdate, SendsANewDescriptionAlone)
{
    EXPECT_EQ(updated("my-apitoken", SecretUpdate().info("rotated")),
              R"({"args":[{"description":"rotated","existing-label":"my-apitoken"}]})");
}

TEST(EncodeUpdate, ClearsADescription)
{
    EXPECT_EQ(updated(SecretUri::parse(id), SecretUpdate().clear_info()),
              R"({"args":[{"description":"","uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeUpdate, ClearsAName)
{
    EXPECT_EQ(updated(SecretUri::parse(id), SecretUpdate().clear_name()), R"({"args":[{"label":"","uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeUpdate, SwitchesAutoPruneAlone)
{
    EXPECT_EQ(updated(SecretUri::parse(id), SecretUpdate().auto_prune(true)),
              R"({"args":[{"auto-prune":true,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
    EXPECT_EQ(updated(SecretUri::parse(id), SecretUpdate().auto_prune(false)),
              R"({"args":[{"auto-prune":false,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeUpdate, SendsEverythingThatIsSet)
{
    EXPECT_EQ(updated("old", SecretUpdate().new_name("new").info("d").data({"foo=bar"}).auto_prune(true)),
              R"({"args":[{"description":"d","label":"new","content":{"data":{"foo":"YmFy"}},"auto-prune":true,"existing-label":"old"}]})");
}

TEST(EncodeUpdate, TextThatIsAUriGoesAsOne)
{
    EXPECT_EQ(updated("9m4e2mr0ui3e8a215n4g", SecretUpdate().info("d")),
              R"({"args":[{"description":"d","uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
    EXPECT_EQ(updated("secret://deadbeef-0bad-400d-8000-4b1d0d06f00d/9m4e2mr0ui3e8a215n4g", SecretUpdate().info("d")),
              R"({"args":[{"description":"d","uri":"secret://deadbeef-0bad-400d-8000-4b1d0d06f00d/9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeUpdate, NameThatLooksLikeAUriGoesAsAName)
{
    EXPECT_EQ(updated(SecretRef::by_name(id), SecretUpdate().info("d")),
              R"({"args":[{"description":"d","existing-label":"9m4e2mr0ui3e8a215n4g"}]})");
}

/// Every combination of left alone, set and cleared, against the rule of the protocol: a member goes on the wire if and only if it was
/// mentioned (secrets-facade 1.7).
TEST(EncodeUpdate, SendsExactlyWhatWasMentionedInEveryCombination)
{
    int combinations = 0;
    for (int name = 0; name < 3; ++name) {
        for (int info = 0; info < 3; ++info) {
            for (int data = 0; data < 2; ++data) {
                for (int prune = 0; prune < 3; ++prune) {
                    SecretUpdate update;
                    std::string members;
                    if (info != 0)
                        members += info == 1 ? R"("description":"text",)" : R"("description":"",)";
                    if (name != 0)
                        members += name == 1 ? R"("label":"fresh",)" : R"("label":"",)";
                    if (data != 0)
                        members += R"("content":{"data":{"foo":"YmFy"}},)";
                    if (prune != 0)
                        members += prune == 1 ? R"("auto-prune":true,)" : R"("auto-prune":false,)";
                    // Set in another order than they are sent.
                    if (prune != 0)
                        update.auto_prune(prune == 1);
                    if (data != 0)
                        update.data({"foo=bar"});
                    if (name != 0)
                        name == 1 ? update.new_name("fresh") : update.clear_name();
                    if (info != 0)
                        info == 1 ? update.info("text") : update.clear_info();
                    ++combinations;
                    if (members.empty()) {
                        expect_refused([&] { updated("n", update); }, errc::nothing_to_update);
                        continue;
                    }
                    EXPECT_EQ(updated("n", update), R"({"args":[{)" + members + R"("existing-label":"n"}]})");
                    EXPECT_EQ(updated(SecretUri::parse(id), update),
                              R"({"args":[{)" + members + R"("uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
                }
            }
        }
    }
    EXPECT_EQ(combinations, 54);
}

TEST(EncodeUpdate, TheLastOfSetAndClearCounts)
{
    EXPECT_EQ(updated("n", SecretUpdate().info("text").clear_info()), R"({"args":[{"description":"","existing-label":"n"}]})");
    EXPECT_EQ(updated("n", SecretUpdate().clear_name().new_name("m")), R"({"args":[{"label":"m","existing-label":"n"}]})");
    EXPECT_EQ(updated("n", SecretUpdate().auto_prune(true).auto_prune(false)), R"({"args":[{"auto-prune":false,"existing-label":"n"}]})");
}

TEST(EncodeUpdate, SendsTheContentOfAFile)
{
    const TemporaryDirectory directory;
    const auto file = directory.write("creds.yaml", "password: hunter2\nport: 5432\n");

    EXPECT_EQ(updated("n", SecretUpdate().file(file)),
              R"({"args":[{"content":{"data":{"password":"aHVudGVyMg==","port":"NTQzMg=="}},"existing-label":"n"}]})");
}

TEST(EncodeUpdate, EntriesOfTheFileWinOverTheOthers)
{
    const TemporaryDirectory directory;
    const auto file = directory.write("creds.yaml", "foo: from-file\n");
    constexpr const char* expected = R"({"args":[{"content":{"data":{"bar":"YXJndW1lbnQ=","foo":"ZnJvbS1maWxl"}},"existing-label":"n"}]})";

    EXPECT_EQ(updated("n", SecretUpdate().file(file).data({"foo=argument", "bar=argument"})), expected);
    EXPECT_EQ(updated("n", SecretUpdate().data({"foo=argument", "bar=argument"}).file(file)), expected);
}

TEST(EncodeUpdate, SendsSeveralItemsInOneRequest)
{
    EXPECT_EQ(str(secrets::encode_update({{SecretRef("one"), SecretUpdate().info("a")}, {SecretRef(id), SecretUpdate().auto_prune(true)}},
                                         no_limit)),
              R"({"args":[{"description":"a","existing-label":"one"},{"auto-prune":true,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeUpdate, RefusesEmptyContent)
{
    expect_refused([] { updated("n", SecretUpdate().data(SecretContent())); }, errc::empty_content);
    expect_refused([] { updated("n", SecretUpdate().info("x").data(SecretContent())); }, errc::empty_content);
}

TEST(EncodeUpdate, RefusesTextThatIsNotUtf8)
{
    expect_refused([] { updated("n", SecretUpdate().new_name(not_utf8)); }, errc::invalid_name);
    expect_refused([] { updated("n", SecretUpdate().info(not_utf8)); }, errc::invalid_name);
}

TEST(EncodeUpdate, RefusesAnEmptyList)
{
    expect_refused([] { secrets::encode_update({}, no_limit); }, errc::invalid_argument);
}

TEST(EncodeUpdate, NamesTheItemThatIsNotUsable)
{
    const auto error = error_of([] {
        secrets::encode_update({{SecretRef("one"), SecretUpdate().info("a")}, {SecretRef("two"), SecretUpdate()}}, no_limit);
    });

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::nothing_to_update);
    EXPECT_NE(std::string(error->what()).find("item 1"), std::string::npos) << error->what();
    ASSERT_EQ(error->items().size(), 2U);
    EXPECT_EQ(error->items()[1].subject(), "two");
    EXPECT_FALSE(error->items()[1].ok());
}

TEST(EncodeUpdate, SaysWhatIsWrongInOneLine)
{
    const auto error = error_of([] { updated("a\nb", SecretUpdate()); });

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find('\n'), std::string::npos) << error->what();
}

// RemoveSecrets.

TEST(EncodeRemove, AllSendsNoRevisions)
{
    EXPECT_EQ(removed(SecretRemoval::all("my-apitoken")), R"({"args":[{"label":"my-apitoken"}]})");
    EXPECT_EQ(removed(SecretRemoval::all(id)), R"({"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]})");
}

TEST(EncodeRemove, SendsTheRevisionsAsked)
{
    EXPECT_EQ(removed(SecretRemoval("my-apitoken", {2})), R"({"args":[{"label":"my-apitoken","revisions":[2]}]})");
    EXPECT_EQ(removed(SecretRemoval(id, {1, 5, 2147483647})),
              R"({"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","revisions":[1,5,2147483647]}]})");
}

TEST(EncodeRemove, SendsSeveralItemsInOneRequest)
{
    EXPECT_EQ(str(secrets::encode_remove({SecretRemoval::all("one"), SecretRemoval("two", {3})}, no_limit)),
              R"({"args":[{"label":"one"},{"label":"two","revisions":[3]}]})");
}

TEST(EncodeRemove, RefusesAnEmptyListOfRevisionsSinceItMeansAllOnTheWire)
{
    expect_refused([] { removed(SecretRemoval("my-apitoken", {})); }, errc::invalid_revision);
}

TEST(EncodeRemove, RefusesRevisionsBelowOne)
{
    expect_refused([] { removed(SecretRemoval("my-apitoken", {0})); }, errc::invalid_revision);
    expect_refused([] { removed(SecretRemoval("my-apitoken", {-1})); }, errc::invalid_revision);
    expect_refused([] { removed(SecretRemoval("my-apitoken", {1, 2, 0})); }, errc::invalid_revision);
    expect_refused([] { removed(SecretRemoval("my-apitoken", {-2147483647 - 1})); }, errc::invalid_revision);
}

TEST(EncodeRemove, RefusesAnEmptyList)
{
    expect_refused([] { secrets::encode_remove({}, no_limit); }, errc::invalid_argument);
}

TEST(EncodeRemove, OneUnusableItemRefusesTheWholeRequest)
{
    const auto error = error_of([] { secrets::encode_remove({SecretRemoval::all("one"), SecretRemoval("two", {})}, no_limit); });

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::invalid_revision);
    EXPECT_EQ(error->outcome(), juju::Outcome::not_sent);
    ASSERT_EQ(error->items().size(), 2U);
    EXPECT_TRUE(error->items()[0].ok());
    EXPECT_EQ(error->items()[1].subject(), "two");
    EXPECT_FALSE(error->items()[1].ok());
}

// Which secret.

TEST(EncodeRef, RefusesAnEmptyUri)
{
    expect_refused([] { updated(SecretUri(), SecretUpdate().info("x")); }, errc::invalid_uri);
    expect_refused([] { removed(SecretRemoval::all(SecretUri())); }, errc::invalid_uri);
    expect_refused([] { access(SecretUri(), "ubuntu"); }, errc::invalid_uri);
}

TEST(EncodeRef, RefusesAnEmptyName)
{
    expect_refused([] { updated("", SecretUpdate().info("x")); }, errc::invalid_name);
    expect_refused([] { removed(SecretRemoval::all("")); }, errc::invalid_name);
    expect_refused([] { access("", "ubuntu"); }, errc::invalid_name);
    expect_refused([] { access(SecretRef::by_name(""), "ubuntu"); }, errc::invalid_name);
}

TEST(EncodeRef, RefusesANameThatIsNotUtf8)
{
    expect_refused([] { removed(SecretRemoval::all(not_utf8)); }, errc::invalid_name);
}

TEST(EncodeRef, OneThatWasMovedFromRemovesNothing)
{
    SecretRef by_uri(id);
    SecretRef by_name("a name that is too long for the small buffer of a string");
    const SecretRef taken_uri = std::move(by_uri);
    const SecretRef taken_name = std::move(by_name);

    expect_refused([&] { removed(SecretRemoval::all(by_uri)); }, errc::invalid_argument);
    expect_refused([&] { removed(SecretRemoval::all(by_name)); }, errc::invalid_argument);
}

// GrantSecret and RevokeSecret.

TEST(EncodeAccess, SendsTheApplicationsInOrder)
{
    EXPECT_EQ(access("my-apitoken", "ubuntu"), R"({"label":"my-apitoken","applications":["ubuntu"]})");
    EXPECT_EQ(access("my-apitoken", {"postgresql", "gitlab", "my-app-2a"}),
              R"({"label":"my-apitoken","applications":["postgresql","gitlab","my-app-2a"]})");
    EXPECT_EQ(access(id, "ubuntu"), R"({"uri":"secret:9m4e2mr0ui3e8a215n4g","applications":["ubuntu"]})");
}

TEST(EncodeAccess, RefusesNoApplications)
{
    expect_refused([] { access("my-apitoken", Applications()); }, errc::no_applications);
    expect_refused([] { access("my-apitoken", std::vector<std::string>()); }, errc::no_applications);
}

TEST(EncodeAccess, RefusesBadApplicationNames)
{
    for (const auto* name :
         {"", "Bad_App", "ubuntu/0", "app-", "-app", "1app", "app-2", "a b", "ubuntu,postgresql", "application-Ubuntu"}) {
        expect_refused([&] { access("my-apitoken", name); }, errc::invalid_argument);
        expect_refused([&] { access("my-apitoken", {"ubuntu", name}); }, errc::invalid_argument);
    }
}

TEST(EncodeAccess, RefusesANameThatIsNotUtf8)
{
    expect_refused([] { access("my-apitoken", not_utf8); }, errc::invalid_name);
}

TEST(EncodeAccess, QuotesABadNameInOneLine)
{
    const auto error = error_of([] { access("my-apitoken", "bad\nname"); });

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find('\n'), std::string::npos) << error->what();
    EXPECT_NE(std::string(error->what()).find("bad"), std::string::npos) << error->what();
}

// ListSecrets.

TEST(EncodeList, WithoutTermsAsksForEverything)
{
    EXPECT_EQ(listed(SecretFilter()), R"({"show-secrets":false,"filter":{}})");
}

TEST(EncodeList, Reveals)
{
    EXPECT_EQ(listed(SecretFilter().show_secrets(true)), R"({"show-secrets":true,"filter":{}})");
    EXPECT_EQ(listed(SecretFilter().show_secrets(true).show_secrets(false)), R"({"show-secrets":false,"filter":{}})");
}

TEST(EncodeList, SendsAUri)
{
    EXPECT_EQ(listed(SecretFilter().uri(SecretUri::parse(id))), R"({"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}})");
}

TEST(EncodeList, SendsAUriWhoseHostIsNotUtf8)
{
    const auto uri = SecretUri::parse("secret://deadbeef-0bad-400d-8000-4b1d0d06f00d%ff/9m4e2mr0ui3e8a215n4g");
    EXPECT_EQ(listed(SecretFilter().uri(uri)),
              R"({"show-secrets":false,"filter":{"uri":"secret://deadbeef-0bad-400d-8000-4b1d0d06f00d%FF/9m4e2mr0ui3e8a215n4g"}})");
}

TEST(EncodeList, SendsAName)
{
    EXPECT_EQ(listed(SecretFilter().name("my-apitoken")), R"({"show-secrets":false,"filter":{"label":"my-apitoken"}})");
}

TEST(EncodeList, SendsAnApplicationOrUnitAsOwner)
{
    EXPECT_EQ(listed(SecretFilter().owner("application-ubuntu")), R"({"show-secrets":false,"filter":{"owner-tag":"application-ubuntu"}})");
    EXPECT_EQ(listed(SecretFilter().owner("unit-ubuntu-0")), R"({"show-secrets":false,"filter":{"owner-tag":"unit-ubuntu-0"}})");
}

TEST(EncodeList, KeepsAModelAsOwnerToItselfSince40RefusesIt)
{
    EXPECT_EQ(listed(SecretFilter().owner("model-deadbeef-0bad-400d-8000-4b1d0d06f00d")), R"({"show-secrets":false,"filter":{}})");
}

TEST(EncodeList, SendsOnlyTheUriOfSeveralTermsSince40RefusesOrIgnoresTheRest)
{
    EXPECT_EQ(listed(SecretFilter().owner("application-ubuntu").name("x").uri(SecretUri::parse(id))),
              R"({"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}})");
}

TEST(EncodeList, SendsTheNameRatherThanTheOwner)
{
    EXPECT_EQ(listed(SecretFilter().owner("application-ubuntu").name("x")), R"({"show-secrets":false,"filter":{"label":"x"}})");
}

TEST(EncodeList, SendsARevisionBesideUriOrName)
{
    EXPECT_EQ(listed(SecretFilter().uri(SecretUri::parse(id)).revision(2).show_secrets(true)),
              R"({"show-secrets":true,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g","revision":2}})");
    EXPECT_EQ(listed(SecretFilter().name("x").revision(1)), R"({"show-secrets":false,"filter":{"label":"x","revision":1}})");
}

TEST(EncodeList, EscapesAName)
{
    EXPECT_EQ(listed(SecretFilter().name("a\"\\\n")), R"({"show-secrets":false,"filter":{"label":"a\"\\\n"}})");
}

TEST(EncodeList, RefusesARevisionAlone)
{
    expect_refused([] { listed(SecretFilter().revision(1)); }, errc::invalid_argument);
    expect_refused([] { listed(SecretFilter().owner("application-ubuntu").revision(1)); }, errc::invalid_argument);
}

TEST(EncodeList, RefusesRevisionsBelowOne)
{
    expect_refused([] { listed(SecretFilter().name("x").revision(0)); }, errc::invalid_revision);
    expect_refused([] { listed(SecretFilter().name("x").revision(-1)); }, errc::invalid_revision);
    expect_refused([] { listed(SecretFilter().revision(0)); }, errc::invalid_revision);
}

TEST(EncodeList, RefusesAnEmptyUri)
{
    expect_refused([] { listed(SecretFilter().uri(SecretUri())); }, errc::invalid_uri);
}

TEST(EncodeList, RefusesAnOwnerThatCanOwnNothing)
{
    for (const auto* owner : {"", "foo", "ubuntu", "user-admin", "machine-0", "application-Foo!", "unit-ubuntu", "model-x"})
        expect_refused([&] { listed(SecretFilter().owner(owner)); }, errc::invalid_owner);
}

TEST(EncodeList, RefusesTextThatIsNotUtf8)
{
    expect_refused([] { listed(SecretFilter().name(not_utf8)); }, errc::invalid_name);
    expect_refused([] { listed(SecretFilter().owner(not_utf8)); }, errc::invalid_name);
}

TEST(EncodeList, QuotesABadOwnerInOneLine)
{
    const auto error = error_of([] { listed(SecretFilter().owner("bad\nowner")); });

    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find('\n'), std::string::npos) << error->what();
}

// Whole lines.

TEST(EncodeLine, OfEachCallIsTheLineOfTheProtocol)
{
    using juju::wire::Request;
    const auto line = [](const char* method, juju::WipingString params) {
        return str(Request("Secrets", 2, method, std::move(params)).encode(7));
    };

    EXPECT_EQ(
        line("CreateSecrets",
             secrets::encode_create({SecretDraft("my-apitoken", {"token=34ae35facd4"}).info("api token")}, no_limit).front().params),
        R"({"request-id":7,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"description":"api token","label":"my-apitoken","content":{"data":{"token":"MzRhZTM1ZmFjZDQ="}}}]}})");
    EXPECT_EQ(
        line("UpdateSecrets",
             secrets::encode_update({{SecretRef("my-apitoken"), SecretUpdate().new_name("new-name")}}, no_limit).front().params),
        R"({"request-id":7,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"label":"new-name","existing-label":"my-apitoken"}]}})");
    EXPECT_EQ(
        line("RemoveSecrets", secrets::encode_remove({SecretRemoval(id, {1})}, no_limit).front().params),
        R"({"request-id":7,"type":"Secrets","version":2,"request":"RemoveSecrets","params":{"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","revisions":[1]}]}})");
    EXPECT_EQ(
        line("GrantSecret", secrets::encode_access("my-apitoken", {"gitlab", "mysql"})),
        R"({"request-id":7,"type":"Secrets","version":2,"request":"GrantSecret","params":{"label":"my-apitoken","applications":["gitlab","mysql"]}})");
    EXPECT_EQ(
        line("ListSecrets", secrets::encode_list(SecretFilter().name("my-apitoken"))),
        R"({"request-id":7,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"label":"my-apitoken"}}})");
}
