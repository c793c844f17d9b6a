#include "secrets/secrets_codec.hpp"

#include "unit/codec_support.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using juju::errc;
using juju::Outcome;
using juju::Secret;
using juju::SecretFilter;
using juju::SecretUri;
using juju::Timestamp;
using juju::test::reply;
namespace secrets = juju::secrets;
namespace wire = juju::wire;

namespace {

const std::string request_name = "Secrets.Method";

std::vector<std::string> subjects(std::size_t count)
{
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i)
        result.push_back("item " + std::to_string(i));
    return result;
}

template <class Call>
std::optional<juju::Error> error_of(Call&& call)
{
    try {
        call();
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

/// A time on 2 March 2026, UTC.
constexpr Timestamp at(int hour, int minute, int second, int nanosecond = 0)
{
    using namespace std::chrono;
    return Timestamp(sys_days(year(2026) / March / 2)) + hours(hour) + minutes(minute) + seconds(second) + nanoseconds(nanosecond);
}

// What a reply should become, written by hand.

struct Failed {
    errc code;
    std::string server_code;
    std::string server_message;
};

struct Made {
    std::string uri;
};

struct Fine {};

using Item = std::variant<Fine, Made, Failed>;

struct Created {
    std::vector<Item> items;
};

struct Results {
    std::vector<Item> items;
};

struct Refused {
    errc code;
    std::string server_code;
    std::string server_message;
    std::string info = {};
};

struct Revision {
    int number;
    std::string backend;
    Timestamp create_time;
    Timestamp update_time;
    std::optional<Timestamp> expire_time = {};
};

struct Access {
    std::string target;
    std::string scope;
    std::string role;
    std::string application;
};

using Texts = std::map<std::string, std::string>;

struct Listed {
    std::string uri;
    std::string owner;
    bool user_secret;
    std::string name;
    std::string label;
    std::string info;
    std::string rotate_policy;
    int latest_revision;
    std::string checksum;
    Timestamp create_time;
    Timestamp update_time;
    std::vector<Revision> revisions;
    std::vector<Access> access = {};
    std::optional<Texts> content = {};
    std::optional<Failed> content_error = {};
    std::optional<Timestamp> next_rotate_time = {};
    std::optional<Timestamp> latest_expire_time = {};
};

struct List {
    std::vector<Listed> secrets;
};

using Expected = std::variant<Created, Results, Refused, List>;

void expect_failed(const juju::Error& error, const Failed& expected)
{
    EXPECT_TRUE(error.code() == expected.code) << error.code().message() << ": " << error.what();
    EXPECT_EQ(error.server_code(), expected.server_code);
    EXPECT_EQ(error.server_message(), expected.server_message);
    EXPECT_EQ(error.request(), request_name);
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(error.connection_usable());
}

template <class T>
void expect_items(const juju::Outcomes<T>& outcomes, const std::vector<Item>& expected)
{
    ASSERT_EQ(outcomes.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        SCOPED_TRACE("item " + std::to_string(i));
        EXPECT_EQ(outcomes[i].subject(), "item " + std::to_string(i));
        const auto* failed = std::get_if<Failed>(&expected[i]);
        EXPECT_EQ(outcomes[i].ok(), failed == nullptr);
        ASSERT_EQ(outcomes[i].error().has_value(), failed != nullptr);
        if (failed != nullptr)
            expect_failed(*outcomes[i].error(), *failed);
        if constexpr (!std::is_void_v<T>) {
            if (const auto* made = std::get_if<Made>(&expected[i])) {
                EXPECT_EQ(outcomes[i].value().str(), made->uri);
            }
        }
    }
}

void expect_revisions(const Secret& secret, const std::vector<Revision>& expected)
{
    ASSERT_EQ(secret.revisions().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        SCOPED_TRACE("revision at " + std::to_string(i));
        const auto& revision = secret.revisions()[i];
        EXPECT_EQ(revision.number(), expected[i].number);
        EXPECT_EQ(revision.backend(), expected[i].backend);
        EXPECT_EQ(revision.create_time(), expected[i].create_time);
        EXPECT_EQ(revision.update_time(), expected[i].update_time);
        EXPECT_EQ(revision.expire_time(), expected[i].expire_time);
    }
}

void expect_access(const Secret& secret, const std::vector<Access>& expected)
{
    ASSERT_EQ(secret.access().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        SCOPED_TRACE("access at " + std::to_string(i));
        EXPECT_EQ(secret.access()[i].target(), expected[i].target);
        EXPECT_EQ(secret.access()[i].scope(), expected[i].scope);
        EXPECT_EQ(secret.access()[i].role(), expected[i].role);
        EXPECT_EQ(secret.access()[i].application(), expected[i].application);
    }
}

void expect_content(const Secret& secret, const Listed& expected)
{
    EXPECT_EQ(secret.has_content(), expected.content.has_value());
    ASSERT_EQ(secret.content_error().has_value(), expected.content_error.has_value());
    if (expected.content_error) {
        expect_failed(*secret.content_error(), *expected.content_error);
        const auto error = error_of([&] { secret.content(); });
        ASSERT_TRUE(error.has_value());
        expect_failed(*error, *expected.content_error);
    }
    if (!expected.content)
        return;
    EXPECT_EQ(secret.content().size(), expected.content->size());
    for (const auto& [key, text] : *expected.content) {
        ASSERT_NE(secret.content().find(key), nullptr) << key;
        EXPECT_EQ(secret.content().at(key).text(), text) << key;
    }
}

void expect_secret(const Secret& secret, const Listed& expected)
{
    EXPECT_EQ(secret.uri().str(), expected.uri);
    EXPECT_EQ(secret.owner(), expected.owner);
    EXPECT_EQ(secret.is_user_secret(), expected.user_secret);
    EXPECT_EQ(secret.name(), expected.name);
    EXPECT_EQ(secret.label(), expected.label);
    EXPECT_EQ(secret.info(), expected.info);
    EXPECT_EQ(secret.rotate_policy(), expected.rotate_policy);
    EXPECT_EQ(secret.latest_revision(), expected.latest_revision);
    EXPECT_EQ(secret.checksum(), expected.checksum);
    EXPECT_EQ(secret.create_time(), expected.create_time);
    EXPECT_EQ(secret.update_time(), expected.update_time);
    EXPECT_EQ(secret.next_rotate_time(), expected.next_rotate_time);
    EXPECT_EQ(secret.latest_expire_time(), expected.latest_expire_time);
    expect_revisions(secret, expected.revisions);
    expect_access(secret, expected.access);
    expect_content(secret, expected);
}

void expect_decoded(const std::string& method, const std::string& text, const Expected& expected)
{
    auto message = reply(text);
    if (const auto* refused = std::get_if<Refused>(&expected)) {
        const auto error = error_of([&] {
            if (method == "ListSecrets")
                secrets::decode_list(message, request_name);
            else if (method == "CreateSecrets" || method == "CreateSecretURIs")
                secrets::decode_create(message, request_name, subjects(1));
            else
                secrets::decode_results(message, request_name, subjects(1));
        });
        ASSERT_TRUE(error.has_value());
        expect_failed(*error, Failed{refused->code, refused->server_code, refused->server_message});
        EXPECT_EQ(error->server_info(), refused->info);
    } else if (const auto* created = std::get_if<Created>(&expected)) {
        expect_items(secrets::decode_create(message, request_name, subjects(created->items.size())), created->items);
    } else if (const auto* results = std::get_if<Results>(&expected)) {
        expect_items(secrets::decode_results(message, request_name, subjects(results->items.size())), results->items);
    } else {
        const auto& list = std::get<List>(expected).secrets;
        const auto found = secrets::decode_list(message, request_name);
        ASSERT_EQ(found.size(), list.size());
        for (std::size_t i = 0; i < list.size(); ++i)
            expect_secret(found[i], list[i]);
    }
}

constexpr const char* s_uri = "secret:9m4e2mr0ui3e8a215n4g";
constexpr const char* t_uri = "secret:coj8mulh8b41e8nv6p90";
constexpr const char* model = "model-deadbeef-0bad-400d-8000-4b1d0d06f00d";
constexpr const char* crash = "runtime error: invalid memory address or nil pointer dereference";

const Refused denied{errc::permission_denied, "unauthorized access", "permission denied"};
const Refused crashed{errc::server_error, "", crash};
const Access gitlab{"application-gitlab", model, "view", "gitlab"};

/// The fixture of the transcripts after T1, as each release lists it.
Listed token_36()
{
    return {s_uri,
            model,
            true,
            "my-apitoken",
            "my-apitoken",
            "api token",
            "never",
            1,
            "f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465",
            at(10, 15, 30),
            at(10, 15, 30),
            {{1, "internal", at(10, 15, 30), at(10, 15, 30)}}};
}

Listed token_40()
{
    return {s_uri,
            model,
            true,
            "my-apitoken",
            "my-apitoken",
            "api token",
            "never",
            1,
            "f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465",
            at(10, 15, 30, 123456789),
            at(10, 15, 30, 123456789),
            {{1, "internal", at(10, 15, 30, 123456789), at(10, 15, 30, 123456789)}}};
}

/// The same after the update to revision 2.
Listed updated_36()
{
    auto secret = token_36();
    secret.latest_revision = 2;
    secret.checksum = "d21a7805c68db96611f9e5e0f13c711b6586b6ab0ad64cdc4bd4de4f6250ba0c";
    secret.update_time = at(10, 20, 0);
    return secret;
}

Listed updated_40()
{
    auto secret = token_40();
    secret.latest_revision = 2;
    secret.checksum = "d21a7805c68db96611f9e5e0f13c711b6586b6ab0ad64cdc4bd4de4f6250ba0c";
    secret.update_time = at(10, 20, 0, 500000000);
    return secret;
}

List t15_36()
{
    auto secret = token_36();
    secret.access = {gitlab};
    return {{secret}};
}

List t15_40()
{
    auto secret = token_40();
    secret.access = {gitlab};
    return {{secret}};
}

List t16_36()
{
    auto secret = updated_36();
    secret.revisions = {{1, "internal", at(10, 15, 30), at(10, 15, 30)}, {2, "internal", at(10, 20, 0), at(10, 20, 0)}};
    secret.content = Texts{{"token", "5f00baa7"}};
    return {{secret}};
}

List t16_40()
{
    auto secret = updated_40();
    secret.revisions = {{1, "internal", at(10, 15, 30, 123456789), at(10, 15, 30, 123456789)},
                        {2, "internal", at(10, 20, 0, 500000000), at(10, 20, 0, 500000000)}};
    secret.content = Texts{{"token", "5f00baa7"}};
    return {{secret}};
}

List t17_36()
{
    auto secret = updated_36();
    secret.content = Texts{{"token", "34ae35facd4"}};
    return {{secret}};
}

List t17_40()
{
    auto secret = updated_40();
    secret.content = Texts{{"token", "34ae35facd4"}};
    return {{secret}};
}

/// The latest revision is gone, its number and checksum stay.
List t18_36()
{
    auto secret = updated_36();
    secret.content_error = Failed{errc::not_found, "not found", "secret revision \"9m4e2mr0ui3e8a215n4g/2\" not found"};
    return {{secret}};
}

List t18_40()
{
    auto secret = updated_40();
    secret.latest_revision = 1;
    secret.content = Texts{{"token", "34ae35facd4"}};
    return {{secret}};
}

List t24_40()
{
    auto secret = token_40();
    secret.revisions = {};
    return {{secret}};
}

Listed charm_secret()
{
    Listed secret{"secret:copp9vfmp25c77di8nm0",
                  "application-mysql",
                  false,
                  "",
                  "db-root",
                  "root password",
                  "hourly",
                  2,
                  "05576a28baf0b1d7c4945b60d113b6ce4ce890959997082d4e2cb706d4a9a45b",
                  at(10, 0, 0),
                  at(10, 20, 0),
                  {{2, "internal", at(10, 20, 0), at(10, 20, 0), at(24, 0, 0)}}};
    secret.access = {{"application-gitlab", "relation-gitlab.server#mysql.db", "view", "gitlab"}};
    secret.next_rotate_time = at(11, 20, 0);
    secret.latest_expire_time = at(24, 0, 0);
    return secret;
}

List t30_36()
{
    return {{charm_secret()}};
}

List t30_40()
{
    auto secret = charm_secret();
    secret.create_time = at(10, 0, 0, 250000000);
    secret.update_time = at(10, 20, 0, 500000000);
    secret.next_rotate_time = at(11, 20, 0, 500000000);
    secret.revisions = {{2, "internal", at(10, 20, 0, 500000000), at(10, 20, 0, 500000000), at(24, 0, 0)}};
    return {{secret}};
}

Failed not_found_36(const std::string& message)
{
    return {errc::not_found, "not found", message};
}

Failed not_found_40(const std::string& message)
{
    return {errc::not_found, "secret not found", message};
}

/// By transcript and version.
using Table = std::map<std::pair<std::string, std::string>, Expected>;

class TableBuilder {
public:
    void both(const std::string& id, const Expected& expected) { each(id, expected, expected); }

    void each(const std::string& id, const Expected& on_36, const Expected& on_40)
    {
        table[{id, "3.6"}] = on_36;
        table[{id, "4.0"}] = on_40;
    }

    void on_3628(const std::string& id, const Expected& expected) { table[{id, "3.6.28"}] = expected; }

    Table table;
};

void expect_creations(TableBuilder& t)
{
    const Failed empty{errc::not_valid, "not valid", "empty secret value not valid"};
    const Failed uri_given{errc::not_valid, "not valid", "secret uri cannot be set on user secret create not valid"};
    const Failed owner{errc::not_valid, "not valid", "owner tag \"model-deadbeef-0bad-400d-8000-4b1d0d06f00d\" not valid"};
    const Failed taken{errc::already_exists, "already exists", "secret with name \"my-apitoken\" already exists"};
    const Failed twin{errc::already_exists, "already exists", "secret with name \"twin\" already exists"};
    t.both("T1", Created{{Made{s_uri}}});
    t.both("T2", Created{{Made{t_uri}}});
    t.both("T3", Created{{Made{t_uri}}});
    t.both("T4", Created{{empty}});
    t.on_3628("T4", crashed);
    t.both("T5", Created{{taken}});
    t.both("T6", Created{{owner}});
    t.on_3628("T6", crashed);
    t.each("T7", Created{{uri_given}}, Created{{Made{t_uri}}});
    t.on_3628("T7", crashed);
    t.both("T8", Created{{Made{t_uri}, empty}});
    t.on_3628("T8", crashed);
    t.both("T9", Created{{Made{t_uri}, twin}});
    t.both("T10", Created{});
    t.both("T11", denied);
    t.both("T12", Refused{errc::permission_denied, "access required",
                          "access permissions required: map[model-deadbeef-0bad-400d-8000-4b1d0d06f00d:write]",
                          R"({"model-deadbeef-0bad-400d-8000-4b1d0d06f00d":"write"})"});
}

void expect_lists(TableBuilder& t)
{
    t.both("T13", List{});
    t.each("T14", List{{token_36()}}, List{{token_40()}});
    t.each("T15", t15_36(), t15_40());
    t.each("T16", t16_36(), t16_40());
    t.each("T17", t17_36(), t17_40());
    t.each("T18", t18_36(), t18_40());
    t.both("T19", denied);
    t.both("T20", denied);
    t.each("T21", List{},
           Refused{errc::not_found, "secret not found",
                   "getting secret by URI \"cvq3k8t0fr6s73c1l9ag\": querying secrets: secret {\"\" \"cvq3k8t0fr6s73c1l9ag\"} not found"});
    t.both("T22", List{});
    t.each("T23", Refused{errc::not_found, "not found", "revison 5 for secret \"secret:9m4e2mr0ui3e8a215n4g\" not found"},
           Refused{errc::not_found, "secret revision not found",
                   "getting secret by URI \"9m4e2mr0ui3e8a215n4g\": secret revision 5 for { 9m4e2mr0ui3e8a215n4g} not found"});
    t.each("T24", Refused{errc::not_found, "not found", "revison 5 for secret \"secret:9m4e2mr0ui3e8a215n4g\" not found"}, t24_40());
    t.both("T25", Refused{errc::not_valid, "not valid", "secret URI \"my-secret\" not valid"});
    t.both("T26", Refused{errc::not_valid, "not valid", "secret URI scheme \"http\" not valid"});
    t.each("T27", List{{token_36()}}, Refused{errc::server_error, "", "cannot specify both URI and labels"});
    t.each("T28", List{{token_36()}}, Refused{errc::server_error, "", "cannot specify revision without URI or labels"});
    t.each("T29", List{{token_36()}}, Refused{errc::not_valid, "not valid", "secret owner tag kind \"model\" not valid"});
    t.each("T30", t30_36(), t30_40());
    t.both("T31", Refused{errc::server_error, "", "\"foo\" is not a valid tag"});
    t.each("T32", List{{token_36()}}, List{{token_40()}});
}

void expect_updates(TableBuilder& t)
{
    const Results fine{{Fine{}}};
    for (const auto* id : {"T33", "T34", "T35", "T36", "T37", "T39"})
        t.both(id, fine);
    t.each("T38", Results{{Failed{errc::already_exists, "already exists", "secret with name \"\" already exists"}}}, fine);
    t.both("T40", Results{{Failed{errc::server_error, "", "at least one attribute to update must be specified"}}});
    t.both("T41", Results{{Failed{errc::server_error, "", "must specify either URI or label but not both"}}});
    t.both("T42", Results{{Failed{errc::server_error, "", "must specify either URI or label"}}});
    t.on_3628("T42", crashed);
    t.each("T43", Results{{not_found_36("secret \"secret:cvq3k8t0fr6s73c1l9ag\" not found")}}, Results{{not_found_40("secret not found")}});
    t.each("T44", Results{{not_found_36("secret \"nosuch\" not found")}},
           Results{{not_found_40("getting user secret for label \"nosuch\": secret with label \"nosuch\" not found")}});
    t.on_3628("T44", crashed);
    t.both("T45", Results{{Failed{errc::not_valid, "not valid", "secret URI \"my-secret\" not valid"}}});
    t.on_3628("T45", crashed);
    t.both("T46", Results{{Failed{errc::already_exists, "already exists", "secret with name \"other\" already exists"}}});
    t.each("T47", Results{{Failed{errc::server_error, "", "must specify a new value or metadata to update a secret"}}},
           Results{{Failed{errc::server_error, "",
                           "updating user secret \"9m4e2mr0ui3e8a215n4g\": must specify a new value or metadata to update a secret"}}});
    t.each("T48", fine,
           Results{{Failed{errc::permission_denied, "unauthorized access",
                           "\"deadbeef-0bad-400d-8000-4b1d0d06f00d\" is not allowed to manage this secret"}}});
    t.each("T49", Results{{not_found_36("secret \"secret://11111111-2222-4333-8444-555555555555/cvq3k8t0fr6s73c1l9ag\" not found")}},
           Results{{Failed{errc::not_found, "", "secret is from a different model"}}});
    t.each("T50", Results{{Fine{}, not_found_36("secret \"secret:cvq3k8t0fr6s73c1l9ag\" not found")}},
           Results{{Fine{}, not_found_40("secret not found")}});
}

void expect_access_changes(TableBuilder& t)
{
    const Results fine{{Fine{}}};
    t.both("T51", Results{{Fine{}, Fine{}}});
    for (const auto* id : {"T52", "T54", "T61", "T62"})
        t.both(id, fine);
    t.each(
        "T53",
        Results{{Fine{}, not_found_36("cannot change access to \"secret:9m4e2mr0ui3e8a215n4g\" for \"nosuch\": invalid subject reference: "
                                      "saas application \"nosuch\" not found")}},
        Results{
            {Fine{}, Failed{errc::not_found, "",
                            "cannot change access to \"secret:9m4e2mr0ui3e8a215n4g\" for \"nosuch\": application \"nosuch\" not found"}}});
    t.both("T55", Results{});
    t.both("T56", Refused{errc::server_error, "", "must specify either URI or name"});
    t.each(
        "T57", Refused{errc::not_found, "not found", "secret \"nosuch\" not found"},
        Refused{errc::not_found, "secret not found", "getting user secret for label \"nosuch\": secret with label \"nosuch\" not found"});
    t.each("T58",
           Results{{not_found_36("cannot change access to \"secret:cvq3k8t0fr6s73c1l9ag\" for \"gitlab\": secret "
                                 "\"secret:cvq3k8t0fr6s73c1l9ag\" not found")}},
           Results{{not_found_40("cannot change access to \"secret:cvq3k8t0fr6s73c1l9ag\" for \"gitlab\": secret not found")}});
    t.each(
        "T59",
        Results{{Failed{errc::server_error, "",
                        "cannot change access to \"secret:copp9vfmp25c77di8nm0\" for \"gitlab\": cannot change secret permission scope"}}},
        Results{{Failed{errc::permission_denied, "unauthorized access",
                        "cannot change access to \"secret:copp9vfmp25c77di8nm0\" for \"gitlab\": "
                        "\"deadbeef-0bad-400d-8000-4b1d0d06f00d\" is not allowed to manage this secret"}}});
    t.both("T60", denied);
    t.each("T63", fine,
           Results{{Failed{errc::not_found, "",
                           "cannot change access to \"secret:9m4e2mr0ui3e8a215n4g\" for \"nosuch\": application \"nosuch\" not found"}}});
    t.each("T64", fine,
           Results{{not_found_40("cannot change access to \"secret:cvq3k8t0fr6s73c1l9ag\" for \"gitlab\": secret not found")}});
    t.both("T65", denied);
}

void expect_removals(TableBuilder& t)
{
    const Results fine{{Fine{}}};
    const Failed no_revision_40{errc::not_found, "secret revision not found", "secret revision not found: secret:9m4e2mr0ui3e8a215n4g/5"};
    for (const auto* id : {"T66", "T67", "T68"})
        t.both(id, fine);
    t.each("T69", Results{{not_found_36("cannot delete any of revisions [5] - revisions not found")}}, Results{{no_revision_40}});
    t.each("T70", fine, Results{{no_revision_40}});
    t.each("T71", Results{{not_found_36("secret \"secret:9m4e2mr0ui3e8a215n4g\" not found")}}, Results{{not_found_40("secret not found")}});
    t.each("T72", Results{{not_found_36("secret \"nosuch\" not found")}},
           Results{{not_found_40("getting user secret for label \"nosuch\": secret with label \"nosuch\" not found")}});
    t.both("T73", Results{{Failed{errc::not_valid, "not valid", "secret URI \"my-secret\" not valid"}}});
    t.each("T74", Results{{not_found_36("secret \"\" not found")}},
           Results{{Failed{errc::server_error, "", "must specify either URI or label"}}});
    t.each("T75", Results{{Failed{errc::permission_denied, "unauthorized access", "permission denied"}}},
           Results{{Failed{errc::permission_denied, "unauthorized access",
                           "\"deadbeef-0bad-400d-8000-4b1d0d06f00d\" is not allowed to manage this secret"}}});
    t.each("T76", Results{{Failed{errc::permission_denied, "unauthorized access", "permission denied"}}}, denied);
    t.each("T77", Results{{not_found_36("secret \"secret://11111111-2222-4333-8444-555555555555/cvq3k8t0fr6s73c1l9ag\" not found")}},
           Results{{Failed{errc::not_found, "", "secret is from a different model"}}});
}

void expect_the_rest(TableBuilder& t)
{
    t.both("T78", Refused{errc::not_implemented, "not implemented", "no such request - method Secrets(2).Frobnicate is not implemented"});
    t.both("T79", Refused{errc::server_error, "",
                          "internal error, Secrets(1) claimed to return *secrets.SecretsAPI but returned *secrets.SecretsAPIV1"});
    t.both("T80", Refused{errc::not_implemented, "not implemented", "unknown version (3) of interface \"Secrets\""});
    t.both("T81", Refused{errc::not_supported, "not supported", "facade \"Secrets\" not supported for controller API connection"});
    t.both("T82", Refused{errc::migration_in_progress, "", "model migration in progress"});
    t.both("T83", Refused{errc::server_error, "",
                          "json: cannot unmarshal string into Go struct field DeleteSecretArg.args.revisions of type int"});
    t.both("T84", denied);
    t.both("T85", Created{{Made{"secret://deadbeef-0bad-400d-8000-4b1d0d06f00d/9m4e2mr0ui3e8a215n4g"},
                           Made{"secret://deadbeef-0bad-400d-8000-4b1d0d06f00d/coj8mulh8b41e8nv6p90"}}});
}

const Table& expected_table()
{
    static const Table table = [] {
        TableBuilder builder;
        expect_creations(builder);
        expect_lists(builder);
        expect_updates(builder);
        expect_access_changes(builder);
        expect_removals(builder);
        expect_the_rest(builder);
        return builder.table;
    }();
    return table;
}

/// One reply of the transcripts.
struct Recorded {
    std::string id;
    std::string version;
    std::string method;
    std::string text;
};

void PrintTo(const Recorded& recorded, std::ostream* out)
{
    *out << recorded.id << " on " << recorded.version;
}

/// T1 to T85, each version's reply.
std::vector<Recorded> recorded_replies()
{
    std::ifstream file(JUJU_TRANSCRIPTS);
    std::vector<Recorded> replies;
    for (const auto& transcript : nlohmann::ordered_json::parse(file)) {
        const auto id = transcript.at("id").get<std::string>();
        if (std::atoi(id.c_str() + 1) > 85)
            continue;
        for (const auto& [version, message] : transcript.at("replies").items())
            replies.push_back({id, version, transcript.at("request").at("request").get<std::string>(), message.dump()});
    }
    return replies;
}

class Transcript : public testing::TestWithParam<Recorded> {};

std::string test_name(const testing::TestParamInfo<Recorded>& info)
{
    std::string name = info.param.id + "_on_" + info.param.version;
    for (char& c : name)
        c = c == '.' ? '_' : c;
    return name;
}

// Replies written for a single point.

/// A list of one secret with the given members beside its URI.
std::string list_of(std::string_view members)
{
    std::string text = R"({"request-id":1,"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g")";
    if (!members.empty())
        text += ",";
    return text.append(members) + "}]}}";
}

Secret decode_one(std::string_view members)
{
    auto message = reply(list_of(members));
    auto found = secrets::decode_list(message, request_name);
    EXPECT_EQ(found.size(), 1U);
    return found.at(0);
}

std::optional<juju::Error> list_error(std::string_view text)
{
    return error_of([&] {
        auto message = reply(text);
        secrets::decode_list(message, request_name);
    });
}

std::optional<juju::Error> create_error(std::string_view text, std::size_t items)
{
    return error_of([&] {
        auto message = reply(text);
        secrets::decode_create(message, request_name, subjects(items));
    });
}

std::optional<juju::Error> results_error(std::string_view text, std::size_t items)
{
    return error_of([&] {
        auto message = reply(text);
        secrets::decode_results(message, request_name, subjects(items));
    });
}

void expect_malformed(const std::optional<juju::Error>& error)
{
    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::malformed_reply) << error->what();
    EXPECT_EQ(error->outcome(), Outcome::unknown);
    EXPECT_TRUE(error->connection_usable());
}

} // namespace

