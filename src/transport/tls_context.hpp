#pragma once

#include "transport/dial_report.hpp"
#include "transport/tls.hpp"

#include <juju/error.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <string>

namespace juju::transport {

/// A client's TLS settings for a policy: its CA, or else the system's.
boost::asio::ssl::context make_context(const TlsPolicy& policy);

/// Demands that the certificate is for the name that the policy says, `host` being the one of the address, and tells the server which one
/// is meant (not for an IP address).
void expect_name(SSL* ssl, const TlsPolicy& policy, const std::string& host);

/// Why the certificate was not accepted; empty when that was not the reason that a handshake failed for.
std::string certificate_problem(SSL* ssl, const TlsPolicy& policy);

/// What a handshake that succeeded has agreed on.
TlsFacts facts_of(SSL* ssl);

} // namespace juju::transport
