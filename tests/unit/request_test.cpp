#include "wire/request.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

using juju::wire::Request;

namespace {

std::string encoded(const Request& request, std::uint64_t id)
{
    const auto text = request.encode(id);
    return {text.data(), text.size()};
}

} // namespace

TEST(Request, IsOneLineWithTheMembersOfTheProtocol)
{
    const Request request("Secrets", 2, "ListSecrets", R"({"show-secrets":false,"filter":{}})");

    EXPECT_EQ(encoded(request, 2),
              R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{}}})");
}

TEST(Request, SendsEmptyParamsAsAnObject)
{
    EXPECT_EQ(encoded(Request("Pinger", 1, "Ping", "{}"), 17),
              R"({"request-id":17,"type":"Pinger","version":1,"request":"Ping","params":{}})");
}

TEST(Request, TakesTheIdOfEachEncoding)
{
    const Request request("Pinger", 1, "Ping", "{}");

    EXPECT_EQ(encoded(request, 1), R"({"request-id":1,"type":"Pinger","version":1,"request":"Ping","params":{}})");
    EXPECT_EQ(encoded(request, std::numeric_limits<std::uint64_t>::max()),
              R"({"request-id":18446744073709551615,"type":"Pinger","version":1,"request":"Ping","params":{}})");
}

TEST(Request, PassesParamsOnByteForByte)
{
    const std::string odd = "{\"a\":\"\\\"\\\\\\u0000\xc3\xa9\xf0\x9f\x94\x91\"}";

    EXPECT_EQ(encoded(Request("F", 3, "M", juju::WipingString(odd)), 9),
              R"({"request-id":9,"type":"F","version":3,"request":"M","params":)" + odd + "}");
}

TEST(Request, EncodesAMegabyteWhole)
{
    const std::string big = "{\"a\":\"" + std::string(1'000'000, 'x') + "\"}";

    EXPECT_EQ(encoded(Request("F", 3, "M", juju::WipingString(big)), 9),
              R"({"request-id":9,"type":"F","version":3,"request":"M","params":)" + big + "}");
}

TEST(Request, IsNamedByFacadeAndMethod)
{
    EXPECT_EQ(Request("Secrets", 2, "CreateSecrets", "{}").name(), "Secrets.CreateSecrets");
}