TEST_P(Transcript, IsDecodedAsWrittenByHand)
{
    const auto& recorded = GetParam();
    const auto found = expected_table().find({recorded.id, recorded.version});
    ASSERT_NE(found, expected_table().end()) << "nothing is expected of this reply";

    expect_decoded(recorded.method, recorded.text, found->second);
}

INSTANTIATE_TEST_SUITE_P(Decode, Transcript, testing::ValuesIn(recorded_replies()), test_name);

TEST(Transcripts, AreAllThere)
{
    std::set<std::pair<std::string, std::string>> there;

    for (const auto& recorded : recorded_replies())
        there.emplace(recorded.id, recorded.version);

    for (const auto& [key, expected] : expected_table())
        EXPECT_TRUE(there.contains(key)) << key.first << " on " << key.second;
    EXPECT_EQ(there.size(), 85U * 2 + 7);
}

// What a decoder must survive (secrets-facade 8.8).

TEST(DecodeList, TakesASecretWithNothingButItsUri)
{
    const auto secret = decode_one("");

    expect_secret(secret, {s_uri, "", false, "", "", "", "never", 0, "", Timestamp(), Timestamp(), {}});
}

TEST(DecodeList, TakesNullForEveryMember)
{
    const auto secret = decode_one(R"("version":null,"owner-tag":null,"rotate-policy":null,"next-rotate-time":null,"description":null,)"
                                   R"("label":null,"latest-revision":null,"latest-revision-checksum":null,"latest-expire-time":null,)"
                                   R"("create-time":null,"update-time":null,"revisions":null,"value":null,"access":null)");

    expect_secret(secret, {s_uri, "", false, "", "", "", "never", 0, "", Timestamp(), Timestamp(), {}});
}

