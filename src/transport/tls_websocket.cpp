#include "transport/tls_websocket.hpp"

#include "local_error.hpp"
#include "transport/gathering_stream.hpp"
#include "wire/printable.hpp"
#include "wire/reply.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Tls = asio::ssl::stream<tcp::socket>;
using WebSocket = websocket::stream<GatheringStream<Tls>>;

/// The name that every controller's own certificate carries (wire-protocol 1.3, 1.4).
constexpr const char* controller_name = "juju-apiserver";

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

/// The many ways in which an end of stream shows, in words.
std::string describe(error_code error)
{
    if (error == websocket::error::closed)
        return "the controller closed it";
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated || error == boost::beast::error::timeout)
        return "the controller went away without a goodbye (" + error.message() + ")";
    return error.message();
}

Error open_error(error_code error, const std::string& phase, const std::string& detail = {})
{
    detail::ErrorDetails details(phase + " failed: " + error.message() + detail);
    details.connection_usable = false;
    return Error(error, std::move(details));
}

class TlsWebSocket final : public MessageStream {
public:
    TlsWebSocket(Strand strand, asio::ssl::context& context, std::size_t max_message_size)
        : socket_(strand, context), max_message_size_(max_message_size)
    {
    }

    WebSocket& socket() noexcept { return socket_; }
    Tls& tls() noexcept { return socket_.next_layer().next_layer(); }
    auto& tcp_socket() noexcept { return tls().next_layer(); }

    asio::awaitable<WipingString> read() override
    {
        WipingString message;
        std::size_t size = 0;
        do {
            grow(message, size);
            error_code error;
            const auto space = asio::buffer(message.data() + size, message.size() - size);
            size += co_await socket_.async_read_some(space, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                throw connection_lost(describe(error));
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
                throw connection_lost(describe(error));
        }
        co_await gathering.async_release(asio::redirect_error(asio::use_awaitable, error));
        if (error)
            throw connection_lost(describe(error));
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
        const websocket::close_reason code(static_cast<websocket::close_code>(reason));
        co_await socket_.async_close(code, asio::redirect_error(asio::use_awaitable, ignored));
        limit->cancel();
    }

    void abort() noexcept override
    {
        error_code ignored;
        tcp_socket().close(ignored);
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

void use_ca(asio::ssl::context& context, const std::string& ca_cert)
{
    error_code error;
    context.add_certificate_authority(asio::buffer(ca_cert), error);
    if (error)
        throw detail::local_error(errc::invalid_argument, "ca_cert is not a PEM certificate");
}

asio::ssl::context make_context(const std::string& ca_cert)
{
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_CLEANSE_PLAINTEXT);
    context.set_verify_mode(asio::ssl::verify_peer);
    if (ca_cert.empty())
        context.set_default_verify_paths();
    else
        use_ca(context, ca_cert);
    return context;
}

/// Demands that the certificate is for `name`, and tells the server which one is meant (not for an IP address).
void expect_name(Tls& tls, const std::string& name)
{
    SSL* const ssl = tls.native_handle();
    error_code not_an_address;
    asio::ip::make_address(name, not_an_address);
    if (!not_an_address) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
        return;
    }
    SSL_set_tlsext_host_name(ssl, name.c_str());
    SSL_set1_host(ssl, name.c_str());
}

asio::awaitable<tcp::resolver::results_type> resolve(Strand strand, Endpoint endpoint, std::string& phase)
{
    phase = "looking up \"" + endpoint.host + "\"";
    tcp::resolver resolver(strand);
    // A resolver knows no per-operation cancellation.
    auto state = co_await asio::this_coro::cancellation_state;
    auto slot = state.slot();
    if (slot.is_connected())
        slot.assign([&resolver](asio::cancellation_type) { resolver.cancel(); });
    error_code error;
    auto results = co_await resolver.async_resolve(endpoint.host, endpoint.port, asio::redirect_error(asio::use_awaitable, error));
    slot.clear();
    if (error)
        throw open_error(error, phase);
    co_return results;
}

asio::awaitable<void> connect_tcp(TlsWebSocket& stream, Strand strand, const Endpoint& endpoint, std::string& phase)
{
    const auto results = co_await resolve(strand, endpoint, phase);
    phase = "TCP connection to " + endpoint.authority();
    error_code error;
    co_await asio::async_connect(stream.tcp_socket(), results, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw open_error(error, phase);
    stream.tcp_socket().set_option(tcp::no_delay(true), error);
}

asio::awaitable<void> handshake_tls(TlsWebSocket& stream, const Endpoint& endpoint, bool own_ca, std::string& phase)
{
    phase = "TLS handshake with " + endpoint.authority();
    expect_name(stream.tls(), own_ca ? controller_name : endpoint.host);
    error_code error;
    co_await stream.tls().async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (!error)
        co_return;
    const long verdict = SSL_get_verify_result(stream.tls().native_handle());
    if (verdict == X509_V_OK)
        throw open_error(error, phase);
    detail::ErrorDetails details(phase + " failed: the certificate is not accepted: " + X509_verify_cert_error_string(verdict) +
                                 (own_ca ? "; check that ca_cert is this controller's CA" : "; give the controller's own CA with ca_cert"));
    details.connection_usable = false;
    throw Error(make_error_code(errc::certificate_rejected), std::move(details));
}

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

asio::awaitable<void> upgrade(TlsWebSocket& stream, const Endpoint& endpoint, std::string target, std::string& phase)
{
    phase = "WebSocket upgrade at " + endpoint.authority();
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
        throw open_error(error, phase);
}

} // namespace

void check_ca_cert(const std::string& pem)
{
    make_context(pem);
}

asio::awaitable<std::unique_ptr<MessageStream>> open_tls_websocket(Strand strand, Endpoint endpoint, WebSocketOptions options,
                                                                   std::string& phase)
{
    auto context = make_context(options.ca_cert);
    auto stream = std::make_unique<TlsWebSocket>(strand, context, options.max_message_size);
    co_await connect_tcp(*stream, strand, endpoint, phase);
    co_await handshake_tls(*stream, endpoint, !options.ca_cert.empty(), phase);
    co_await upgrade(*stream, endpoint, options.target, phase);
    co_return stream;
}

} // namespace juju::transport
