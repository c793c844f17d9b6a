#pragma once

#include "strand.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "transport/proxy.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <vector>

namespace juju::transport {

/// The IP addresses that a host's name stands for, without IPv6 addresses that are of one network interface only. Ends at once when it is
/// cancelled, while the system may go on to look.
/// @throws Error a network code.
boost::asio::awaitable<std::vector<std::string>> resolve(Strand strand, std::string host);

/// Connects `socket`: to `ip` at the endpoint's port; or, with a proxy, to that, which then connects on to the endpoint by its name.
/// @throws Error a network code, errc::proxy_failed.
boost::asio::awaitable<void> connect_tcp(boost::asio::ip::tcp::socket& socket, Strand strand, Endpoint endpoint, std::string ip,
                                         std::optional<Proxy> proxy, Attempt& attempt);

} // namespace juju::transport
