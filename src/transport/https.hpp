#pragma once

#include "strand.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"
#include "wiping_allocator.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace juju::transport {

struct HttpRequest {
    HttpRequest() = default;
    HttpRequest(std::string http_method, std::string absolute_url) : method(std::move(http_method)), url(std::move(absolute_url)) {}

    std::string method;
    std::string url; ///< absolute, `https://`
    std::vector<std::pair<std::string, std::string>> headers;
    WipingString body;
};

struct HttpResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    WipingString body;
};

struct HttpsOptions {
    TlsPolicy tls;
    ProxyRule proxy;
    std::size_t max_body = std::size_t{1} << 20;
};

/// One request on a connection of its own. It has no limit in time but its caller's cancellation. Redirects are not followed.
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::proxy_failed, errc::connection_lost,
///   errc::message_too_large, errc::invalid_argument (a URL that is no `https://`).
boost::asio::awaitable<HttpResponse> https_exchange(Strand strand, HttpRequest request, HttpsOptions options);

} // namespace juju::transport
