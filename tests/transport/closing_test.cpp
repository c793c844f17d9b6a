// A WebSocket that is closed while messages are being gathered for one TLS write.

#include "transport_fixture.hpp"

#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace juju::transport {
namespace {

namespace websocket = boost::beast::websocket;

/// Enough to still be gathered when the other side's close frame comes.
constexpr int many = 2000;

asio::awaitable<std::string> read_one(MessageStream& stream)
{
    try {
        co_await stream.read();
    } catch (const Error& error) {
        co_return error.what();
    }
    co_return "a message";
}

asio::awaitable<bool> write_many(MessageStream& stream)
{
    std::vector<WipingString> messages(many, WipingString("{}"));
    bool failed = false;
    try {
        co_await stream.write(std::move(messages));
    } catch (const Error&) {
        failed = true;
    }
    co_return failed;
}

class Closing : public TransportTest {
protected:
    /// A server that says goodbye at once, or when the client does.
    Server::TlsScript closing(bool at_once)
    {
        return [this, at_once](TlsPeer& peer) { return close_with(peer, at_once); };
    }

    asio::awaitable<void> close_with(TlsPeer& peer, bool at_once)
    {
        websocket::stream<TlsPeer&> socket(peer);
        co_await socket.async_accept(asio::use_awaitable);
        boost::system::error_code error;
        if (at_once) {
            co_await socket.async_close(websocket::close_code::normal, asio::redirect_error(asio::use_awaitable, error));
            ending = error ? error.message() : "answered";
            co_return;
        }
        boost::beast::flat_buffer message;
        while (!error) {
            message.clear();
            co_await socket.async_read(message, asio::redirect_error(asio::use_awaitable, error));
        }
        ending = error == websocket::error::closed ? "answered" : error.message();
    }

    std::string ending; ///< what the server's close frame came to
};

TEST_F(Closing, AnswersACloseFrameThatComesMeanwhile)
{
    const Server server(context, authority.issue(controller_names), closing(true));
    const auto stream = open(server);
    bool is_written = false;
    asio::co_spawn(strand, write_many(*stream), [&](std::exception_ptr, bool) { is_written = true; });

    EXPECT_EQ(run(read_one(*stream)), "the connection to the controller was lost: the controller closed it (1000)");

    run_until([&] { return is_written && !ending.empty(); });
    EXPECT_EQ(ending, "answered");
    stream->abort();
    expect_all_closed(server);
}

TEST_F(Closing, SendsItsOwnCloseFrameMeanwhile)
{
    const Server server(context, authority.issue(controller_names), closing(false));
    const auto stream = open(server);
    bool is_written = false;
    asio::co_spawn(strand, write_many(*stream), [&](std::exception_ptr, bool) { is_written = true; });
    bool is_closed = false;
    asio::co_spawn(strand, stream->close(CloseReason::normal), [&](std::exception_ptr) { is_closed = true; });

    run_until([&] { return is_written && is_closed && !ending.empty(); });

    EXPECT_EQ(ending, "answered");
    stream->abort();
    expect_all_closed(server);
}

} // namespace
} // namespace juju::transport
