#pragma once

#include "strand.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"
#include "transport/url.hpp"
#include "wiping_allocator.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace juju::transport {

/// A request over HTTPS.
struct HttpsRequest {
    std::string method; ///< "GET", "POST"
    Url url;
    std::string content_type; ///< of the body; empty: no such header
    WipingString body;
    std::vector<std::pair<std::string, std::string>>
        headers; ///< more of them; names and values without line breaks; the values are wiped once sent
};

/// What the server answered, whatever its status.
struct HttpsReply {
    int status = 0;
    std::string content_type; ///< as sent, with parameters; empty: there was none
    WipingString body;
};

/// How the server is reached and what it may send.
struct HttpsOptions {
    TlsPolicy tls;
    ProxyRule proxy;
    std::size_t max_body = 1024 * 1024; ///< bytes of a reply's body
};

/// Sends one request over a connection of its own and gives the reply. The host is looked up and its addresses are tried in turn. Redirects
/// are not followed. May be cancelled at any time: the connection is then closed.
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::proxy_failed, errc::message_too_large for a body above the limit
/// or header fields above 8 KiB, errc::malformed_reply for what is not HTTP, errc::invalid_argument for a header with a line break.
boost::asio::awaitable<HttpsReply> https_exchange(Strand strand, HttpsRequest request, HttpsOptions options);

} // namespace juju::transport
