#pragma once

#include "strand.hpp"
#include "transport/endpoint.hpp"
#include "transport/message_stream.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace juju::transport {

/// How a TLS WebSocket is opened.
struct WebSocketOptions {
    std::string ca_cert; ///< PEM; empty: the system's CAs and the host's own name
    std::string target;  ///< the path of the request, such as `/model/UUID/api`
    std::size_t max_message_size = 0;
};

/// Throws errc::invalid_argument unless the text holds a PEM certificate.
void check_ca_cert(const std::string& pem);

/// Resolves, connects, does the TLS handshake and the WebSocket upgrade. With a CA, only it is trusted and the certificate must be
/// for `juju-apiserver`, whatever address is dialled (wire-protocol 1.3).
/// @param phase says, while this runs, what it is doing; it must live as long.
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::upgrade_refused.
boost::asio::awaitable<std::unique_ptr<MessageStream>> open_tls_websocket(Strand strand, Endpoint endpoint, WebSocketOptions options,
                                                                          std::string& phase);

} // namespace juju::transport
