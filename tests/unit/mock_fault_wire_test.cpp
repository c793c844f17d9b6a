// What a client sees on the wire when a fault of the mock strikes.

#include "support/raw_websocket.hpp"

#include <juju/mock_controller.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace juju::test {
namespace {

using Kind = MockFaultKind;
using namespace std::chrono_literals;

const std::string ping = R"({"request-id":7,"type":"Pinger","version":1,"request":"Ping"})";
const std::string pong = "{\"request-id\":7,\"response\":{}}\n";
const std::string garbage = "this is no TLS, no HTTP and no WebSocket\n";
constexpr int patience = 50; // milliseconds, where nothing is to come

class FaultWire : public testing::Test {
protected:
    RawWebSocket open() const { return {mock.endpoint(), mock.ca_cert(), "/model/" + mock.model_uuid() + "/api"}; }

    RawWebSocket logged_in() const
    {
        RawWebSocket socket = open();
        (void)socket.call(
            R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":")" +
            mock.password() + R"("}})");
        return socket;
    }

    /// A connection on which a request has met the fault.
    RawWebSocket struck(const MockFault& fault)
    {
        RawWebSocket socket = logged_in();
        mock.add_fault(fault);
        socket.send(ping);
        return socket;
    }

    /// What follows the client's close frame.
    RawRest after_goodbye(const MockFault& fault, int wait)
    {
        RawWebSocket socket = logged_in();
        mock.add_fault(MockFault(fault).at(MockPhase::close));
        socket.send_frame({true, 8, "\x03\xe8", false});
        return socket.tls().rest(wait);
    }

    MockController mock;
};

TEST_F(FaultWire, BeforeTls)
{
    const auto what_comes = [&](const MockFault& fault) {
        mock.add_fault(fault);
        return raw_tcp(mock.endpoint(), "\x16\x03\x01 not yet a hello", patience);
    };
    for (const MockPhase phase : {MockPhase::accept, MockPhase::tls}) {
        EXPECT_EQ(what_comes(MockFault(Kind::reset).at(phase)).end, RawEnd::reset);
        EXPECT_EQ(what_comes(MockFault(Kind::close).at(phase)).end, RawEnd::fin);
        EXPECT_EQ(what_comes(MockFault(Kind::half_close).at(phase)).end, RawEnd::fin);
        EXPECT_EQ(what_comes(MockFault(Kind::stall).at(phase)).end, RawEnd::none);
        EXPECT_EQ(what_comes(MockFault(Kind::drop_bytes).at(phase)).end, RawEnd::reset);
        const RawRest bytes = what_comes(MockFault(Kind::garbage).at(phase));
        EXPECT_EQ(bytes.bytes, garbage);
        EXPECT_EQ(bytes.end, RawEnd::fin);
    }
    const RawRest alert = what_comes(MockFault(Kind::tls_alert));
    EXPECT_EQ(alert.bytes, std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
    EXPECT_EQ(alert.end, RawEnd::fin);
    EXPECT_EQ(what_comes(MockFault(Kind::tls_alert).number(80)).bytes.back(), '\x50');
}

TEST_F(FaultWire, InTheTlsHandshake)
{
    for (const MockPhase phase : {MockPhase::accept, MockPhase::tls}) {
        mock.add_fault(MockFault(Kind::drop_bytes).at(phase).number(100));
        EXPECT_THROW((void)RawTls(mock.endpoint(), mock.ca_cert()), std::runtime_error);
        mock.add_fault(MockFault(Kind::slow_drip).at(phase).number(100));
        EXPECT_EQ(logged_in().call(ping), pong) << "slow, but whole";
    }
}

TEST_F(FaultWire, InsteadOfAnHttpAnswer)
{
    const auto what_comes = [&](const MockFault& fault) {
        mock.add_fault(MockFault(fault).at(MockPhase::upgrade));
        RawTls tls(mock.endpoint(), mock.ca_cert());
        tls.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        return tls.rest(patience);
    };
    EXPECT_EQ(what_comes(MockFault(Kind::reset)).end, RawEnd::reset);
    EXPECT_EQ(what_comes(MockFault(Kind::close)).end, RawEnd::fin);
    EXPECT_EQ(what_comes(MockFault(Kind::half_close)).end, RawEnd::fin);
    EXPECT_EQ(what_comes(MockFault(Kind::tls_goodbye)).end, RawEnd::goodbye);
    EXPECT_EQ(what_comes(MockFault(Kind::stall)).end, RawEnd::none);
    EXPECT_EQ(what_comes(MockFault(Kind::drop_bytes).number(30)).end, RawEnd::reset);
    EXPECT_EQ(what_comes(MockFault(Kind::garbage)).bytes, garbage);
}

TEST_F(FaultWire, AllThatIsSentComesSlowly)
{
    const auto start = std::chrono::steady_clock::now();
    RawWebSocket socket = struck(MockFault(Kind::slow_drip).number(5).delay(2ms));

    EXPECT_EQ(socket.receive(), pong);
    EXPECT_EQ(socket.call(ping), pong);

    constexpr int pauses = 2 * (30 + 2 + 17 + 5) / 5; // two frames with what TLS 1.3 adds at least
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms * pauses);
}