TEST(DecodeList, TakesNullForEveryMemberOfARevision)
{
    const auto secret = decode_one(
        R"("revisions":[{"revision":3,"value-ref":null,"backend-name":null,"create-time":null,"update-time":null,"expire-time":null}])");

    expect_revisions(secret, {{3, "", Timestamp(), Timestamp()}});
}

TEST(DecodeList, TakesARevisionWithoutBackendName)
{
    expect_revisions(
        decode_one(R"("revisions":[{"revision":1,"create-time":"2026-03-02T10:15:30Z","update-time":"2026-03-02T10:15:30Z"}])"),
        {{1, "", at(10, 15, 30), at(10, 15, 30)}});
}

TEST(DecodeList, SpellsTheGoneBackendOfBothReleasesAlike)
{
    EXPECT_EQ(decode_one(R"("revisions":[{"revision":1,"backend-name":"unknown"}])").revisions().at(0).backend(), "unknown");
    EXPECT_EQ(decode_one("\"revisions\":[{\"revision\":1,\"backend-name\":\"\\u003cunknown\\u003e\"}]").revisions().at(0).backend(),
              "unknown");
}

TEST(DecodeList, SortsRevisionsByNumberAndNotByText)
{
    const auto secret = decode_one(R"("revisions":[{"revision":1},{"revision":10},{"revision":2},{"revision":9}])");

    ASSERT_EQ(secret.revisions().size(), 4U);
    EXPECT_EQ(secret.revisions()[0].number(), 1);
    EXPECT_EQ(secret.revisions()[1].number(), 2);
    EXPECT_EQ(secret.revisions()[2].number(), 9);
    EXPECT_EQ(secret.revisions()[3].number(), 10);
}

