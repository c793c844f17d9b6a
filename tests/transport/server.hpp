#pragma once

#include "authority.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace juju::test {

using Socket = boost::asio::ip::tcp::socket;
using TlsPeer = boost::asio::ssl::stream<Socket>;

/// A server on 127.0.0.1 in the io_context of the test. A connection that fails just ends.
class Server {
public:
    /// What a connection does. It is called once for each; the connection is closed when it returns.
    using Script = std::function<boost::asio::awaitable<void>(Socket& socket)>;
    using TlsScript = std::function<boost::asio::awaitable<void>(TlsPeer& peer)>;

    Server(boost::asio::io_context& context, Script script)
        : acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}), script_(std::move(script))
    {
        accept_next();
    }

    Server(boost::asio::io_context& context, Identity identity, TlsScript script)
        : Server(context, over_tls(std::move(identity), std::move(script)))
    {
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
    std::string address() const { return "127.0.0.1:" + port(); }

    /// Connections that came, and those that have not ended.
    int connections = 0;
    int open = 0;

private:
    static Script over_tls(Identity identity, TlsScript script)
    {
        const auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
        context->use_certificate_chain(boost::asio::buffer(identity.certificate));
        context->use_private_key(boost::asio::buffer(identity.key), boost::asio::ssl::context::pem);
        return [context, script = std::move(script)](Socket& socket) { return serve_tls(socket, *context, script); };
    }

    static boost::asio::awaitable<void> serve_tls(Socket& socket, boost::asio::ssl::context& context, const TlsScript& script)
    {
        TlsPeer peer(std::move(socket), context);
        co_await peer.async_handshake(boost::asio::ssl::stream_base::server, boost::asio::use_awaitable);
        auto serving = script(peer);
        co_await std::move(serving);
    }

    static boost::asio::awaitable<void> serve(Socket socket, const Script& script)
    {
        auto serving = script(socket);
        co_await std::move(serving);
    }

    void accept_next()
    {
        acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
            if (error)
                return;
            ++connections;
            ++open;
            socket.set_option(boost::asio::ip::tcp::no_delay(true), error);
            boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket), script_), [this](std::exception_ptr) { --open; });
            accept_next();
        });
    }

    boost::asio::ip::tcp::acceptor acceptor_;
    Script script_;
};

/// A header, or a header with its body, as it came.
template <class Stream>
boost::asio::awaitable<std::string> read_request(Stream& stream)
{
    std::string text;
    auto buffer = boost::asio::dynamic_buffer(text);
    const auto head = co_await boost::asio::async_read_until(stream, buffer, "\r\n\r\n", boost::asio::use_awaitable);
    const std::string name = "Content-Length: ";
    const auto at = text.find(name);
    const std::size_t size = head + (at < head ? std::stoul(text.substr(at + name.size())) : 0);
    const auto there = text.size();
    if (there < size) {
        text.resize(size);
        co_await boost::asio::async_read(stream, boost::asio::buffer(text.data() + there, size - there), boost::asio::use_awaitable);
    }
    co_return text;
}

template <class Stream>
boost::asio::awaitable<void> write_text(Stream& stream, std::string text)
{
    co_await boost::asio::async_write(stream, boost::asio::buffer(text), boost::asio::use_awaitable);
}

/// Until the other side is gone.
template <class Stream>
boost::asio::awaitable<void> read_to_end(Stream& stream)
{
    std::string space(4096, '\0');
    boost::system::error_code error;
    while (!error)
        co_await stream.async_read_some(boost::asio::buffer(space), boost::asio::redirect_error(boost::asio::use_awaitable, error));
}

/// Says the goodbye of TLS and waits for the other side's, which a client need not say.
inline boost::asio::awaitable<void> say_goodbye(TlsPeer& peer)
{
    boost::system::error_code ignored;
    co_await peer.async_shutdown(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

} // namespace juju::test
