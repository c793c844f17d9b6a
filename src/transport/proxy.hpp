#pragma once

#include <juju/secret_value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::transport {

/// An HTTP proxy that connects on with CONNECT, reached in clear text or by TLS.
struct Proxy {
    std::string host;
    std::string port;
    bool is_tls = false;
    SecretValue user; ///< empty: no credentials
    SecretValue password;

    /// `host:port`, for messages.
    std::string authority() const;

    /// @throws Error errc::proxy_failed, never with the credentials in its text.
    static Proxy parse(std::string_view url);
};

/// Which connections go through a proxy (client-store 6.2).
class ProxyRule {
public:
    /// No connection.
    ProxyRule() {}

    /// Every connection; none for an empty URL. @throws Error errc::proxy_failed
    static ProxyRule always(std::string_view url);

    /// What the environment says, a variable's value being empty when it is not set. @throws Error errc::proxy_failed
    static ProxyRule from_environment(const std::function<std::string(const char*)>& variable);

    /// The proxy for a host, a name or an IP address without brackets.
    std::optional<Proxy> proxy_for(std::string_view host) const;

private:
    std::optional<Proxy> proxy_;
    bool always_ = false;
    std::vector<std::string> excluded_;
};

} // namespace juju::transport
