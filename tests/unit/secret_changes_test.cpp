#include "operations/secret_changes.hpp"

#include "secrets/secret_data.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace juju {

void PrintTo(SecretChangeKind kind, std::ostream* out)
{
    constexpr const char* names[] = {"added", "removed", "content", "metadata", "access"};
    *out << names[static_cast<int>(kind)];
}

namespace {

using detail::SecretData;
using Kind = SecretChangeKind;
using Kinds = std::vector<Kind>;

constexpr auto first_id = "9m4e2mr0ui3e8a215n4g";
constexpr auto second_id = "coj8mulh8b41e8nv6p90";
constexpr auto third_id = "cvq3k8t0fr6s73c1l9ag";

Timestamp at(int second)
{
    return Timestamp(std::chrono::seconds(second));
}

SecretRevision revision(int number)
{
    SecretRevision made;
    SecretData::number(made) = number;
    SecretData::backend(made) = "internal";
    SecretData::create_time(made) = at(number);
    SecretData::update_time(made) = at(number);
    return made;
}

SecretAccess access(std::string target, std::string scope, std::string role)
{
    SecretAccess made;
    SecretData::target(made) = std::move(target);
    SecretData::scope(made) = std::move(scope);
    SecretData::role(made) = std::move(role);
    return made;
}

/// A secret with the revisions 1 and 2, granted to two applications.
Secret secret(std::string_view id)
{
    Secret made;
    SecretData::uri(made) = SecretUri::parse(id);
    SecretData::label(made) = "db";
    SecretData::info(made) = "database";
    SecretData::owner(made) = "application-mysql";
    SecretData::latest_revision(made) = 2;
    SecretData::checksum(made) = "7a38bf81";
    SecretData::rotate_policy(made) = "hourly";
    SecretData::next_rotate_time(made) = at(100);
    SecretData::latest_expire_time(made) = at(200);
    SecretData::create_time(made) = at(1);
    SecretData::update_time(made) = at(2);
    SecretData::revisions(made) = {revision(1), revision(2)};
    SecretData::access(made) = {access("application-gitlab", "model-m", "view"), access("application-mysql", "model-m", "view")};
    return made;
}

std::vector<SecretChange> changes(std::vector<Secret> before, std::vector<Secret> after)
{
    return operations::secret_changes(operations::by_uri(std::move(before)), operations::by_uri(std::move(after)));
}

/// The kinds of change that one edit of one secret makes, in their order.
Kinds kinds_after(const std::function<void(Secret&)>& edit)
{
    auto edited = secret(first_id);
    edit(edited);
    Kinds kinds;
    for (const auto& change : changes({secret(first_id)}, {edited})) {
        EXPECT_EQ(change.secret().uri().id(), first_id);
        kinds.push_back(change.kind());
    }
    return kinds;
}

TEST(SecretChanges, AreNoneBetweenEqualLists)
{
    EXPECT_TRUE(changes({}, {}).empty());
    EXPECT_TRUE(changes({secret(second_id), secret(first_id)}, {secret(first_id), secret(second_id)}).empty());
}

TEST(SecretChanges, TellWhatIsNewAndWhatIsGone)
{
    const auto found = changes({secret(first_id), secret(third_id)}, {secret(third_id), secret(second_id)});

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind(), Kind::removed);
    EXPECT_EQ(found[0].secret().uri().id(), first_id);
    EXPECT_EQ(found[1].kind(), Kind::added);
    EXPECT_EQ(found[1].secret().uri().id(), second_id);
}

TEST(SecretChanges, TellWhatIsGoneAtTheEnd)
{
    const auto found = changes({secret(first_id), secret(second_id), secret(third_id)}, {secret(first_id)});

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind(), Kind::removed);
    EXPECT_EQ(found[0].secret().uri().id(), second_id);
    EXPECT_EQ(found[1].kind(), Kind::removed);
    EXPECT_EQ(found[1].secret().uri().id(), third_id);
}

TEST(SecretChanges, OfOneNameWithTwoUrisAreOfTwoSecrets)
{
    const auto found = changes({secret(second_id)}, {secret(first_id)});

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind(), Kind::added);
    EXPECT_EQ(found[0].secret().uri().id(), first_id);
    EXPECT_EQ(found[1].kind(), Kind::removed);
    EXPECT_EQ(found[1].secret().uri().id(), second_id);
}

TEST(SecretChanges, ShowTheSecretAsItIsNow)
{
    auto edited = secret(first_id);
    SecretData::info(edited) = "another";

    const auto found = changes({secret(first_id)}, {edited});

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].secret().info(), "another");
}

TEST(SecretChanges, OfContentAreAnotherLatestRevisionOrAnotherChecksum)
{
    EXPECT_EQ(kinds_after([](Secret& s) { SecretData::checksum(s) = "d21a7805"; }), Kinds{Kind::content});
    EXPECT_EQ(kinds_after([](Secret& s) { SecretData::latest_revision(s) = 3; }), Kinds{Kind::content});
}

TEST(SecretChanges, OfContentIncludeTheNewRevisions)
{
    const auto kinds = kinds_after([](Secret& s) {
        SecretData::latest_revision(s) = 4;
        SecretData::checksum(s) = "d21a7805";
        SecretData::revisions(s) = {revision(1), revision(2), revision(3), revision(4)};
    });

    EXPECT_EQ(kinds, Kinds{Kind::content});
}