TEST(DecodeList, TakesALatestRevisionThatIsNotListed)
{
    const auto secret = decode_one(R"("latest-revision":3,"revisions":[{"revision":1}])");

    EXPECT_EQ(secret.latest_revision(), 3);
    ASSERT_EQ(secret.revisions().size(), 1U);
    EXPECT_EQ(secret.revisions()[0].number(), 1);
}

TEST(DecodeList, TakesTheGrantOfAnApplicationThatIsGone)
{
    const auto secret = decode_one(R"("access":[{"target-tag":"application-","scope-tag":"model-x","role":"view"},{}])");

    expect_access(secret, {{"", "", "", ""}, {"application-", "model-x", "view", ""}});
}

TEST(DecodeList, SortsAccessByTarget)
{
    const auto secret = decode_one(R"("access":[{"target-tag":"application-b"},{"target-tag":"unit-z-0"},{"target-tag":"application-a"}])");

    expect_access(secret, {{"application-a", "", "", "a"}, {"application-b", "", "", "b"}, {"unit-z-0", "", "", ""}});
}

TEST(DecodeList, TakesSeveralSecretsWithOneLabel)
{
    auto message =
        reply(R"({"request-id":1,"response":{"results":[)"
              R"({"uri":"secret:copp9vfmp25c77di8nm0","owner-tag":"application-mysql","label":"twin"},)"
              R"({"uri":"secret:9m4e2mr0ui3e8a215n4g","owner-tag":"model-deadbeef-0bad-400d-8000-4b1d0d06f00d","label":"twin"}]}})");

    const auto found = secrets::decode_list(message, request_name);

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].label(), "twin");
    EXPECT_EQ(found[0].name(), "");
    EXPECT_FALSE(found[0].is_user_secret());
    EXPECT_EQ(found[1].label(), "twin");
    EXPECT_EQ(found[1].name(), "twin");
    EXPECT_TRUE(found[1].is_user_secret());
}

