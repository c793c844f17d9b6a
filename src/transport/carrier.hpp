#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <utility>
#include <variant>

namespace juju::transport {

/// The bytes below a server's TLS: a TCP connection, or TLS over one, to a proxy that wants it.
class Carrier {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Encrypted = boost::asio::ssl::stream<Socket>;
    using next_layer_type = Socket;
    using lowest_layer_type = Socket::lowest_layer_type;
    using executor_type = Socket::executor_type;

    explicit Carrier(const executor_type& executor) : stream_(std::in_place_type<Socket>, executor) {}

    executor_type get_executor() noexcept { return next_layer().get_executor(); }
    lowest_layer_type& lowest_layer() noexcept { return next_layer().lowest_layer(); }

    /// The TCP connection.
    Socket& next_layer() noexcept
    {
        auto* const encrypted = std::get_if<Encrypted>(&stream_);
        return encrypted ? encrypted->next_layer() : std::get<Socket>(stream_);
    }

    /// Puts TLS over the TCP connection, as yet without a handshake. To be called once.
    Encrypted& encrypt(boost::asio::ssl::context& context)
    {
        Socket socket = std::move(std::get<Socket>(stream_));
        return stream_.emplace<Encrypted>(std::move(socket), context);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        auto initiate = [this](auto&& handler, const Buffers& space) {
            const auto read = [&](auto& stream) { stream.async_read_some(space, std::forward<decltype(handler)>(handler)); };
            std::visit(read, stream_);
        };
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(std::move(initiate), token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        auto initiate = [this](auto&& handler, const Buffers& bytes) {
            const auto write = [&](auto& stream) { stream.async_write_some(bytes, std::forward<decltype(handler)>(handler)); };
            std::visit(write, stream_);
        };
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(std::move(initiate), token, buffers);
    }

private:
    std::variant<Socket, Encrypted> stream_;
};

/// Found by Beast when it ends the connection below a server's TLS. A proxy's TLS gets no goodbye: nothing is left that it could protect.
template <class Handler>
void async_teardown(boost::beast::role_type role, Carrier& carrier, Handler&& handler)
{
    boost::beast::websocket::async_teardown(role, carrier.next_layer(), std::forward<Handler>(handler));
}

} // namespace juju::transport