TEST(SecretChanges, OfMetadata)
{
    const std::vector<std::function<void(Secret&)>> edits{
        [](Secret& s) { SecretData::label(s) = "database"; },
        [](Secret& s) { SecretData::info(s).clear(); },
        [](Secret& s) { SecretData::owner(s) = "unit-mysql-0"; },
        [](Secret& s) { SecretData::rotate_policy(s) = "never"; },
        [](Secret& s) { SecretData::next_rotate_time(s) = at(101); },
        [](Secret& s) { SecretData::next_rotate_time(s).reset(); },
        [](Secret& s) { SecretData::latest_expire_time(s) = at(201); },
        [](Secret& s) { SecretData::latest_expire_time(s).reset(); },
        [](Secret& s) { SecretData::backend(SecretData::revisions(s)[0]) = "vault"; },
        [](Secret& s) { SecretData::expire_time(SecretData::revisions(s)[1]) = at(201); },
        [](Secret& s) { SecretData::revisions(s) = {revision(2)}; },
        [](Secret& s) { SecretData::revisions(s) = {revision(1)}; },
        [](Secret& s) { SecretData::revisions(s).clear(); },
    };
    for (std::size_t i = 0; i < edits.size(); ++i)
        EXPECT_EQ(kinds_after(edits[i]), Kinds{Kind::metadata}) << "edit " << i;
}

TEST(SecretChanges, OfContentAndMetadataWhereANewRevisionPrunesAnOldOne)
{
    const auto kinds = kinds_after([](Secret& s) {
        SecretData::latest_revision(s) = 3;
        SecretData::checksum(s) = "d21a7805";
        SecretData::revisions(s) = {revision(2), revision(3)};
    });

    EXPECT_EQ(kinds, (Kinds{Kind::content, Kind::metadata}));
}

// Juju 4.0 makes the highest that is left the latest, and gives its number out again (secrets-facade 1.8).
TEST(SecretChanges, OfALatestRevisionThatIsRemovedAndOfOneThatTakesItsNumber)
{
    auto without = secret(first_id);
    SecretData::latest_revision(without) = 1;
    SecretData::revisions(without) = {revision(1)};
    auto with_another = secret(first_id);
    SecretData::checksum(with_another) = "d21a7805";
    SecretData::create_time(SecretData::revisions(with_another)[1]) = at(50);

    const auto gone = changes({secret(first_id)}, {without});
    const auto back = changes({without}, {with_another});
    const auto both = changes({secret(first_id)}, {with_another});

    ASSERT_EQ(gone.size(), 2U);
    EXPECT_EQ(gone[0].kind(), Kind::content);
    EXPECT_EQ(gone[1].kind(), Kind::metadata);
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].kind(), Kind::content);
    ASSERT_EQ(both.size(), 1U);
    EXPECT_EQ(both[0].kind(), Kind::content);
}

TEST(SecretChanges, OfAccess)
{
    const std::vector<std::function<void(Secret&)>> edits{
        [](Secret& s) { SecretData::access(s).pop_back(); },
        [](Secret& s) { SecretData::access(s).push_back(access("application-ubuntu", "model-m", "view")); },
        [](Secret& s) { SecretData::target(SecretData::access(s)[0]) = "application-"; },
        [](Secret& s) { SecretData::scope(SecretData::access(s)[0]) = "relation-gitlab.server#mysql.db"; },
        [](Secret& s) { SecretData::role(SecretData::access(s)[0]) = "manage"; },
    };
    for (std::size_t i = 0; i < edits.size(); ++i)
        EXPECT_EQ(kinds_after(edits[i]), Kinds{Kind::access}) << "edit " << i;
}

TEST(SecretChanges, AreNotOrderOrTimes)
{
    const auto kinds = kinds_after([](Secret& s) {
        std::swap(SecretData::access(s)[0], SecretData::access(s)[1]);
        SecretData::create_time(s) = at(50);
        SecretData::update_time(s) = at(51);
        SecretData::create_time(SecretData::revisions(s)[0]) = at(52);
        SecretData::update_time(SecretData::revisions(s)[1]) = at(53);
    });

    EXPECT_EQ(kinds, Kinds{});
}

TEST(SecretChanges, AreOrderedByUriThenByKind)
{
    const auto edited = [](std::string_view id) {
        auto made = secret(id);
        SecretData::access(made).clear();
        SecretData::label(made) = id == first_id ? "zebra" : "apple";
        SecretData::checksum(made) = "d21a7805";
        return made;
    };

    const auto found = changes({secret(second_id), secret(first_id)}, {edited(second_id), edited(first_id), secret(third_id)});

    std::vector<std::pair<std::string, Kind>> order;
    for (const auto& change : found)
        order.emplace_back(change.secret().uri().id(), change.kind());
    const std::vector<std::pair<std::string, Kind>> expected{
        {first_id, Kind::content},   {first_id, Kind::metadata}, {first_id, Kind::access}, {second_id, Kind::content},
        {second_id, Kind::metadata}, {second_id, Kind::access},  {third_id, Kind::added},
    };
    EXPECT_EQ(order, expected);
}

} // namespace
} // namespace juju
