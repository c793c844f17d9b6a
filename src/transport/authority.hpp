#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace juju::transport {

/// Where a connection goes, as URLs write it behind their slashes.
struct Authority {
    std::string host; ///< A name or an IP address, without brackets.
    std::string port; ///< From 1 to 65535.

    /// Reads `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`; for anything else, gives the reason why not.
    static std::variant<Authority, const char*> read(std::string_view text, std::string_view default_port);
};

/// Whether a URL's scheme is this one, which is given in lower case. Nothing is copied: it may be a part of credentials instead.
bool is_scheme(std::string_view text, std::string_view scheme) noexcept;

/// Whether a character may stand in a host's name.
bool is_host_character(char c) noexcept;

/// `host:port` with brackets around IPv6.
std::string authority_text(const std::string& host, const std::string& port);

} // namespace juju::transport