TEST_F(FaultWire, AResetAfterSoManyBytesOrMessages)
{
    EXPECT_EQ(struck(MockFault(Kind::drop_bytes).number(10)).tls().rest().end, RawEnd::reset);
    RawWebSocket socket = struck(MockFault(Kind::drop_messages).number(2));
    EXPECT_EQ(socket.receive(), pong);
    socket.send(ping);
    EXPECT_EQ(socket.receive(), pong);
    EXPECT_EQ(socket.tls().rest().end, RawEnd::reset);
    const RawRest none = struck(MockFault(Kind::drop_messages)).tls().rest();
    EXPECT_EQ(none.bytes, "");
    EXPECT_EQ(none.end, RawEnd::reset);
}

TEST_F(FaultWire, FramesThatAControllerNeverSends)
{
    RawWebSocket binary = struck(MockFault(Kind::wrong_opcode));
    const RawFrame second = binary.receive_frame();
    EXPECT_EQ(second.opcode, 2);
    EXPECT_EQ(second.payload, pong);
    EXPECT_EQ(struck(MockFault(Kind::wrong_opcode).number(3)).receive_frame().opcode, 3);
    const RawFrame masked = struck(MockFault(Kind::masked)).receive_frame();
    EXPECT_TRUE(masked.masked);
    EXPECT_EQ(masked.payload, pong);
    EXPECT_FALSE(struck(MockFault(Kind::duplicate)).receive_frame().masked);
}

TEST_F(FaultWire, AMessageInPieces)
{
    RawWebSocket socket = struck(MockFault(Kind::fragmented).number(20));
    const auto expect = [&](int opcode, bool final, const std::string& payload) {
        const RawFrame frame = socket.receive_frame();
        EXPECT_EQ(frame.opcode, opcode);
        EXPECT_EQ(frame.final, final);
        EXPECT_EQ(frame.payload, payload);
    };
    expect(1, false, pong.substr(0, 20));
    expect(9, true, "still there?");
    expect(0, false, "");
    expect(0, true, pong.substr(20));
}

TEST_F(FaultWire, ACloseFrameWithoutATlsGoodbye)
{
    for (const MockPhase phase : {MockPhase::request, MockPhase::reply}) {
        const RawRest usual = struck(MockFault(Kind::close_frame).at(phase)).tls().rest();
        EXPECT_EQ(usual.bytes, std::string("\x88\x02\x03\xe8", 4));
        EXPECT_EQ(usual.end, RawEnd::fin);
    }
    const RawRest told = struck(MockFault(Kind::close_frame).number(1011).text("out of disk")).tls().rest();
    EXPECT_EQ(told.bytes, "\x88\x0d\x03\xf3out of disk");
}

TEST_F(FaultWire, AfterTheClientsGoodbye)
{
    const std::string answer("\x88\x02\x03\xe8", 4);
    const RawRest reset = after_goodbye(MockFault(Kind::reset), 20'000);
    EXPECT_EQ(reset.bytes, "");
    EXPECT_EQ(reset.end, RawEnd::reset);
    const RawRest closed = after_goodbye(MockFault(Kind::close), 20'000);
    EXPECT_EQ(closed.bytes, "");
    EXPECT_EQ(closed.end, RawEnd::fin);
    const RawRest stalled = after_goodbye(MockFault(Kind::stall), patience);
    EXPECT_EQ(stalled.bytes, "");
    EXPECT_EQ(stalled.end, RawEnd::none);
    const RawRest tls_only = after_goodbye(MockFault(Kind::tls_goodbye), 20'000);
    EXPECT_EQ(tls_only.bytes, "");
    EXPECT_EQ(tls_only.end, RawEnd::goodbye);
    const RawRest frame_only = after_goodbye(MockFault(Kind::close_frame), 20'000);
    EXPECT_EQ(frame_only.bytes, answer);
    EXPECT_EQ(frame_only.end, RawEnd::fin);
    EXPECT_EQ(after_goodbye(MockFault(Kind::garbage), 20'000).bytes, garbage);
    EXPECT_EQ(after_goodbye(MockFault(Kind::drop_bytes).number(7), 20'000).end, RawEnd::reset);
    const RawRest slow = after_goodbye(MockFault(Kind::slow_drip), 20'000);
    EXPECT_EQ(slow.bytes, answer);
    EXPECT_EQ(slow.end, RawEnd::goodbye);
}

TEST_F(FaultWire, RepliesOfTheWrongShape)
{
    EXPECT_EQ(struck(MockFault(Kind::missing_id)).receive(), "{\"response\":{}}\n");
    EXPECT_EQ(struck(MockFault(Kind::wrong_type)).receive(), "{\"request-id\":\"7\",\"response\":{}}\n");
    EXPECT_EQ(struck(MockFault(Kind::nesting).number(2)).receive(), "{\"request-id\":7,\"response\":{},\"nested\":[[]]}\n");
}

TEST_F(FaultWire, SeveralAtOnce)
{
    mock.add_fault(MockFault(Kind::missing_id));
    mock.add_fault(MockFault(Kind::drop_messages).number(1));
    RawWebSocket socket = struck(MockFault(Kind::wrong_opcode));

    const RawFrame frame = socket.receive_frame();

    EXPECT_EQ(frame.opcode, 2);
    EXPECT_EQ(frame.payload, "{\"response\":{}}\n");
    EXPECT_EQ(socket.tls().rest().end, RawEnd::reset);
}

} // namespace
} // namespace juju::test
