// What answers a request for a WebSocket and is no controller.

#include "transport_fixture.hpp"

namespace juju::transport {
namespace {

class Upgrading : public TransportTest {
protected:
    Error error_of_open(const Server& server)
    {
        try {
            open(server);
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("there is no error");
    }
};

TEST_F(Upgrading, TellsWhatTheAnswerIs)
{
    struct Row {
        std::string answer;
        errc code;
        std::string text;
    };
    const std::string long_line(20'000, 'x');
    for (const Row& row : {
             Row{"SSH-2.0-OpenSSH\r\n", errc::malformed_reply, "malformed reply: the answer is not HTTP: bad version"},
             Row{"HTTP/1.1 302 Found\r\nSet-Cookie: " + long_line + "\r\n\r\n", errc::malformed_reply,
                 "malformed reply: the answer is too large for a controller's"},
             Row{"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n", errc::upgrade_refused,
                 "HTTP 302 Found"},
         }) {
        const Server server(context, authority.issue(controller_names), answering(row.answer));
        const Error error = error_of_open(server);
        EXPECT_EQ(error.code(), row.code);
        EXPECT_EQ(std::string(error.what()), "WebSocket upgrade at 127.0.0.1:" + server.port() + " failed: " + row.text);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        expect_all_closed(server);
    }
}

} // namespace
} // namespace juju::transport