TEST(DecodeList, IgnoresUnknownMembersEverywhere)
{
    auto message = reply(R"({"trace-id":"x","request-id":1,"response":{"next":"page","results":[{"new":[1,{"a":null}],)"
                         R"("uri":"secret:9m4e2mr0ui3e8a215n4g","revisions":[{"value-ref":{"backend-id":"b"},"revision":1,"x":2}],)"
                         R"("access":[{"x":{},"target-tag":"application-a"}],"value":{"x":[[]],"data":{"token":"YQ=="}}}],"total":1}})");

    const auto found = secrets::decode_list(message, request_name);

    ASSERT_EQ(found.size(), 1U);
    expect_revisions(found[0], {{1, "", Timestamp(), Timestamp()}});
    expect_access(found[0], {{"application-a", "", "", "a"}});
    EXPECT_EQ(found[0].content().at("token").text(), "a");
}

TEST(DecodeList, SurvivesDeepNestingInAnUnknownMember)
{
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
        deep += i % 2 == 0 ? "[" : "{\"a\":";
    deep += "1";
    for (int i = 10'000; i-- > 0;)
        deep += i % 2 == 0 ? "]" : "}";
    const auto text = list_of("\"new\":" + deep + R"(,"label":"after")");

    const auto error = list_error(text);

    EXPECT_TRUE(!error || error->code() == errc::malformed_reply);
    if (!error) {
        EXPECT_EQ(decode_one("\"new\":" + deep + R"(,"label":"after")").label(), "after");
    }
}

TEST(DecodeList, TakesTimesWithOffsetsFractionsAndZero)
{
    const auto secret =
        decode_one(R"("create-time":"2026-03-02T11:15:30+01:00","update-time":"2026-03-02T05:15:30.000000001-05:00",)"
                   R"("revisions":[{"revision":1,"create-time":"0001-01-01T00:00:00Z","update-time":"2026-03-02T10:15:30.1Z"}])");

    EXPECT_EQ(secret.create_time(), at(10, 15, 30));
    EXPECT_EQ(secret.update_time(), at(10, 15, 30, 1));
    expect_revisions(secret, {{1, "", Timestamp(), at(10, 15, 30, 100000000)}});
}

TEST(DecodeList, TellsAnEscapedNameAsItIs)
{
    const auto secret = decode_one(
        "\"owner-tag\":\"model-x\",\"label\":\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\u00e9\\ud83d\\udd11\",\"description\":\"\\u0000\"");

    EXPECT_EQ(secret.name(), "a<b>&\"\\\n\xc3\xa9\xf0\x9f\x94\x91");
    EXPECT_EQ(secret.info(), std::string("\0", 1));
}

TEST(DecodeList, FindsMembersWhoseNamesAreEscaped)
{
    EXPECT_EQ(decode_one("\"lab\\u0065l\":\"x\"").label(), "x");
}

TEST(DecodeList, DoesNotMixUpMembersWithOneInAnother)
{
    EXPECT_EQ(decode_one(R"("value":{"data":{"label":"YQ==","uri":"YQ=="},"label":"x"})").label(), "");
}

// Members in another order.

TEST(DecodeList, ReadsTheResponseBeforeTheRequestId)
{
    auto message = reply(R"({"response":{"results":[{"label":"x","uri":"secret:9m4e2mr0ui3e8a215n4g"}]},"request-id":1})");

    const auto found = secrets::decode_list(message, request_name);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].label(), "x");
}

TEST(DecodeList, ReadsMembersInReverse)
{
    auto message = reply(
        R"({"response":{"results":[{"access":[{"role":"view","scope-tag":"model-x","target-tag":"application-a"}],"value":{"data":{"token":"YQ=="}},)"
        R"("revisions":[{"expire-time":"2026-03-02T10:15:32Z","update-time":"2026-03-02T10:15:31Z","create-time":"2026-03-02T10:15:30Z","backend-name":"internal","revision":1}],)"
        R"("update-time":"2026-03-02T10:15:31Z","create-time":"2026-03-02T10:15:30Z","latest-revision-checksum":"c","latest-revision":1,)"
        R"("label":"l","description":"d","rotate-policy":"daily","owner-tag":"model-x","version":1,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]},"request-id":1})");

    const auto found = secrets::decode_list(message, request_name);

    ASSERT_EQ(found.size(), 1U);
    Listed expected{s_uri,
                    "model-x",
                    true,
                    "l",
                    "l",
                    "d",
                    "daily",
                    1,
                    "c",
                    at(10, 15, 30),
                    at(10, 15, 31),
                    {{1, "internal", at(10, 15, 30), at(10, 15, 31), at(10, 15, 32)}}};
    expected.access = {{"application-a", "model-x", "view", "a"}};
    expected.content = Texts{{"token", "a"}};
    expect_secret(found[0], expected);
}

