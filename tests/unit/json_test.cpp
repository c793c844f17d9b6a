// The JSON that is read into memory: what is no JSON, and what is nested too deep, is refused.

#include "wire/json.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace juju::wire {
namespace {

std::string nested(std::size_t levels)
{
    return std::string(levels, '[') + std::string(levels, ']');
}

TEST(ParseJson, ReadsUpTo64Levels)
{
    EXPECT_EQ(parse_json(nested(64)).dump(), WipingString(nested(64)));
    EXPECT_TRUE(parse_json(nested(65)).is_discarded());
    EXPECT_EQ(parse_json("[" + nested(63) + "," + nested(63) + "]").size(), 2U);
}

TEST(ParseJson, NeedsNoStackForWhatIsNestedDeeper)
{
    const std::size_t deep = 1'000'000;
    EXPECT_TRUE(parse_json(nested(deep)).is_discarded());
    EXPECT_TRUE(parse_json(std::string(deep, '[')).is_discarded());
    // The parser copies the first member when it makes room for the second.
    EXPECT_TRUE(parse_json(R"({"a":)" + nested(deep) + R"(,"b":1,"c":2})").is_discarded());
}

TEST(ParseJson, RefusesWhatIsNoJson)
{
    for (const auto* text : {"", "{", "[1,]", "1 2", "\xef\xbb\xbf{}", "1e999"})
        EXPECT_TRUE(parse_json(text).is_discarded()) << text;
    EXPECT_TRUE(parse_json(std::string_view("{}\0", 3)).is_discarded());
}

} // namespace
} // namespace juju::wire
