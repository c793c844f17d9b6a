#include "wire/request.hpp"

#include <juju/error.hpp>

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

TEST(Request, EndsWithItsTrace)
{
    const Request request("Secrets", 2, "ListSecrets", "{}");
    const auto text = [&](const juju::TraceContext& trace) {
        const auto message = request.encode(5, trace);
        return std::string(message.data(), message.size());
    };
    const std::string before = R"({"request-id":5,"type":"Secrets","version":2,"request":"ListSecrets","params":{})";
    const std::string ids = R"(,"trace-id":"0af7651916cd43dd8448eb211c80319c","span-id":"b7ad6b7169203331")";

    EXPECT_EQ(text({"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"}), before + ids + R"(,"trace-flags":1})");
    EXPECT_EQ(text({"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 255}), before + ids + R"(,"trace-flags":255})");
    EXPECT_EQ(text({"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 0}), before + ids + "}");
    EXPECT_EQ(text({}), before + "}");
    EXPECT_LE((ids + R"(,"trace-flags":255)").size(), Request::trace_size);
}

TEST(TraceContext, TakesIdsOfW3cOnly)
{
    const auto refusal = [](const std::string& trace_id, const std::string& span_id) {
        try {
            const juju::TraceContext context(trace_id, span_id);
        } catch (const juju::Error& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    const std::string trace_id = "0af7651916cd43dd8448eb211c80319c";
    const std::string span_id = "b7ad6b7169203331";
    const std::string bad_trace = "a trace id is 32 lower-case hex digits, not all of them 0";
    const std::string bad_span = "a span id is 16 lower-case hex digits, not all of them 0";

    EXPECT_EQ(refusal(trace_id, span_id), "taken");
    for (const std::string& bad : {std::string(), std::string(32, '0'), trace_id.substr(1), trace_id + '0', "0AF7" + trace_id.substr(4),
                                   "0ag7" + trace_id.substr(4), "\"\\,\n" + trace_id.substr(4)})
        EXPECT_EQ(refusal(bad, span_id), bad_trace) << bad;
    for (const std::string& bad : {std::string(), std::string(16, '0'), span_id.substr(1), span_id + '0', "B" + span_id.substr(1)})
        EXPECT_EQ(refusal(trace_id, bad), bad_span) << bad;
    EXPECT_TRUE(juju::TraceContext().empty());
    EXPECT_EQ(juju::TraceContext(trace_id, span_id).trace_flags(), 1);
}

TEST(Request, IsNamedByFacadeAndMethod)
{
    EXPECT_EQ(Request("Secrets", 2, "CreateSecrets", "{}").name(), "Secrets.CreateSecrets");
}
