#include "wire/reply.hpp"

#include "wire/json_reader.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

using juju::errc;
using juju::wire::Reply;

namespace {

Reply reply(std::string_view text)
{
    return Reply(juju::WipingString(text));
}

std::optional<juju::Error> error_of(std::string_view text)
{
    try {
        reply(text);
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

std::string repeated(std::string_view part, std::size_t times)
{
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += part;
    return text;
}

struct Good {
    const char* text;
    std::uint64_t id;
    const char* error;
    const char* code;
    const char* info;
};

void PrintTo(const Good& good, std::ostream* out)
{
    *out << good.text;
}

class GoodReply : public testing::TestWithParam<Good> {};
class BadReply : public testing::TestWithParam<const char*> {};

} // namespace

TEST_P(GoodReply, IsRead)
{
    const auto& expected = GetParam();

    const auto message = reply(expected.text);

    EXPECT_EQ(message.request_id(), expected.id);
    EXPECT_EQ(message.error(), expected.error);
    EXPECT_EQ(message.error_code(), expected.code);
    EXPECT_EQ(message.error_info(), expected.info);
    EXPECT_EQ(message.is_error(), *expected.error != '\0');
    EXPECT_EQ(message.size(), std::string_view(expected.text).size());
}

INSTANTIATE_TEST_SUITE_P(
    Reply, GoodReply,
    testing::Values(
        Good{R"({"request-id":2,"response":{"results":[]}})", 2, "", "", ""}, Good{R"({"request-id":7,"response":{}})", 7, "", "", ""},
        Good{R"({"request-id":7})", 7, "", "", ""}, Good{R"({"request-id":7,"response":null})", 7, "", "", ""},
        // Spaces, and the newline that a Go encoder puts behind every message.
        Good{"{\"request-id\":7,\"response\":{}}\n", 7, "", "", ""},
        Good{" \t\r\n{ \"request-id\" : 7 , \"response\" : { } } \r\n", 7, "", "", ""},
        // Ids to the end of their range.
        Good{R"({"request-id":1})", 1, "", "", ""}, Good{R"({"request-id":9223372036854775808})", 9223372036854775808U, "", "", ""},
        Good{R"({"request-id":18446744073709551615})", 18446744073709551615U, "", "", ""},
        // Errors.
        Good{R"({"request-id":3,"error":"permission denied","error-code":"unauthorized access","response":{}})", 3, "permission denied",
             "unauthorized access", ""},
        Good{R"({"request-id":3,"error":"model migration in progress","response":{}})", 3, "model migration in progress", "", ""},
        Good{R"({"request-id":3,"error":"without response"})", 3, "without response", "", ""},
        Good{R"({"request-id":13,"error":"e","error-code":"access required","error-info":{"model-M":"write"},"response":{}})", 13, "e",
             "access required", R"({"model-M":"write"})"},
        Good{R"({"request-id":3,"error":"e","error-info":{},"response":{}})", 3, "e", "", "{}"},
        Good{R"({"request-id":3,"error":"e","error-info":null,"error-code":null})", 3, "e", "", ""},
        Good{R"({"request-id":3,"error":null,"response":{}})", 3, "", "", ""},
        Good{R"({"request-id":3,"error":"","response":{}})", 3, "", "", ""},
        Good{R"({"request-id":3,"error":"","error-code":"x","response":{}})", 3, "", "x", ""},
        Good{"{\"request-id\":3,\"error\":\"\\u003csecret\\u003e \\\"x\\\" \\\\ \\n \\u00e9 \\ud83d\\udd11\"}", 3,
             "<secret> \"x\" \\ \n \xc3\xa9 \xf0\x9f\x94\x91", "", ""},
        // Any order.
        Good{R"({"response":{"results":[{"request-id":99,"error":"inner"}]},"request-id":5})", 5, "", "", ""},
        Good{R"({"response":{},"error-info":{"a":[1,{"b":2}]},"error-code":"c","error":"e","request-id":5})", 5, "e", "c",
             R"({"a":[1,{"b":2}]})"},
        // Unknown members, those of 4.0's tracing among them.
        Good{R"({"request-id":5,"trace-id":"00","span-id":"11","trace-flags":1,"response":{},"new":[{"x":[]},1.5e3,true,null]})", 5, "", "",
             ""},
        Good{R"({"request-id":5,"Request-ID":6,"request_id":7,"":8})", 5, "", "", ""}, Good{"{\"request\\u002did\":5}", 5, "", "", ""},
        Good{R"({"request-id":5,"x":123456789012345678901234567890,"y":1e999})", 5, "", "", ""},
        // Of two members with the same name the last one counts, as in Go.
        Good{R"({"request-id":5,"request-id":6})", 6, "", "", ""},
        Good{R"({"request-id":5,"error":"one","error":"two"})", 5, "two", "", ""}));

TEST_P(BadReply, IsMalformed)
{
    const auto error = error_of(GetParam());

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::malformed_reply) << error->what();
    EXPECT_EQ(error->outcome(), juju::Outcome::unknown);
}

INSTANTIATE_TEST_SUITE_P(
    Reply, BadReply,
    testing::Values("", " ", "\n", "x", "null", "true", "1", "\"text\"", "[]", R"([{"request-id":1}])", "{}", "{", "}", R"({"request-id")",
                    R"({"request-id":})", R"({"request-id":1)", R"({"request-id":1,)", R"({"request-id":1,})", R"({"request-id":1]})",
                    R"({"request-id":1,"response":{"results":[]})", R"({"request-id":1,"response":{"results":[})", R"({"request-id" 1})",
                    R"({request-id:1})", R"({'request-id':1})", R"({"response":{}})", R"({"request-id":null})", R"({"request-id":0})",
                    R"({"request-id":-1})", R"({"request-id":1.0})", R"({"request-id":1.5})", R"({"request-id":1e3})",
                    R"({"request-id":"1"})", R"({"request-id":[1]})", R"({"request-id":{}})", R"({"request-id":true})",
                    R"({"request-id":18446744073709551616})", R"({"request-id":99999999999999999999999})", R"({"request-id":01})",
                    R"({"request-id":+1})", R"({"request-id":0x1})", R"({"request-id":1,"error":1})", R"({"request-id":1,"error":{}})",
                    R"({"request-id":1,"error":["x"]})", R"({"request-id":1,"error":true})", R"({"request-id":1,"error":"x)",
                    R"({"request-id":1,"error":"\x"})", R"({"request-id":1,"error":"\ud800"})", R"({"request-id":1,"error-code":1})",
                    R"({"request-id":1,"error-info":"x"})", R"({"request-id":1,"error-info":[1]})", R"({"request-id":1,"error-info":1})",
                    R"({"request-id":1,"error":nul})", R"({"request-id":1} x)", R"({"request-id":1}{"request-id":2})",
                    R"({"request-id":1} {"request-id":2})", R"({"request-id":1}})", R"({"request-id":1}])", R"({"request-id":1},)",
                    R"({"request-id":1}"x")", "{\"request-id\":1}\n{\"request-id\":2}\n", "{\"request-id\":1,\"error\":\"\xff\"}",
                    "{\"request-id\":1,\"x\":\"\xc0\xaf\"}", "{\"request-id\":1,\"error\":\"a\nb\"}", "\xef\xbb\xbf{\"request-id\":1}",
                    "\xff\xfe{\"request-id\":1}"));

