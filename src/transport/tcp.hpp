#pragma once

#include "strand.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "transport/proxy.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace juju::transport {

class Carrier;

/// The IP addresses that a host's name stands for, without IPv6 addresses that are of one network interface only. Ends at once when it is
/// cancelled, while the system may go on to look.
/// @throws Error a network code.
boost::asio::awaitable<std::vector<std::string>> resolve(Strand strand, std::string host);

/// Connects `carrier`, which is new: to the first of `ips` that answers at the endpoint's port; or, with a proxy, to the first address of
/// that which answers, and the proxy then connects on to the endpoint by its name.
/// @throws Error a network or TLS code, of the last address if there are several; errc::proxy_failed.
boost::asio::awaitable<void> connect_tcp(Carrier& carrier, Strand strand, Endpoint endpoint, std::vector<std::string> ips,
                                         std::optional<Proxy> proxy, Attempt& attempt);

} // namespace juju::transport
