#pragma once

#include <string>
#include <string_view>

namespace juju::transport {

/// An absolute URL of the scheme `https`.
struct Url {
    std::string host;         ///< A name or an IP address, without brackets.
    std::string port = "443"; ///< From 1 to 65535.
    std::string target = "/"; ///< Path and query, at least a slash; no fragment.

    /// `host:port` with brackets around IPv6, always with the port.
    std::string authority() const;

    /// A fragment is left out.
    /// @throws Error errc::invalid_argument for another scheme, for user info, whose text is not in the message, and for what is no URL.
    static Url parse(std::string_view text);

    /// What a reference in a reply to this URL means (RFC 3986 section 5): an absolute `https` URL, `//authority/path`, `/path`, a
    /// relative path, `?query`, or nothing at all.
    /// @throws Error errc::invalid_argument as `parse` does.
    Url resolve(std::string_view reference) const;
};

} // namespace juju::transport
