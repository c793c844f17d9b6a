#include "mock_support.hpp"

#include "mock/transcript.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace juju::test {
namespace {

using Kind = MockFaultKind;

const std::string ping = R"({"request-id":7,"type":"Pinger","version":1,"request":"Ping"})";

std::vector<mock::Step> steps_with(const MockFault& fault, const std::string& message = ping)
{
    Dialogue mock(MockProfile::juju_4_0);
    mock.core.add_fault(fault);
    return mock.steps(message);
}

TEST(MockFaults, AreReadFromText)
{
    const MockFault fault = MockFault::parse("item-error,method=GrantSecret,number=1,nth=3,code=not found,text=gone, with a comma=");

    EXPECT_EQ(fault.kind(), Kind::item_error);
    EXPECT_EQ(fault.phase(), MockPhase::request);
    EXPECT_EQ(fault.method(), "GrantSecret");
    EXPECT_EQ(fault.number(), 1U);
    EXPECT_EQ(fault.nth(), 3U);
    EXPECT_EQ(fault.code(), "not found");
    EXPECT_EQ(fault.text(), "gone, with a comma=");
    EXPECT_EQ(MockFault::parse("refuse").phase(), MockPhase::accept);
    EXPECT_EQ(MockFault::parse("http-error,number=503,text=down").phase(), MockPhase::upgrade);
    EXPECT_TRUE(MockFault::parse("reset,at=login,when=after").applies_first());
    EXPECT_EQ(MockFault::parse("delay,ms=250,nth=always").delay(), std::chrono::milliseconds(250));
    EXPECT_EQ(MockFault::parse("delay,ms=250,nth=always").nth(), 0U);
    EXPECT_EQ(MockFault::parse("tls-alert").phase(), MockPhase::tls);
    EXPECT_EQ(MockFault::parse("close-frame,at=close,number=1011,text=why").number(), 1011U);
}

TEST(MockFaults, OfEveryKindAreReadFromText)
{
    const std::pair<const char*, Kind> kinds[] = {
        {"refuse", Kind::refuse},
        {"reset,at=reply", Kind::reset},
        {"close,at=close", Kind::close},
        {"stall,at=close", Kind::stall},
        {"slow-drip,at=accept,number=2,ms=5", Kind::slow_drip},
        {"drop-bytes,at=tls,number=3", Kind::drop_bytes},
        {"drop-messages,at=login,number=1", Kind::drop_messages},
        {"tls-alert,number=80", Kind::tls_alert},
        {"http-error,number=500", Kind::http_error},
        {"half-close,at=tls", Kind::half_close},
        {"tls-goodbye,at=upgrade", Kind::tls_goodbye},
        {"websocket-close,at=reply", Kind::websocket_close},
        {"close-frame,at=close", Kind::close_frame},
        {"withhold", Kind::withhold},
        {"delay,ms=1", Kind::delay},
        {"hold", Kind::hold},
        {"duplicate", Kind::duplicate},
        {"unknown-id", Kind::unknown_id},
        {"missing-id,at=login", Kind::missing_id},
        {"wrong-type,text=response", Kind::wrong_type},
        {"garbage,at=upgrade", Kind::garbage},
        {"reply,text={}", Kind::reply},
        {"oversize,number=1", Kind::oversize},
        {"nesting,number=9", Kind::nesting},
        {"truncate,number=1", Kind::truncate},
        {"wrong-opcode,number=3", Kind::wrong_opcode},
        {"fragmented,number=4", Kind::fragmented},
        {"masked", Kind::masked},
        {"error,text=no", Kind::error},
        {"item-error,text=no", Kind::item_error},
    };
    for (const auto& [spec, kind] : kinds) {
        EXPECT_EQ(MockFault::parse(spec).kind(), kind) << spec;
        mock::FaultPlan().add(MockFault::parse(spec));
    }
}

TEST(MockFaults, AreRefusedWhenTheTextIsNotUnderstood)
{
    for (const char* spec : {"",
                             "explode",
                             "reset,at=lunch",
                             "reset,when=later",
                             "delay,ms=soon",
                             "reset,nth=-1",
                             "reset,foo=1",
                             "reset,",
                             "reset,foo",
                             "withhold,at=tls",
                             "http-error,at=request",
                             "item-error,at=login",
                             "tls-alert,at=request",
                             "half-close,at=close",
                             "error,at=reply",
                             "tls-goodbye,at=tls",
                             "drop-messages,at=upgrade",
                             "masked,at=close",
                             "http-error",
                             "http-error,number=99",
                             "http-error,number=600",
                             "reset,at=tls,when=after",
                             "stall,at=accept,method=Login",
                             "reset,nth=0"}) {
        EXPECT_THROW((void)MockFault::parse(spec), std::invalid_argument) << spec;
    }
}

TEST(MockFaults, StrikeAtTheirMatchOnly)
{
    Dialogue mock(MockProfile::juju_4_0);
    mock.core.add_fault(MockFault(Kind::withhold).method("Pinger.Ping").nth(2));

    EXPECT_EQ(mock.steps(ping).size(), 1U);
    EXPECT_EQ(mock.secrets("ListSecrets", "{}").count("error"), 0U);
    EXPECT_TRUE(mock.steps(ping).empty());
    EXPECT_EQ(mock.steps(ping).size(), 1U);
}

TEST(MockFaults, EndConnectionsBeforeOrAfterApplying)
{
    const std::string create =
        R"({"request-id":7,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"label":"x","content":{"data":{"k":"AAAA"}}}]}})";
    for (const bool after : {false, true}) {
        Dialogue mock(MockProfile::juju_4_0);
        mock.core.add_fault(MockFault(Kind::reset).method("CreateSecrets").after_applying(after));

        const auto steps = mock.steps(create);

        ASSERT_EQ(steps.size(), 1U);
        EXPECT_EQ(steps[0].ending, mock::Ending::reset);
        EXPECT_EQ(mock.list().size(), after ? 1U : 0U);
    }
}

TEST(MockFaults, ChangeReplies)
{
    const std::string reply = R"({"request-id":7,"response":{}})";
    EXPECT_TRUE(steps_with(MockFault(Kind::withhold)).empty());
    EXPECT_TRUE(steps_with(MockFault(Kind::hold))[0].hold);
    EXPECT_EQ(steps_with(MockFault(Kind::delay).delay(std::chrono::milliseconds(5)))[0].delay, std::chrono::milliseconds(5));
    EXPECT_EQ(steps_with(MockFault(Kind::truncate).number(9))[0].cut, 9U);
    EXPECT_FALSE(Json::accept(steps_with(MockFault(Kind::garbage))[0].text));
    EXPECT_EQ(steps_with(MockFault(Kind::reply).text("{\"request-id\":$ID}"))[0].text, "{\"request-id\":7}");
    EXPECT_EQ(steps_with(MockFault(Kind::missing_id))[0].text, R"({"response":{}})");
    EXPECT_EQ(steps_with(MockFault(Kind::wrong_type))[0].text, R"({"request-id":"7","response":{}})");
    EXPECT_EQ(steps_with(MockFault(Kind::wrong_type).text("response"))[0].text, R"({"request-id":7,"response":"a text"})");
    EXPECT_EQ(steps_with(MockFault(Kind::nesting).number(3))[0].text, R"({"request-id":7,"response":{},"nested":[[[]]]})");
    const auto padded = steps_with(MockFault(Kind::oversize).number(5000));
    EXPECT_EQ(padded[0].text.size(), 5000U);
    EXPECT_EQ(Json::parse(padded[0].text).at("request-id"), 7);
    const auto twice = steps_with(MockFault(Kind::duplicate));
    ASSERT_EQ(twice.size(), 2U);
    EXPECT_EQ(twice[0].text, reply);
    EXPECT_EQ(twice[1].text, reply);
    const auto stray = steps_with(MockFault(Kind::unknown_id));
    ASSERT_EQ(stray.size(), 2U);
    EXPECT_EQ(Json::parse(stray[0].text).at("request-id"), 1'000'000'007);
    EXPECT_EQ(stray[1].text, reply);
}

TEST(MockFaults, CanBeCombined)
{
    Dialogue mock(MockProfile::juju_4_0);
    mock.core.add_fault(MockFault(Kind::missing_id));
    mock.core.add_fault(MockFault(Kind::fragmented).number(4));
    mock.core.add_fault(MockFault(Kind::duplicate));
    mock.core.add_fault(MockFault(Kind::slow_drip).number(2).delay(std::chrono::milliseconds(3)));
    mock.core.add_fault(MockFault(Kind::drop_messages).number(2));

    const auto steps = mock.steps(ping);

    ASSERT_EQ(steps.size(), 3U);
    ASSERT_TRUE(steps[0].flow);
    EXPECT_EQ(steps[0].flow->bytes_at_a_time, 2U);
    EXPECT_EQ(steps[0].flow->messages_left, 2U);
    for (const std::size_t i : {1, 2}) {
        EXPECT_EQ(steps[i].text, R"({"response":{}})");
        EXPECT_EQ(steps[i].framing.piece, 4U);
    }
}

TEST(MockFaults, AnswerErrorsWithoutApplying)
{
    Dialogue mock(MockProfile::juju_4_0);
    mock.core.add_fault(MockFault(Kind::error).method("CreateSecrets").code("try again").text("busy"));
    mock.core.add_fault(MockFault(Kind::item_error).method("CreateSecrets").nth(2).number(1).code("c").text("m"));
    const std::string two = R"({"args":[{"label":"a","content":{"data":{"k":"AAAA"}}},{"label":"b","content":{"data":{"k":"AAAA"}}}]})";

    EXPECT_EQ(mock.secrets("CreateSecrets", two).at("error-code"), "try again");
    EXPECT_EQ(mock.list().size(), 0U);
    const Json results = mock.secrets("CreateSecrets", two).at("response").at("results");

    EXPECT_EQ(results.at(1), Json({{"error", {{"message", "m"}, {"code", "c"}}}, {"result", ""}}));
    EXPECT_EQ(mock.list().size(), 1U);
}

TEST(MockFaults, CloseThePortFromTheKthConnectionOn)
{
    mock::FaultPlan plan;
    plan.add(MockFault(Kind::refuse).nth(2));

    EXPECT_TRUE(plan.accepts_next());
    (void)plan.take(MockPhase::accept);
    EXPECT_FALSE(plan.accepts_next());
    plan.clear();

    EXPECT_TRUE(plan.accepts_next());
}

TEST(MockTranscript, HoldsNoSecretWhenRedacted)
{
    EXPECT_EQ(mock::redacted(R"({"request-id":1,"params":{"auth-tag":"user-admin","credentials":"s3cret","macaroons":null,"token":"t"}})"),
              R"({"request-id":1,"params":{"auth-tag":"user-admin","credentials":"REDACTED","macaroons":null,"token":"REDACTED"}})");
    EXPECT_EQ(mock::redacted(R"({"params":{"args":[{"label":"x","content":{"data":{"k":"c2VjcmV0"}}}]}})"),
              R"({"params":{"args":[{"label":"x","content":{"data":{"k":"REDACTED"}}}]}})");
    EXPECT_EQ(mock::redacted(R"({"response":{"results":[{"value":{"data":{"k":"c2VjcmV0"}}}]}})"),
              R"({"response":{"results":[{"value":{"data":{"k":"REDACTED"}}}]}})");
    EXPECT_EQ(mock::redacted("no json s3cret"), "(14 bytes that are no JSON)");
}

} // namespace
} // namespace juju::test
