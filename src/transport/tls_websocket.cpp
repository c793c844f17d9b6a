#include "transport/tls_websocket.hpp"

#include "transport/gathering_stream.hpp"
#include "transport/open_error.hpp"
#include "transport/tls_stream.hpp"
#include "wire/printable.hpp"
#include "wire/reply.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using WebSocket = websocket::stream<GatheringStream<TlsStream>>;

/// How long saying goodbye may take (wire-protocol 1.10).
constexpr std::chrono::seconds close_limit{10};

/// The first step of a receive buffer, which then doubles.
constexpr std::size_t first_buffer = 4096;

/// How much of a refused upgrade's body is shown, as in Juju's own client (wire-protocol 1.11).
constexpr std::size_t shown_body = 1024;

Error connection_lost(const std::string& why)
{
    detail::ErrorDetails details("the connection to the controller was lost: " + why);
    details.outcome = Outcome::unknown;
    details.connection_usable = false;
    return Error(make_error_code(errc::connection_lost), std::move(details));
}

/// Whether the other side ended the connection in one of the many ways in which that shows.
bool is_end(error_code error)
{
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated || error == boost::beast::http::error::end_of_stream ||
           error == boost::beast::http::error::partial_message;
}

/// What ended a connection in use, in words.
std::string describe(error_code error, const websocket::close_reason& goodbye)
{
    if (error == websocket::error::closed) {
        const std::string code = goodbye.code == websocket::close_code::none ? "" : std::to_string(goodbye.code);
        const std::string why = wire::printable(std::string_view(goodbye.reason.data(), goodbye.reason.size()));
        const std::string details = code + (why.empty() ? "" : ": " + why);
        return "the controller closed it" + (details.empty() ? "" : " (" + details + ")");
    }
    if (is_end(error) || error == boost::beast::error::timeout)
        return "the controller went away without a goodbye (" + error.message() + ")";
    if (error == websocket::condition::protocol_violation)
        return "the controller does not follow the WebSocket protocol (" + error.message() + ")";
    return error.message();
}

class TlsWebSocket final : public MessageStream {
public:
    TlsWebSocket(TlsStream tls, std::size_t max_message_size) : socket_(std::move(tls)), max_message_size_(max_message_size) {}
    ~TlsWebSocket() override { socket_.next_layer().wipe_read_buffer(); }
    TlsWebSocket(const TlsWebSocket&) = delete;
    TlsWebSocket& operator=(const TlsWebSocket&) = delete;

    WebSocket& socket() noexcept { return socket_; }

