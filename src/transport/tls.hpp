#pragma once

#include <string>

namespace juju::transport {

/// Whom to believe (wire-protocol 1.3, client-store 5).
struct TlsPolicy {
    std::string ca_cert;         ///< PEM; empty: the system's CAs
    std::string public_dns_name; ///< the name of a publicly signed certificate; empty: none is known
    std::string name; ///< that the certificate must be for; empty: `juju-apiserver` with a CA, else the public name or the host's own
    bool skip_verification = false;
};

/// Throws errc::invalid_argument unless the text is empty or starts, comments aside, with a PEM certificate.
void check_ca_cert(const std::string& pem);

} // namespace juju::transport
