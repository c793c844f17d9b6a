#pragma once

#include "strand.hpp"
#include "transport/dial_report.hpp"
#include "transport/endpoint.hpp"
#include "transport/message_stream.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace juju::transport {

struct OpenOptions {
    TlsPolicy tls;
    ProxyRule proxy;
    std::string path; ///< "/model/UUID/api" or "/api"; an endpoint's prefix comes before it
    std::size_t max_message_size = 0;
    std::map<std::string, std::vector<std::string>> dns_cache; ///< host to IP addresses that were right before (client-store 7.2)
};

/// The connection that won.
struct Opened {
    std::unique_ptr<MessageStream> stream;
    Endpoint endpoint;
    std::string ip;             ///< that the name of `endpoint` was resolved to; empty through a proxy
    Attempt* attempt = nullptr; ///< in the report; its phase is `login` from now on
};

/// Opens a WebSocket to the first of several addresses that does: a new attempt starts every 50 ms, in the order given, or at once when
/// the one before has failed; the first that opens wins and the others are cancelled and closed (wire-protocol 6.2).
/// The addresses of a name that is looked up come behind all others.
/// @throws Error `report->failure()` when none does. What else an attempt throws, such as std::bad_alloc, ends them all.
boost::asio::awaitable<Opened> open_first(Strand strand, std::vector<Endpoint> endpoints, OpenOptions options,
                                          std::shared_ptr<DialReport> report);

} // namespace juju::transport
