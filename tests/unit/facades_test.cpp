#include "wire/facades.hpp"

#include <gtest/gtest.h>

#include <optional>

using juju::wire::FacadeTable;

namespace {

FacadeTable table()
{
    FacadeTable result;
    result.add("Secrets", {1, 2});
    result.add("Client", {6, 7, 8});
    result.add("Holes", {9, 3, 14, 5});
    result.add("Empty", {});
    result.add("Zero", {0});
    return result;
}

} // namespace

TEST(FacadeTable, GivesTheHighestVersionThatBothKnow)
{
    EXPECT_EQ(table().best_version("Secrets", 2), 2);
    EXPECT_EQ(table().best_version("Secrets", 5), 2);
    EXPECT_EQ(table().best_version("Secrets", 1), 1);
    EXPECT_EQ(table().best_version("Client", 7), 7);
}

TEST(FacadeTable, NeedsNoOrderAndTakesHoles)
{
    EXPECT_EQ(table().best_version("Holes", 100), 14);
    EXPECT_EQ(table().best_version("Holes", 13), 9);
    EXPECT_EQ(table().best_version("Holes", 8), 5);
    EXPECT_EQ(table().best_version("Holes", 4), 3);
}

TEST(FacadeTable, GivesNothingWithoutACommonVersion)
{
    EXPECT_EQ(table().best_version("Client", 5), std::nullopt);
    EXPECT_EQ(table().best_version("Secrets", 0), std::nullopt);
    EXPECT_EQ(table().best_version("Empty", 2), std::nullopt);
    EXPECT_EQ(table().best_version("Nonsense", 2), std::nullopt);
    EXPECT_EQ(FacadeTable().best_version("Secrets", 2), std::nullopt);
}

TEST(FacadeTable, NeverGivesVersionZero)
{
    EXPECT_EQ(table().best_version("Zero", 2), std::nullopt);
}

TEST(FacadeTable, KnowsWhatTheControllerLists)
{
    EXPECT_TRUE(table().has("Secrets"));
    EXPECT_TRUE(table().has("Empty"));
    EXPECT_FALSE(table().has("secrets"));
    EXPECT_FALSE(table().has("Secret"));
    EXPECT_FALSE(table().has(""));
}

TEST(FacadeTable, DescribesVersionsForMessages)
{
    EXPECT_EQ(table().describe("Secrets"), "1, 2");
    EXPECT_EQ(table().describe("Empty"), "none");
    EXPECT_EQ(table().describe("Nonsense"), "none");
}

TEST(FacadeTable, TakesTheLaterOfTwoEntriesOfAName)
{
    FacadeTable twice = table();

    twice.add("Secrets", {1});

    EXPECT_EQ(twice.best_version("Secrets", 2), 1);
}