    asio::awaitable<WipingString> read() override
    {
        WipingString message;
        std::size_t size = 0;
        do {
            grow(message, size);
            error_code error;
            const auto space = asio::buffer(message.data() + size, message.size() - size);
            socket_.next_layer().read_for(space);
            size += co_await socket_.async_read_some(space, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                throw connection_lost(describe(error, socket_.reason()));
            if (size > max_message_size_)
                throw too_large(size);
        } while (!socket_.is_message_done());
        message.resize(size);
        co_return message;
    }

    asio::awaitable<void> write(std::vector<WipingString> messages) override
    {
        error_code error;
        auto& gathering = socket_.next_layer();
        gathering.hold();
        for (const auto& message : messages) {
            co_await socket_.async_write(asio::buffer(message.data(), message.size()), asio::redirect_error(asio::use_awaitable, error));
            if (error)
                throw connection_lost(describe(error, socket_.reason()));
        }
        co_await gathering.async_release(asio::redirect_error(asio::use_awaitable, error));
        if (error)
            throw connection_lost(describe(error, socket_.reason()));
    }

    asio::awaitable<void> close(CloseReason reason) override
    {
        // Beast bounds the handshake but not the TLS shutdown after it: a timer bounds both. What a close ends with depends
        // on timing alone and says nothing.
        auto limit = std::make_shared<asio::steady_timer>(socket_.get_executor(), close_limit);
        auto expired = [this, weak = std::weak_ptr(limit)](error_code error) {
            if (!error && !weak.expired())
                abort();
        };
        limit->async_wait(std::move(expired));
        error_code ignored;
        socket_.next_layer().stop_holding();
        const websocket::close_reason code(static_cast<websocket::close_code>(reason));
        co_await socket_.async_close(code, asio::redirect_error(asio::use_awaitable, ignored));
        limit->cancel();
    }

    void abort() noexcept override
    {
        error_code ignored;
        boost::beast::get_lowest_layer(socket_).close(ignored);
        socket_.next_layer().wipe_read_buffer(); // nothing comes any more that would be read
    }

private:
    /// Makes room behind `size`, never more than one byte over the limit, with the decoder's padding to spare.
    void grow(WipingString& message, std::size_t size) const
    {
        if (size < message.size())
            return;
        const std::size_t wanted = std::max(first_buffer, std::max(size * 2, socket_.read_size_hint(first_buffer) + size));
        const std::size_t room = std::min(wanted, max_message_size_ + 1);
        message.reserve(room + wire::Reply::padding);
        message.resize(room);
    }

    Error too_large(std::size_t read) const
    {
        const std::size_t announced = read + (socket_.is_message_done() ? 0 : socket_.read_size_hint(1));
        detail::ErrorDetails details("the controller sent a message of at least " + std::to_string(announced) + " bytes; the limit is " +
                                     std::to_string(max_message_size_) + " bytes (ConnectOptions::max_message_size)");
        details.outcome = Outcome::unknown;
        details.connection_usable = false;
        return Error(make_error_code(errc::message_too_large), std::move(details));
    }

    WebSocket socket_;
    std::size_t max_message_size_;
};

Error upgrade_refused(const std::string& phase, const websocket::response_type& response)
{
    std::string body = response.body().substr(0, shown_body);
    body.erase(body.find_last_not_of(" \r\n\t") + 1);
    detail::ErrorDetails details(phase + " failed: HTTP " + std::to_string(response.result_int()) + " " +
                                 wire::printable(std::string_view(response.reason().data(), response.reason().size())));
    if (!body.empty())
        details.message += ": " + wire::printable(body);
    details.server_message = std::move(body);
    details.connection_usable = false;
    return Error(make_error_code(errc::upgrade_refused), std::move(details));
}

/// An upgrade that was not answered, or not by a WebSocket server. Beast's own codes are documented nowhere, and say no more than the text.
Error upgrade_failed(const std::string& phase, error_code error)
{
    const auto& category = error.category();
    if (is_end(error))
        return open_error(make_error_code(errc::connection_lost), phase, ": the other side ended the connection");
    if (error == boost::beast::error::timeout)
        return open_error(make_error_code(errc::connection_lost), phase,
                          ": no answer within " + std::to_string(close_limit.count()) + " s");
    if (error == http::error::buffer_overflow || error == http::error::header_limit || error == http::error::body_limit)
        return open_error(make_error_code(errc::malformed_reply), phase, ": the answer is too large for a controller's");
    if (category == make_error_code(http::error::bad_version).category())
        return open_error(make_error_code(errc::malformed_reply), phase, ": the answer is not HTTP: " + error.message());
    if (category == make_error_code(websocket::error::closed).category())
        return open_error(make_error_code(errc::malformed_reply), phase, ": " + error.message());
    return open_error(error, phase);
}

asio::awaitable<void> upgrade(TlsWebSocket& stream, const Endpoint& endpoint, std::string target, Attempt& attempt)
{
    attempt.phase = Phase::upgrade;
    const auto phase = "WebSocket upgrade at " + endpoint.authority();
    auto& socket = stream.socket();
    // Without this Beast has no limit at all. The idle connection is watched by Pinger.Ping, not by WebSocket pings.
    websocket::stream_base::timeout timing{};
    timing.handshake_timeout = close_limit;
    timing.idle_timeout = websocket::stream_base::none();
    timing.keep_alive_pings = false;
    socket.set_option(timing);
    auto decorate = [](websocket::request_type& request) { request.set(boost::beast::http::field::user_agent, "cpp-libjuju"); };
    socket.set_option(websocket::stream_base::decorator(decorate));
    socket.read_message_max(0);
    socket.auto_fragment(false);
    socket.text(true);

    const std::string host = endpoint.authority();
    websocket::response_type response;
    error_code error;
    co_await socket.async_handshake(response, host, target, asio::redirect_error(asio::use_awaitable, error));
    if (error == websocket::error::upgrade_declined)
        throw upgrade_refused(phase, response);
    if (error)
        throw upgrade_failed(phase, error);
    socket.next_layer().end_upgrade();
}

} // namespace

asio::awaitable<std::unique_ptr<MessageStream>> open_tls_websocket(Strand strand, Endpoint endpoint, WebSocketOptions options,
                                                                   Attempt& attempt)
{
    TlsRoute route;
    route.tls = std::move(options.tls);
    route.proxy = std::move(options.proxy);
    route.ips.push_back(std::move(options.ip));
    auto opening = open_tls(strand, endpoint, std::move(route), attempt);
    auto tls = co_await std::move(opening);
    auto stream = std::make_unique<TlsWebSocket>(std::move(tls), options.max_message_size);
    co_await upgrade(*stream, endpoint, endpoint.prefix + options.target, attempt);
    co_return stream;
}

} // namespace juju::transport