TEST(DecodeResults, ReadsTheErrorOfAnItemInAnyOrder)
{
    auto message = reply(R"({"response":{"results":[{"error":{"info":{"a":1},"code":"not found","message":"gone"}},{}]},"request-id":1})");

    expect_items(secrets::decode_results(message, request_name, subjects(2)), {Failed{errc::not_found, "not found", "gone"}, Fine{}});
}

// Members given twice: the last one counts, as in Go, and never both.

TEST(DecodeList, TakesTheLastOfTwoTexts)
{
    EXPECT_EQ(decode_one(R"("label":"one","label":"two")").label(), "two");
    EXPECT_EQ(decode_one(R"("latest-revision":1,"latest-revision":2)").latest_revision(), 2);
}

TEST(DecodeList, TakesTheLastOfTwoValuesForAKey)
{
    const auto secret = decode_one(R"("value":{"data":{"token":"b25l","token":"dHdv"}})");

    EXPECT_EQ(secret.content().size(), 1U);
    EXPECT_EQ(secret.content().at("token").text(), "two");
}

TEST(DecodeList, SurvivesAMemberThatComesTwice)
{
    for (
        const auto* text :
        {R"({"request-id":1,"response":{"results":[]},"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})",
         R"({"request-id":1,"response":{"results":[],"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})",
         R"({"request-id":1,"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","value":{"data":{}},"value":{"error":{"message":"m","code":""}}}]}})"}) {
        const auto error = list_error(text);
        EXPECT_TRUE(!error || error->code() == errc::malformed_reply) << text;
    }
}

// Reveals.

TEST(DecodeValue, IsAbsentWhenNotAskedFor)
{
    const auto secret = decode_one(R"("label":"x")");

    EXPECT_FALSE(secret.has_content());
    EXPECT_FALSE(secret.content_error().has_value());
    const auto error = error_of([&] { secret.content(); });
    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::invalid_argument);
}

TEST(DecodeValue, CanBeEmpty)
{
    for (const auto* value :
         {R"("value":{})", R"("value":{"data":{}})", R"("value":{"data":null})", R"("value":{"data":{},"error":null})"}) {
        const auto secret = decode_one(value);
        EXPECT_TRUE(secret.has_content()) << value;
        EXPECT_TRUE(secret.content().empty()) << value;
    }
}

TEST(DecodeValue, KeepsAnEmptyText)
{
    const auto secret = decode_one(R"("value":{"data":{"empty":"","null":null}})");

    EXPECT_EQ(secret.content().size(), 2U);
    EXPECT_EQ(secret.content().at("empty").size(), 0U);
    EXPECT_EQ(secret.content().at("null").size(), 0U);
}

TEST(DecodeValue, KeepsEveryByte)
{
    const auto secret =
        decode_one(R"("value":{"data":{"bin":"AP8K","long":"VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw=="}})");

    EXPECT_EQ(secret.content().at("bin").text(), std::string_view("\0\xff\n", 3));
    EXPECT_EQ(secret.content().at("long").text(), "The quick brown fox jumps over the lazy dog");
}

TEST(DecodeValue, UnescapesBase64)
{
    // "//79/w==" stands for FF FE FD FF.
    const auto secret =
        decode_one("\"value\":{\"data\":{\"one\":\"\\/\\/79\\/w\\u003d\\u003d\",\"two\":\"\\u002f/79/w=\\u003D\",\"thr\":\"YQ==\"}}");

    EXPECT_EQ(secret.content().at("one").text(), "\xff\xfe\xfd\xff");
    EXPECT_EQ(secret.content().at("two").text(), "\xff\xfe\xfd\xff");
    EXPECT_EQ(secret.content().at("thr").text(), "a");
}

TEST(DecodeValue, UnescapesALongBase64WhollyEscaped)
{
    std::string escaped;
    for (int i = 0; i < 5'000; ++i)
        escaped += "\\u0041\\u0042\\u0043\\u0044";

    const auto secret = decode_one("\"value\":{\"data\":{\"key\":\"" + escaped + "\",\"key2\":\"QUJD\"}}");

    std::string expected;
    for (int i = 0; i < 5'000; ++i)
        expected.append("\x00\x10\x83", 3);
    EXPECT_EQ(secret.content().at("key").text(), expected);
    EXPECT_EQ(secret.content().at("key2").text(), "ABC");
}

TEST(DecodeValue, KeepsWhatIsNotBase64AsStored)
{
    const auto secret = decode_one(R"("value":{"data":{"bar":"bar","dot":"a.b=","esc":"\"\\\n","fine":"YQ=="}})");

    for (const auto& [key, stored] : Texts{{"bar", "bar"}, {"dot", "a.b="}, {"esc", "\"\\\n"}}) {
        const auto& value = secret.content().at(key);
        EXPECT_FALSE(value.decodable()) << key;
        EXPECT_EQ(value.base64().text(), stored) << key;
        const auto error = error_of([&] { (void)value.text(); });
        ASSERT_TRUE(error.has_value());
        EXPECT_TRUE(error->code() == errc::invalid_base64);
        EXPECT_EQ(std::string(error->what()).find(stored), std::string::npos) << error->what();
    }
    EXPECT_EQ(secret.content().at("fine").text(), "a");
}

TEST(DecodeValue, TakesKeysThatNoClientOfOursWouldSend)
{
    const auto secret = decode_one(R"("value":{"data":{"A b\"":"YQ==","":"Yg=="}})");

    EXPECT_EQ(secret.content().at("A b\"").text(), "a");
    EXPECT_EQ(secret.content().at("").text(), "b");
}

TEST(DecodeValue, TellsItsErrorEvenBesideData)
{
    for (const auto* value : {R"("value":{"data":{"a":"YQ=="},"error":{"message":"gone","code":"not found"}})",
                              R"("value":{"error":{"message":"gone","code":"not found"},"data":{"a":"YQ=="}})"}) {
        const auto secret = decode_one(value);
        EXPECT_FALSE(secret.has_content()) << value;
        ASSERT_TRUE(secret.content_error().has_value()) << value;
        expect_failed(*secret.content_error(), {errc::not_found, "not found", "gone"});
    }
}

TEST(DecodeValue, OneThatCannotBeReadHidesNoOther)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[)"
                         R"({"uri":"secret:copp9vfmp25c77di8nm0","value":{"error":{"message":"gone","code":"not found"}}},)"
                         R"({"uri":"secret:9m4e2mr0ui3e8a215n4g","value":{"data":{"token":"YQ=="}}}]}})");

    const auto found = secrets::decode_list(message, request_name);

    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].content_error().has_value());
    EXPECT_EQ(found[1].content().at("token").text(), "a");
}

// Items.

TEST(DecodeCreate, TakesTheErrorRatherThanTheResult)
{
    auto message =
        reply(R"({"request-id":1,"response":{"results":[{"result":"secret:9m4e2mr0ui3e8a215n4g","error":{"message":"m","code":""}}]}})");

    expect_items(secrets::decode_create(message, request_name, subjects(1)), {Failed{errc::server_error, "", "m"}});
}

TEST(DecodeCreate, TakesNullForNoError)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[{"error":null,"result":"secret:9m4e2mr0ui3e8a215n4g"}]}})");

    expect_items(secrets::decode_create(message, request_name, subjects(1)), {Made{s_uri}});
}

TEST(DecodeCreate, WithoutAUsableUriIsMalformed)
{
    for (const auto* result : {R"({})", R"({"result":""})", R"({"result":null})", R"({"result":"my-secret"})", R"({"error":null})", "null"})
        expect_malformed(create_error(R"({"request-id":1,"response":{"results":[)" + std::string(result) + "]}}", 1));
}

