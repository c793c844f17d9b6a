#include "transport/endpoint.hpp"

#include "local_error.hpp"
#include "transport/authority.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace juju::transport {
namespace {

/// Juju's default for the controller configuration `api-port`.
constexpr std::string_view default_port = "17070";

[[noreturn]] void fail(std::string_view text, const char* why)
{
    throw detail::local_error(errc::invalid_argument, "endpoint \"" + wire::printable(text) + "\" not valid: " + why +
                                                          "; give HOST:PORT, for example 10.0.0.1:17070");
}

} // namespace

Endpoint Endpoint::parse(std::string_view text)
{
    std::string_view rest = text;
    constexpr std::string_view scheme = "wss://";
    if (rest.starts_with(scheme))
        rest.remove_prefix(scheme.size());
    else if (rest.find("://") != std::string_view::npos)
        fail(text, "the scheme must be wss");

    Endpoint endpoint;
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos) {
        endpoint.prefix = rest.substr(slash);
        endpoint.prefix.erase(endpoint.prefix.find_last_not_of('/') + 1);
        rest = rest.substr(0, slash);
        if (!std::ranges::all_of(endpoint.prefix, [](char c) { return c == '/' || is_host_character(c); }))
            fail(text, "the path holds a character that is not allowed");
    }
    auto authority = Authority::read(rest, default_port);
    if (const auto* why = std::get_if<const char*>(&authority))
        fail(text, *why);
    auto& [host, port] = std::get<Authority>(authority);
    endpoint.host = std::move(host);
    endpoint.port = std::move(port);
    return endpoint;
}

std::string Endpoint::authority() const
{
    return authority_text(host, port);
}

} // namespace juju::transport