TEST(Reply, RefusesZeroBytes)
{
    EXPECT_TRUE(error_of(std::string_view("\0", 1)).has_value());
    EXPECT_TRUE(error_of(std::string_view("{\"request-id\":1}\0", 17)).has_value());
    EXPECT_TRUE(error_of(std::string_view("{\"request-id\":1\0}", 17)).has_value());
}

TEST(Reply, RefusesEveryTruncationOfAMessage)
{
    const std::string whole = R"({"request-id":12,"response":{"results":[{"error":{"message":"m","code":""}},{}]},"error":""})";

    for (std::size_t size = 0; size < whole.size(); ++size) {
        // Exactly sized memory, so that reading on shows.
        const auto error = error_of(std::string_view(whole).substr(0, size));
        EXPECT_TRUE(error.has_value()) << "after " << size << " bytes";
    }
    EXPECT_FALSE(error_of(whole).has_value());
}

TEST(Reply, SurvivesDeepNestingInAnUnknownMember)
{
    const auto lists = R"({"x":)" + repeated("[", 10'000) + repeated("]", 10'000) + R"(,"request-id":5})";
    const auto objects = R"({"x":)" + repeated("{\"a\":", 10'000) + "1" + repeated("}", 10'000) + R"(,"request-id":5})";

    for (const auto& text : {lists, objects}) {
        const auto error = error_of(text);
        EXPECT_TRUE(!error || error->code() == errc::malformed_reply);
        if (!error) {
            EXPECT_EQ(reply(text).request_id(), 5U);
        }
    }
}

