#include "transport/tcp.hpp"

#include "transport/open_error.hpp"
#include "wire/printable.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <memory>
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

asio::awaitable<void> connect_to(tcp::socket& socket, std::string ip, std::string port, std::string what)
{
    const tcp::endpoint address(asio::ip::make_address(ip), static_cast<unsigned short>(std::stoi(port)));
    error_code error;
    socket.close(error);
    co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw open_error(error, what);
    socket.set_option(tcp::no_delay(true), error);
}

/// Asks the proxy to connect on; what comes after its answer is the controller's (RFC 9110 section 9.3.6).
asio::awaitable<void> connect_on(tcp::socket& socket, const Endpoint& endpoint, const Proxy& proxy)
{
    const auto what = "CONNECT to " + endpoint.authority() + " by proxy " + proxy.authority();
    http::request<http::empty_body> request(http::verb::connect, endpoint.authority(), 11);
    request.set(http::field::host, endpoint.authority());
    if (!proxy.user.empty()) {
        const auto credentials = proxy.user + ':' + std::string(proxy.password.text());
        request.set(http::field::proxy_authorization, "Basic " + std::string(SecretValue(credentials).base64().text()));
    }
    error_code error;
    co_await http::async_write(socket, request, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw open_error(error, what);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::empty_body> parser;
    parser.skip(true);
    co_await http::async_read_header(socket, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw open_error(error, what);
    const auto& response = parser.get();
    if (response.result() == http::status::ok)
        co_return;
    const std::string reason(response.reason());
    throw proxy_failed(what + " failed: HTTP " + std::to_string(response.result_int()) + ' ' + wire::printable(reason) +
                       (response.result() == http::status::proxy_authentication_required ? "; the proxy wants a user and a password" : ""));
}

asio::awaitable<void> connect_by_proxy(tcp::socket& socket, Strand strand, const Endpoint& endpoint, const Proxy& proxy, Attempt& attempt)
{
    attempt.phase = Phase::proxy;
    auto looking = resolve(strand, proxy.host);
    const auto addresses = co_await std::move(looking);
    auto connecting = connect_to(socket, addresses.front(), proxy.port, "TCP connection to proxy " + proxy.authority());
    co_await std::move(connecting);
    co_await connect_on(socket, endpoint, proxy);
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

asio::awaitable<void> connect_tcp(tcp::socket& socket, Strand strand, Endpoint endpoint, std::string ip, std::optional<Proxy> proxy,
                                  Attempt& attempt)
{
    if (proxy) {
        co_await connect_by_proxy(socket, strand, endpoint, *proxy, attempt);
        co_return;
    }
    attempt.phase = Phase::tcp;
    auto connecting = connect_to(socket, std::move(ip), endpoint.port, "TCP connection to " + endpoint.authority());
    co_await std::move(connecting);
}

} // namespace juju::transport