TEST(DecodeCreate, CountThatDiffersIsMalformed)
{
    const std::string one = R"({"result":"secret:9m4e2mr0ui3e8a215n4g"})";
    expect_malformed(create_error(R"({"request-id":1,"response":{"results":[)" + one + "]}}", 2));
    expect_malformed(create_error(R"({"request-id":1,"response":{"results":[)" + one + "," + one + "," + one + "]}}", 2));
    expect_malformed(create_error(R"({"request-id":1,"response":{"results":[]}})", 1));
    expect_malformed(create_error(R"({"request-id":1,"response":{"results":null}})", 1));
    expect_malformed(create_error(R"({"request-id":1,"response":{"results":[)" + one + "]}}", 0));
}

TEST(DecodeResults, CountThatDiffersIsMalformed)
{
    expect_malformed(results_error(R"({"request-id":1,"response":{"results":[{}]}})", 2));
    expect_malformed(results_error(R"({"request-id":1,"response":{"results":[{},{},{}]}})", 2));
    expect_malformed(results_error(R"({"request-id":1,"response":{"results":[]}})", 1));
    expect_malformed(results_error(R"({"request-id":1,"response":{"results":null}})", 1));
    expect_malformed(results_error(R"({"request-id":1,"response":{"results":[{}]}})", 0));
}

TEST(DecodeResults, CountThatDiffersIsToldInNumbers)
{
    const auto error = results_error(R"({"request-id":1,"response":{"results":[{},{},{}]}})", 2);

    ASSERT_TRUE(error.has_value());
    EXPECT_NE(std::string(error->what()).find("3 results for 2 items"), std::string::npos) << error->what();
}

TEST(DecodeResults, AnErrorWithoutTextsIsStillAnError)
{
    auto message = reply(
        R"({"request-id":1,"response":{"results":[{"error":{}},{"error":{"message":null,"code":null}},{"error":{"code":"not found"}}]}})");

    expect_items(secrets::decode_results(message, request_name, subjects(3)),
                 {Failed{errc::server_error, "", ""}, Failed{errc::server_error, "", ""}, Failed{errc::not_found, "not found", ""}});
}

TEST(DecodeResults, KeepsTheInfoOfAnItem)
{
    auto message =
        reply(R"({"request-id":1,"response":{"results":[{"error":{"message":"m","code":"access required","info":{"model-M":"write"}}}]}})");

    const auto outcomes = secrets::decode_results(message, request_name, subjects(1));

    ASSERT_TRUE(outcomes.at(0).error().has_value());
    EXPECT_EQ(outcomes.at(0).error()->server_info(), R"({"model-M":"write"})");
}

TEST(DecodeResults, TakesNullForSuccess)
{
    auto message = reply(R"({"request-id":1,"response":{"results":[null,{"error":null}]}})");

    expect_items(secrets::decode_results(message, request_name, subjects(2)), {Fine{}, Fine{}});
}

TEST(DecodeResults, ARefusalOfTheWholeCallIsNoSuccessWhateverTheResponseSays)
{
    const auto error =
        results_error(R"({"request-id":1,"response":{"results":[{}]},"error":"permission denied","error-code":"unauthorized access"})", 1);

    ASSERT_TRUE(error.has_value());
    expect_failed(*error, {errc::permission_denied, "unauthorized access", "permission denied"});
}

// Responses that are not there, or of the wrong kind.

TEST(DecodeResults, WithoutResultsIsMalformed)
{
    for (const auto* text : {R"({"request-id":1})", R"({"request-id":1,"response":null})", R"({"request-id":1,"response":{}})",
                             R"({"request-id":1,"response":{"Results":[{}]}})", R"({"request-id":1,"error":"","response":{}})"}) {
        expect_malformed(results_error(text, 1));
        expect_malformed(create_error(text, 1));
        expect_malformed(list_error(text));
    }
}

TEST(DecodeList, TakesNullForAnEmptyList)
{
    auto message = reply(R"({"request-id":1,"response":{"results":null}})");

    EXPECT_TRUE(secrets::decode_list(message, request_name).empty());
}

TEST(DecodeList, OfTheWrongKindIsMalformed)
{
    for (const auto* text :
         {R"({"request-id":1,"response":[]})", R"({"request-id":1,"response":"results"})", R"({"request-id":1,"response":{"results":{}}})",
          R"({"request-id":1,"response":{"results":"x"}})", R"({"request-id":1,"response":{"results":1}})",
          R"({"request-id":1,"response":{"results":true}})", R"({"request-id":1,"response":{"results":[null]}})",
          R"({"request-id":1,"response":{"results":[{}]}})", R"({"request-id":1,"response":{"results":["secret:9m4e2mr0ui3e8a215n4g"]}})",
          R"({"request-id":1,"response":{"results":[[]]}})", R"({"request-id":1,"response":{"results":[1]}})",
          R"({"request-id":1,"response":{"results":[{"uri":null}]}})", R"({"request-id":1,"response":{"results":[{"uri":""}]}})",
          R"({"request-id":1,"response":{"results":[{"uri":"nonsense"}]}})", R"({"request-id":1,"response":{"results":[{"uri":{}}]}})"})
        expect_malformed(list_error(text));
}

TEST(DecodeResults, OfTheWrongKindIsMalformed)
{
    for (const auto* result : {"1", "\"x\"", "[]", "true", R"({"error":"text"})", R"({"error":1})", R"({"error":[]})", R"({"error":true})",
                               R"({"error":{"message":1,"code":""}})", R"({"error":{"message":"m","code":1}})",
                               R"({"error":{"message":["m"],"code":""}})", R"({"error":{"message":{},"code":""}})"})
        expect_malformed(results_error(R"({"request-id":1,"response":{"results":[)" + std::string(result) + "]}}", 1));
}

TEST(DecodeCreate, OfTheWrongKindIsMalformed)
{
    for (const auto* result :
         {"1", "\"secret:9m4e2mr0ui3e8a215n4g\"", R"({"result":1})", R"({"result":{}})", R"({"result":["secret:9m4e2mr0ui3e8a215n4g"]})",
          R"({"result":"secret:9m4e2mr0ui3e8a215n4g","error":"text"})"})
        expect_malformed(create_error(R"({"request-id":1,"response":{"results":[)" + std::string(result) + "]}}", 1));
}

TEST(DecodeList, EachMemberOfTheWrongKindIsMalformed)
{
    constexpr const char* texts[] = {"owner-tag", "rotate-policy", "description", "label", "latest-revision-checksum"};
    constexpr const char* times[] = {"next-rotate-time", "latest-expire-time", "create-time", "update-time"};
    for (const std::string name : texts) {
        for (const std::string value : {"1", "true", "[]", "{}", "[\"x\"]"})
            expect_malformed(list_error(list_of("\"" + name + "\":" + value)));
    }
    for (const std::string name : times) {
        for (const std::string value : {"1", "true", "[]", "{}", "\"\"", "\"yesterday\"", "\"2026-03-02T10:15:30\""})
            expect_malformed(list_error(list_of("\"" + name + "\":" + value)));
    }
    for (const std::string value :
         {"\"1\"", "1.5", "true", "[]", "{}", "-1", "2147483648", "9223372036854775808", "1e3", "123456789012345678901234567890"})
        expect_malformed(list_error(list_of("\"latest-revision\":" + value)));
    for (const std::string name : {"revisions", "access"}) {
        for (const std::string value : {"1", "\"x\"", "true", "{}", "[1]", "[\"x\"]", "[[]]"})
            expect_malformed(list_error(list_of("\"" + name + "\":" + value)));
    }
    for (const std::string value :
         {"1", "\"x\"", "true", "[]", R"({"data":1})", R"({"data":[]})", R"({"data":"x"})", R"({"error":"x"})", R"({"error":[]})"})
        expect_malformed(list_error(list_of("\"value\":" + value)));
    for (const std::string value : {"1", "true", "[]", "{}", "[\"YQ==\"]", "1.5"})
        expect_malformed(list_error(list_of(R"("value":{"data":{"token":)" + value + "}}")));
}

