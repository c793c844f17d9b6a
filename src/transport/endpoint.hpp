#pragma once

#include <string>
#include <string_view>

namespace juju::transport {

/// A controller's address.
struct Endpoint {
    std::string host; ///< A name or an IP address, without brackets.
    std::string port;
    std::string prefix; ///< Empty, or a path that starts with a slash and does not end in one.

    /// `host:port` with brackets around IPv6, for messages and the Host header.
    std::string authority() const;

    /// @throws Error errc::invalid_argument for what is not of the form that `ConnectOptions::endpoint` takes.
    static Endpoint parse(std::string_view text);
};

} // namespace juju::transport
