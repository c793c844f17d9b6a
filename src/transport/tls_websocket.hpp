#pragma once

#include "strand.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "transport/message_stream.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace juju::transport {

/// How a TLS WebSocket is opened.
struct WebSocketOptions {
    TlsPolicy tls;
    std::optional<Proxy> proxy;
    std::string ip;     ///< that the endpoint's host was resolved to; not used with a proxy
    std::string target; ///< the path of the request, such as `/model/UUID/api`
    std::size_t max_message_size = 0;
};

/// Connects, does the TLS handshake and the WebSocket upgrade, as far as `attempt` then says. Where the policy has a CA and a public name,
/// and the certificate is not accepted by the CA, it is tried once more by the name (wire-protocol 1.3).
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::upgrade_refused, errc::proxy_failed.
boost::asio::awaitable<std::unique_ptr<MessageStream>> open_tls_websocket(Strand strand, Endpoint endpoint, WebSocketOptions options,
                                                                          Attempt& attempt);

} // namespace juju::transport