TEST(DecodeList, EachMemberOfARevisionOrGrantOfTheWrongKindIsMalformed)
{
    for (const std::string member : {R"("revision":"1")", R"("revision":-1)", R"("revision":1.5)", R"("revision":2147483648)",
                                     R"("backend-name":1)", R"("backend-name":{})", R"("create-time":1)", R"("create-time":"x")",
                                     R"("update-time":[])", R"("update-time":"")", R"("expire-time":true)", R"("expire-time":"x")"})
        expect_malformed(list_error(list_of(R"("revisions":[{)" + member + "}]")));
    for (const std::string member : {R"("target-tag":1)", R"("scope-tag":[])", R"("role":{})"})
        expect_malformed(list_error(list_of(R"("access":[{)" + member + "}]")));
}

TEST(DecodeList, BrokenJsonInsideTheResponseIsMalformed)
{
    for (const auto* members :
         {R"("label":"x)", R"("label" "x")", R"("label":)", R"("label":"\q")", R"("label":"\ud800")", R"("latest-revision":1x)",
          R"("create-time":nul)", R"("revisions":[{"revision":1})", R"("revisions":[{"revision":1}}])",
          R"("value":{"data":{"token":"YQ==}})", R"("value":{"data":{"token":"\q"}})", R"("label":tru)"}) {
        const auto error = list_error(list_of(members));
        ASSERT_TRUE(error.has_value()) << members;
        EXPECT_TRUE(error->code() == errc::malformed_reply) << members;
    }
}

TEST(DecodeList, MalformedTextsNameTheMemberAndQuoteNothing)
{
    // Wherever a secret could stand when a reply is broken.
    for (const auto* members :
         {R"("value":{"data":{"token":["hunter2"]}})", R"("value":{"data":{"token":{"hunter2":1}}})", R"("value":{"data":["hunter2"]})",
          R"("value":"hunter2")", R"("value":{"data":{"hunter2":1}})", R"("value":{"data":{"token":"hunter2\q"}})",
          R"("label":["hunter2"])", R"("create-time":"hunter2")", R"("revisions":["hunter2"])", R"("access":"hunter2")",
          R"("value":{"error":"hunter2"})", R"("value":{"data":{"token":"hunter2}})"}) {
        const auto error = list_error(list_of(members));
        ASSERT_TRUE(error.has_value()) << members;
        EXPECT_TRUE(error->code() == errc::malformed_reply) << members;
        EXPECT_EQ(std::string(error->what()).find("hunter2"), std::string::npos) << error->what();
        EXPECT_EQ(error->server_message(), "");
        EXPECT_EQ(error->server_info(), "");
    }
    EXPECT_STREQ(list_error(list_of(R"("label":["hunter2"])"))->what(), "malformed reply from the controller: label is not a string");
    EXPECT_STREQ(list_error(list_of(R"("create-time":"hunter2")"))->what(),
                 "malformed reply from the controller: create-time is not a time");
    EXPECT_STREQ(create_error(R"({"request-id":1,"response":{"results":[{"result":"hunter2"}]}})", 1)->what(),
                 "malformed reply from the controller: result is not a secret URI");
}

// The client's own filter.

namespace {

/// A user secret and two charms' secrets, out of order, two of them with the same label.
std::vector<Secret> three_secrets()
{
    auto message = reply(
        R"({"request-id":1,"response":{"results":[)"
        R"({"uri":"secret:copp9vfmp25c77di8nm0","owner-tag":"application-mysql","label":"twin","revisions":[{"revision":2}]},)"
        R"({"uri":"secret:coj8mulh8b41e8nv6p90","owner-tag":"unit-mysql-0","label":"alone","revisions":[{"revision":1},{"revision":2},{"revision":3}]},)"
        R"({"uri":"secret:9m4e2mr0ui3e8a215n4g","owner-tag":"model-deadbeef-0bad-400d-8000-4b1d0d06f00d","label":"twin","revisions":[{"revision":1},{"revision":2}]}]}})");
    return secrets::decode_list(message, request_name);
}

std::vector<std::string> selected(const SecretFilter& filter)
{
    std::vector<std::string> ids;
    for (const auto& secret : secrets::select(three_secrets(), filter))
        ids.push_back(secret.uri().id());
    return ids;
}

using Ids = std::vector<std::string>;
constexpr const char* user_id = "9m4e2mr0ui3e8a215n4g";
constexpr const char* app_id = "copp9vfmp25c77di8nm0";
constexpr const char* unit_id = "coj8mulh8b41e8nv6p90";

} // namespace

TEST(Select, OrdersByLabelThenUri)
{
    EXPECT_EQ(selected(SecretFilter()), (Ids{unit_id, user_id, app_id}));
}

TEST(Select, ByUriIgnoresTheModelInIt)
{
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse(app_id))), Ids{app_id});
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse("secret://deadbeef-0bad-400d-8000-4b1d0d06f00d/9m4e2mr0ui3e8a215n4g"))),
              Ids{user_id});
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse("cvq3k8t0fr6s73c1l9ag"))), Ids{});
}

TEST(Select, ByNameTakesLabelsOfCharmsToo)
{
    EXPECT_EQ(selected(SecretFilter().name("twin")), (Ids{user_id, app_id}));
    EXPECT_EQ(selected(SecretFilter().name("twi")), Ids{});
    EXPECT_EQ(selected(SecretFilter().name("")), Ids{});
}

TEST(Select, ByOwner)
{
    EXPECT_EQ(selected(SecretFilter().owner("application-mysql")), Ids{app_id});
    EXPECT_EQ(selected(SecretFilter().owner("unit-mysql-0")), Ids{unit_id});
    EXPECT_EQ(selected(SecretFilter().owner("model-deadbeef-0bad-400d-8000-4b1d0d06f00d")), Ids{user_id});
    EXPECT_EQ(selected(SecretFilter().owner("unit-mysql-1")), Ids{});
}

TEST(Select, DemandsEveryTerm)
{
    EXPECT_EQ(selected(SecretFilter().name("twin").owner("application-mysql")), Ids{app_id});
    EXPECT_EQ(selected(SecretFilter().name("alone").owner("application-mysql")), Ids{});
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse(user_id)).name("alone")), Ids{});
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse(user_id)).name("twin").revision(2)), Ids{user_id});
    EXPECT_EQ(selected(SecretFilter().uri(SecretUri::parse(user_id)).name("twin").revision(3)), Ids{});
}

TEST(Select, ByRevisionLeavesOutSecretsWithoutItAndOtherRevisions)
{
    const auto found = secrets::select(three_secrets(), SecretFilter().name("twin").revision(1));

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].uri().id(), user_id);
    ASSERT_EQ(found[0].revisions().size(), 1U);
    EXPECT_EQ(found[0].revisions()[0].number(), 1);
}

TEST(Select, GivesT24OfBothReleasesTheSameAnswer)
{
    // 4.0 lists the secret without revisions where 3.6 refuses the call.
    auto message = reply(list_of(R"("label":"my-apitoken","latest-revision":1,"revisions":null)"));

    EXPECT_TRUE(secrets::select(secrets::decode_list(message, request_name), SecretFilter().name("my-apitoken").revision(5)).empty());
}
