#include "wire/tags.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace wire = juju::wire;

namespace {

class ValidUser : public testing::TestWithParam<const char*> {};
class InvalidUser : public testing::TestWithParam<const char*> {};
class ValidApplication : public testing::TestWithParam<const char*> {};
class InvalidApplication : public testing::TestWithParam<const char*> {};
class ValidOwner : public testing::TestWithParam<const char*> {};
class InvalidOwner : public testing::TestWithParam<const char*> {};
class InvalidUuid : public testing::TestWithParam<const char*> {};

} // namespace

TEST(Uuid, IsLowerCaseHexInFiveGroups)
{
    EXPECT_TRUE(wire::is_uuid("deadbeef-0bad-400d-8000-4b1d0d06f00d"));
    EXPECT_TRUE(wire::is_uuid("00000000-0000-0000-0000-000000000000"));
}

TEST_P(InvalidUuid, IsRefused)
{
    EXPECT_FALSE(wire::is_uuid(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Tags, InvalidUuid,
                         testing::Values("", "deadbeef", "DEADBEEF-0BAD-400D-8000-4B1D0D06F00D", "deadbeef-0bad-400d-8000-4b1d0d06f00",
                                         "deadbeef-0bad-400d-8000-4b1d0d06f00d0", "deadbeef0bad400d80004b1d0d06f00d----",
                                         "deadbeef-0bad-400d-8000-4b1d0d06f00g", "deadbee-f0bad-400d-8000-4b1d0d06f00d",
                                         " deadbeef-0bad-400d-8000-4b1d0d06f00", "{eadbeef-0bad-400d-8000-4b1d0d06f00}"));

TEST(Tag, GivesTheIdOfItsKind)
{
    EXPECT_EQ(wire::tag_id("model-abc", "model"), "abc");
    EXPECT_EQ(wire::tag_id("application-my-app", "application"), "my-app");
    EXPECT_EQ(wire::tag_id("user-bob@external", "user"), "bob@external");
}

TEST(Tag, IsEmptyForAnotherKind)
{
    EXPECT_EQ(wire::tag_id("model-abc", "user"), std::nullopt);
    EXPECT_EQ(wire::tag_id("models-abc", "model"), std::nullopt);
    EXPECT_EQ(wire::tag_id("model", "model"), std::nullopt);
    EXPECT_EQ(wire::tag_id("model-", "model"), std::nullopt);
    EXPECT_EQ(wire::tag_id("", "model"), std::nullopt);
    EXPECT_EQ(wire::tag_id("Model-abc", "model"), std::nullopt);
}

TEST_P(ValidUser, IsAccepted)
{
    EXPECT_TRUE(wire::is_user_name(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Tags, ValidUser,
                         testing::Values("admin", "bo", "b0", "00", "Bob", "bob.smith", "bob+juju", "bob-smith", "bob@external",
                                         "bob@canonical.com", "b.o-b+x@a.b-c+d", "bob@local"));

TEST_P(InvalidUser, IsRefused)
{
    EXPECT_FALSE(wire::is_user_name(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Tags, InvalidUser,
                         testing::Values("", "b", "bob_smith", "-bob", "bob-", ".bob", "bob.", "+bob", "bob+", "bob smith", "bob@",
                                         "@external", "bob@e", "bob@-ex", "bob@ex-", "bob@a@b", "bob\n",
                                         "b\xc3\xb6"
                                         "b",
                                         "bob\"", "user/bob"));

TEST(UserOfTag, DropsTheLocalDomain)
{
    EXPECT_EQ(wire::user_of_tag("user-bob"), "bob");
    EXPECT_EQ(wire::user_of_tag("user-bob@local"), "bob");
}

TEST(UserOfTag, KeepsAnyOtherDomain)
{
    EXPECT_EQ(wire::user_of_tag("user-bob@external"), "bob@external");
    EXPECT_EQ(wire::user_of_tag("user-bob@notlocal"), "bob@notlocal");
}

TEST(UserOfTag, IsEmptyForWhatIsNoUser)
{
    EXPECT_EQ(wire::user_of_tag(""), std::nullopt);
    EXPECT_EQ(wire::user_of_tag("bob"), std::nullopt);
    EXPECT_EQ(wire::user_of_tag("user-"), std::nullopt);
    EXPECT_EQ(wire::user_of_tag("user-b"), std::nullopt);
    EXPECT_EQ(wire::user_of_tag("user-@local"), std::nullopt);
    EXPECT_EQ(wire::user_of_tag("machine-0"), std::nullopt);
}

TEST_P(ValidApplication, IsAccepted)
{
    EXPECT_TRUE(wire::is_application_name(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Tags, ValidApplication,
                         testing::Values("ubuntu", "a", "a1", "my-app", "k8s-proxy", "a-b-c", "app-2a", "app-a2", "postgresql-k8s",
                                         "a2-b3"));

TEST_P(InvalidApplication, IsRefused)
{
    EXPECT_FALSE(wire::is_application_name(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Tags, InvalidApplication,
                         testing::Values("", "Ubuntu", "1app", "-app", "app-", "app--two", "app-2", "app-2-b", "bad_app", "app/0", "my app",
                                         "app.two", "ubuntu\n", "app-\xc3\xa9", "application-ubuntu@x", "a,b", "\"ubuntu\""));

TEST_P(ValidOwner, IsAccepted)
{
    EXPECT_TRUE(wire::is_secret_owner(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Tags, ValidOwner,
                         testing::Values("model-deadbeef-0bad-400d-8000-4b1d0d06f00d", "application-mysql", "application-my-app",
                                         "unit-mysql-0", "unit-my-app-17"));

TEST_P(InvalidOwner, IsRefused)
{
    EXPECT_FALSE(wire::is_secret_owner(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Tags, InvalidOwner,
                         testing::Values("", "foo", "mysql", "model-", "model-abc", "model-DEADBEEF-0bad-400d-8000-4b1d0d06f00d",
                                         "application-", "application-Foo!", "application-mysql/0", "unit-mysql", "unit-mysql-",
                                         "unit-mysql-x", "unit-mysql/0", "unit-0", "unit--0", "unit-Bad-0", "user-admin", "machine-0",
                                         "controller-deadbeef-0bad-400d-8000-4b1d0d06f00d", "deadbeef-0bad-400d-8000-4b1d0d06f00d",
                                         "application-mysql\n", " application-mysql"));

TEST(AgentTag, IsOneOfAMachineAUnitAnApplicationAControllerOrAModel)
{
    for (const char* tag : {"machine-0", "machine-12", "machine-0-lxd-1", "machine-3-kvm-0-lxd-10", "unit-mysql-0", "unit-my-sql-17",
                            "application-mysql", "controller-0", "model-8419cd78-4993-4c3a-928e-c646226beeee"})
        EXPECT_TRUE(wire::is_agent_tag(tag)) << tag;
    for (const char* tag : {"", "machine", "machine-", "machine-00", "machine-0/lxd/1", "machine-0-lxd", "machine-0-lxd-", "machine-0--1",
                            "machine-0-LXD-1", "unit-mysql", "unit-mysql-007", "unit-mysql/0", "unit-0", "application-MySQL",
                            "controller-x", "controller-01", "model-demo", "user-admin", "mysql/0"})
        EXPECT_FALSE(wire::is_agent_tag(tag)) << tag;
}

TEST(OwnerTag, HasAUnitNumberWithoutLeadingZeros)
{
    EXPECT_TRUE(wire::is_secret_owner("unit-mysql-0"));
    EXPECT_TRUE(wire::is_secret_owner("unit-mysql-70"));
    EXPECT_FALSE(wire::is_secret_owner("unit-mysql-00"));
    EXPECT_FALSE(wire::is_secret_owner("unit-mysql-007"));
}
