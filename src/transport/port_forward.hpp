#pragma once

#include "strand.hpp"
#include "transport/endpoint.hpp"
#include "transport/proxy.hpp"

#include <juju/secret_value.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace juju::transport {

/// The way to a service inside of a Kubernetes cluster: a `proxy-config` of type `kubernetes-port-forward` (client-store 6.1).
struct PortForwardConfig {
    PortForwardConfig() {}

    std::string api_host; ///< the Kubernetes API, `https://HOST:PORT` or `HOST:PORT`
    std::string ca_cert;  ///< PEM: the CA of the API, whose certificate must be for the host; empty: the system's CAs
    /// Accepts any certificate of the API, which gets the token. The controller's TLS inside is not concerned.
    bool skip_verification = false;
    std::string cluster_namespace; ///< of the service
    std::string service;
    std::string remote_port; ///< of the pods behind the service, such as "17070"
    SecretValue token;       ///< of a service account
    ProxyRule proxy;         ///< on the way to the API
};

/// A port of this machine from which connections are carried to one pod of the service.
struct PortForward {
    PortForward() {}

    Endpoint local; ///< 127.0.0.1 and a free port
    /// Ends everything with its last copy: no connection is taken any more, and those under way are closed. To be let go on the strand.
    std::shared_ptr<void> handle;
};

/// Finds a pod of the service that is ready, and opens the port. What is to be forwarded to the pod is asked for once before it returns, so
/// that a refusal shows here; the first connection takes that one, and each other one asks on its own. When that fails, the
/// connection is closed and the reason logged.
/// @throws Error a network or TLS code, errc::certificate_rejected, errc::proxy_failed for a refusal of the API, errc::malformed_reply,
/// errc::invalid_argument for a configuration that is not usable, errc::canceled.
boost::asio::awaitable<PortForward> open_port_forward(Strand strand, PortForwardConfig config);

} // namespace juju::transport
