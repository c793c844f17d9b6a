#include "transport/tcp.hpp"

#include "transport/carrier.hpp"
#include "transport/open_error.hpp"
#include "transport/tls_context.hpp"
#include "wiping_allocator.hpp"
#include "wire/printable.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include <openssl/ssl.h>

#include <memory>
#include <string_view>
#include <utility>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// One question to the system, which is not to be interrupted: it outlives the coroutine that asks.
struct Lookup {
    explicit Lookup(const Strand& strand) : resolver(strand), done(strand, asio::steady_timer::time_point::max()) {}

    tcp::resolver resolver;
    asio::steady_timer done;
    bool is_done = false;
    error_code error;
    tcp::resolver::results_type results;
};

Error proxy_failed(const std::string& message)
{
    detail::ErrorDetails details(message);
    details.connection_usable = false;
    return Error(make_error_code(errc::proxy_failed), std::move(details));
}

/// What went wrong at each of several addresses; `error` is the last one's.
Error none_connected(error_code error, const std::string& what, const std::string& reasons)
{
    detail::ErrorDetails details(what + " failed: " + reasons);
    details.connection_usable = false;
    return Error(error, std::move(details));
}

asio::awaitable<void> connect_in_turn(tcp::socket& socket, std::vector<std::string> ips, std::string port, std::string what)
{
    std::string reasons;
    error_code error;
    for (const auto& ip : ips) {
        const tcp::endpoint address(asio::ip::make_address(ip), static_cast<unsigned short>(std::stoi(port)));
        socket.close(error);
        co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            socket.set_option(tcp::no_delay(true), error);
            co_return;
        }
        if (error == asio::error::operation_aborted)
            break;
        reasons += (reasons.empty() ? "" : "; ") + ip + ": " + error.message();
    }
    if (ips.size() == 1 || error == asio::error::operation_aborted)
        throw open_error(error, what);
    throw none_connected(error, what, reasons);
}

/// TLS to the proxy itself, whose certificate is for its own name and signed by a CA of the system.
asio::awaitable<void> encrypt(Carrier& carrier, const Proxy& proxy)
{
    const auto what = "TLS handshake with proxy " + proxy.authority();
    const TlsPolicy policy;
    auto context = make_context(policy);
    auto& stream = carrier.encrypt(context);
    expect_name(stream.native_handle(), policy, proxy.host);
    error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (!error)
        co_return;
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (verdict == X509_V_OK)
        throw open_error(error, what);
    throw proxy_failed(what + " failed: the certificate is not accepted: " + X509_verify_cert_error_string(verdict) +
                       "; the system's CAs must know the one of the proxy");
}

/// The request to connect on, with its credentials.
WipingString connect_request(const std::string& authority, const Proxy& proxy)
{
    WipingString text("CONNECT ");
    text += authority;
    text += " HTTP/1.1\r\nHost: ";
    text += authority;
    text += "\r\n";
    if (!proxy.user.empty()) {
        std::vector<char, WipingAllocator<char>> credentials;
        credentials.reserve(proxy.user.size() + 1 + proxy.password.size());
        credentials.insert(credentials.end(), proxy.user.text().begin(), proxy.user.text().end());
        credentials.push_back(':');
        credentials.insert(credentials.end(), proxy.password.text().begin(), proxy.password.text().end());
        const SecretValue both(std::string_view(credentials.data(), credentials.size()));
        text += "Proxy-Authorization: Basic ";
        text += both.base64().text();
        text += "\r\n";
    }
    text += "\r\n";
    return text;
}

/// Asks the proxy to connect on; what comes after its answer is the controller's (RFC 9110 section 9.3.6).
asio::awaitable<void> connect_on(Carrier& carrier, const Endpoint& endpoint, const Proxy& proxy)
{
    const auto what = "CONNECT to " + endpoint.authority() + " by proxy " + proxy.authority();
    const auto request = connect_request(endpoint.authority(), proxy);
    error_code error;
    co_await asio::async_write(carrier, asio::buffer(request.data(), request.size()), asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw open_error(error, what);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::empty_body> parser;
    parser.skip(true);
    co_await http::async_read_header(carrier, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    const bool is_cut_off = error == http::error::end_of_stream || error == http::error::partial_message;
    if (!is_cut_off && error.category() == make_error_code(http::error::bad_version).category())
        throw proxy_failed(what + " failed: the answer is not HTTP: " + error.message());
    if (error)
        throw open_error(error, what);
    const auto& response = parser.get();
    if (response.result() == http::status::ok)
        co_return;
    const std::string reason(response.reason());
    throw proxy_failed(what + " failed: HTTP " + std::to_string(response.result_int()) + ' ' + wire::printable(reason) +
                       (response.result() == http::status::proxy_authentication_required ? "; the proxy wants a user and a password" : ""));
}

asio::awaitable<void> connect_by_proxy(Carrier& carrier, Strand strand, const Endpoint& endpoint, const Proxy& proxy, Attempt& attempt)
{
    attempt.phase = Phase::proxy;
    auto looking = resolve(strand, proxy.host);
    auto ips = co_await std::move(looking);
    auto connecting = connect_in_turn(carrier.next_layer(), std::move(ips), proxy.port, "TCP connection to proxy " + proxy.authority());
    co_await std::move(connecting);
    if (proxy.is_tls)
        co_await encrypt(carrier, proxy);
    co_await connect_on(carrier, endpoint, proxy);
}

} // namespace

asio::awaitable<std::vector<std::string>> resolve(Strand strand, std::string host)
{
    const auto lookup = std::make_shared<Lookup>(strand);
    auto finish = [lookup](error_code error, tcp::resolver::results_type results) {
        lookup->is_done = true;
        lookup->error = error;
        lookup->results = std::move(results);
        lookup->done.cancel();
    };
    lookup->resolver.async_resolve(host, "", tcp::resolver::numeric_service, std::move(finish));
    error_code ignored;
    co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!lookup->is_done) {
        lookup->resolver.cancel();
        throw open_error(asio::error::operation_aborted, "looking up \"" + host + '"');
    }
    if (lookup->error)
        throw open_error(lookup->error, "looking up \"" + host + '"');
    std::vector<std::string> addresses;
    for (const auto& entry : lookup->results) {
        const auto address = entry.endpoint().address();
        if (address.is_v6() && address.to_v6().scope_id() != 0)
            continue;
        addresses.push_back(address.to_string());
    }
    if (addresses.empty())
        throw open_error(asio::error::host_not_found, "looking up \"" + host + '"');
    co_return addresses;
}

asio::awaitable<void> connect_tcp(Carrier& carrier, Strand strand, Endpoint endpoint, std::vector<std::string> ips,
                                  std::optional<Proxy> proxy, Attempt& attempt)
{
    if (proxy) {
        co_await connect_by_proxy(carrier, strand, endpoint, *proxy, attempt);
        co_return;
    }
    attempt.phase = Phase::tcp;
    auto connecting = connect_in_turn(carrier.next_layer(), std::move(ips), endpoint.port, "TCP connection to " + endpoint.authority());
    co_await std::move(connecting);
}

} // namespace juju::transport
