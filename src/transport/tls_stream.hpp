#pragma once

#include "strand.hpp"
#include "transport/carrier.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <optional>
#include <string>
#include <vector>

namespace juju::transport {

using TlsStream = boost::asio::ssl::stream<Carrier>;

/// How a TLS connection is made.
struct TlsRoute {
    TlsPolicy tls;
    std::optional<Proxy> proxy;
    std::vector<std::string> ips; ///< that the endpoint's host was resolved to, tried in turn; not used with a proxy
};

/// The route to a host that is not known yet: by the proxy that the rule has for it, or else to the addresses that are looked up.
/// @throws Error a network code
boost::asio::awaitable<TlsRoute> find_route(Strand strand, std::string host, TlsPolicy tls, ProxyRule proxies);

/// Connects and does the TLS handshake, as far as `attempt` then says. Where the policy has a CA and a public name, and the certificate is
/// not accepted by the CA, it is tried once more by the name (wire-protocol 1.3).
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::proxy_failed.
boost::asio::awaitable<TlsStream> open_tls(Strand strand, Endpoint endpoint, TlsRoute route, Attempt& attempt);

} // namespace juju::transport
