#include "transport/tls_stream.hpp"

#include "transport/open_error.hpp"
#include "transport/tcp.hpp"
#include "transport/tls_context.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// What kept the handshake from its end, where the error's own text leaves that open.
std::string handshake_problem(error_code error)
{
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
        return ": the other side ended the connection";
    const bool is_tls = error.category() == asio::error::get_ssl_category();
    const auto reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    return is_tls && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) ? ": the other side does not speak TLS" : "";
}

asio::awaitable<void> handshake(TlsStream& stream, const Endpoint& endpoint, const TlsPolicy& policy, Attempt& attempt)
{
    attempt.phase = Phase::tls;
    const auto what = "TLS handshake with " + endpoint.authority();
    SSL* const ssl = stream.native_handle();
    if (!policy.skip_verification)
        expect_name(ssl, policy, endpoint.host);
    error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
        attempt.tls = facts_of(ssl);
        co_return;
    }
    const auto problem = certificate_problem(ssl, policy);
    if (problem.empty())
        throw open_error(error, what, handshake_problem(error));
    detail::ErrorDetails details(what + " failed: " + problem);
    details.connection_usable = false;
    throw Error(make_error_code(errc::certificate_rejected), std::move(details));
}

asio::awaitable<TlsStream> open_once(Strand strand, const Endpoint& endpoint, const TlsRoute& route, Attempt& attempt)
{
    auto context = make_context(route.tls);
    TlsStream stream(Carrier(strand), context);
    auto connecting = connect_tcp(stream.next_layer(), strand, endpoint, route.ips, route.proxy, attempt);
    co_await std::move(connecting);
    co_await handshake(stream, endpoint, route.tls, attempt);
    co_return stream;
}

} // namespace

asio::awaitable<TlsRoute> find_route(Strand strand, std::string host, TlsPolicy tls, ProxyRule proxies)
{
    TlsRoute route;
    route.tls = std::move(tls);
    route.proxy = proxies.proxy_for(host);
    if (route.proxy)
        co_return route;
    auto looking = resolve(strand, host);
    route.ips = co_await std::move(looking);
    co_return route;
}

asio::awaitable<TlsStream> open_tls(Strand strand, Endpoint endpoint, TlsRoute route, Attempt& attempt)
{
    std::optional<Error> failure;
    try {
        auto opening = open_once(strand, endpoint, route, attempt);
        co_return co_await std::move(opening);
    } catch (const Error& error) {
        failure = error;
    }
    const bool has_other_name = !route.tls.ca_cert.empty() && !route.tls.public_dns_name.empty();
    if (failure->code() != errc::certificate_rejected || !has_other_name)
        throw *failure;
    route.tls.ca_cert.clear();
    try {
        auto opening = open_once(strand, endpoint, route, attempt);
        co_return co_await std::move(opening);
    } catch (const Error& error) {
        if (error.code() == asio::error::operation_aborted)
            throw;
    }
    throw *failure;
}

} // namespace juju::transport