TEST(Reply, RefusesDeepNestingThatDoesNotEnd)
{
    EXPECT_TRUE(error_of(repeated("[", 1'000'000)).has_value());
    EXPECT_TRUE(error_of(R"({"request-id":5,"x":)" + repeated("[", 1'000'000)).has_value());
    EXPECT_TRUE(error_of(repeated("{\"request-id\":", 100'000)).has_value());
}

TEST(Reply, NamesTheMemberAndQuotesNothingOfTheMessage)
{
    constexpr const char* messages[] = {R"(hunter2)",
                                        R"("hunter2")",
                                        R"({"request-id":"hunter2"})",
                                        R"({"request-id":1,"error":{"hunter2":1}})",
                                        R"({"request-id":1,"error":["hunter2"]})",
                                        R"({"request-id":1,"error-code":["hunter2"]})",
                                        R"({"request-id":1,"error-info":"hunter2"})",
                                        R"({"request-id":1,"error":"hunter2\q"})",
                                        R"({"request-id":1} hunter2)",
                                        R"({"hunter2":1})",
                                        R"({"request-id":1,"hunter2)"};
    for (const auto* text : messages) {
        const auto error = error_of(text);
        ASSERT_TRUE(error.has_value()) << text;
        EXPECT_EQ(std::string(error->what()).find("hunter2"), std::string::npos) << error->what();
        EXPECT_EQ(error->server_message(), "");
        EXPECT_EQ(error->server_info(), "");
    }
    EXPECT_STREQ(error_of(R"({"request-id":1,"error":["hunter2"]})")->what(), "malformed reply from the controller: error is not a string");
    EXPECT_STREQ(error_of(R"({"hunter2":1})")->what(), "malformed reply from the controller: request-id is missing");
}

TEST(Reply, CanBeMovedWhileItIsUndecoded)
{
    auto first = reply(R"({"request-id":5,"response":{"a":"b"}})");

    Reply second = std::move(first);
    std::string found;
    juju::wire::for_each_response_member(second, [&](std::string_view key, juju::wire::Value value) {
        found = std::string(key) + "=" + juju::wire::read_string(value, "a");
    });

    EXPECT_EQ(second.request_id(), 5U);
    EXPECT_EQ(found, "a=b");
}

TEST(Reply, ResponseCanBeReadMoreThanOnce)
{
    auto message = reply(R"({"response":{"a":"b","c":null},"request-id":5})");

    for (int round = 0; round < 2; ++round) {
        std::string keys;
        juju::wire::for_each_response_member(message, [&](std::string_view key, juju::wire::Value) { keys += key; });
        EXPECT_EQ(keys, "ac");
    }
}

TEST(Reply, IsStillMalformedWhenItIsReadAgainAfterWhatIsNoJson)
{
    for (const auto* text : {R"({"request-id":2,"response":{"results":[{"error":{"message""no"}}]}})",
                             R"({"request-id":2,"response":{"a",1}})", R"({"request-id":2,"response":{"m"noM,"code":"not found"}})"}) {
        auto message = reply(text);
        for (int round = 0; round < 2; ++round) {
            std::optional<juju::Error> error;
            try {
                juju::wire::for_each_response_member(message, [](std::string_view, juju::wire::Value member) {
                    juju::wire::for_each_element(member, "results", [](juju::wire::Value item) {
                        juju::wire::for_each_member(item, "a result", [](std::string_view, juju::wire::Value inner) {
                            juju::wire::for_each_member(inner, "error", [](std::string_view, juju::wire::Value) {});
                        });
                    });
                });
            } catch (const juju::Error& e) {
                error = e;
            }
            ASSERT_TRUE(error.has_value()) << text;
            EXPECT_TRUE(error->code() == errc::malformed_reply);
        }
    }
}

TEST(Reply, FindsAResponseWhoseNameIsWrittenWithEscapes)
{
    auto message = reply(R"({"request\u002did":5,"\u0072esponse":{"a":"b"}})");

    std::string keys;
    juju::wire::for_each_response_member(message, [&](std::string_view key, juju::wire::Value) { keys += key; });

    EXPECT_EQ(message.request_id(), 5U);
    EXPECT_EQ(keys, "a");
}

TEST(Reply, HasNoResponseMembersWhenItIsNullOrMissing)
{
    for (const auto* text : {R"({"request-id":5})", R"({"request-id":5,"response":null})", R"({"request-id":5,"response":{}})"}) {
        auto message = reply(text);
        juju::wire::for_each_response_member(message, [&](std::string_view, juju::wire::Value) { ADD_FAILURE() << text; });
    }
}

TEST(Reply, ResponseOfAnotherKindIsMalformed)
{
    for (const auto* text : {R"({"request-id":5,"response":[]})", R"({"request-id":5,"response":"x"})", R"({"request-id":5,"response":1})",
                             R"({"request-id":5,"response":false})"}) {
        auto message = reply(text);
        std::optional<juju::Error> error;
        try {
            juju::wire::for_each_response_member(message, [](std::string_view, juju::wire::Value) {});
        } catch (const juju::Error& e) {
            error = e;
        }
        ASSERT_TRUE(error.has_value()) << text;
        EXPECT_TRUE(error->code() == errc::malformed_reply);
        EXPECT_STREQ(error->what(), "malformed reply from the controller: response is not an object");
    }
}
