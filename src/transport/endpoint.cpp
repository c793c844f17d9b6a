#include "transport/endpoint.hpp"

#include "local_error.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <charconv>

namespace juju::transport {
namespace {

/// Juju's default for the controller configuration `api-port`.
constexpr std::string_view default_port = "17070";

[[noreturn]] void fail(std::string_view text, const char* why)
{
    throw detail::local_error(errc::invalid_argument, "endpoint \"" + wire::printable(text) + "\" not valid: " + why +
                                                          "; give HOST:PORT, for example 10.0.0.1:17070");
}

bool is_host_character(char c)
{
    return c > ' ' && c < 0x7f && std::string_view("/?#@[]\\\"<>^`{|}").find(c) == std::string_view::npos;
}

bool is_port(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value > 0 && value <= 65535;
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
        if (!std::ranges::all_of(endpoint.prefix, [](char c) { return c == '/' || (is_host_character(c) && c != '%'); }))
            fail(text, "the path holds a character that is not allowed");
    }
    std::string_view port = default_port;
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string_view::npos)
            fail(text, "a bracket is not closed");
        endpoint.host = rest.substr(1, close - 1);
        rest = rest.substr(close + 1);
        if (!rest.empty() && rest.front() != ':')
            fail(text, "something stands between the address and the port");
        if (!rest.empty())
            port = rest.substr(1);
    } else {
        const auto colon = rest.find(':');
        endpoint.host = rest.substr(0, colon);
        if (colon != std::string_view::npos)
            port = rest.substr(colon + 1);
        if (port.find(':') != std::string_view::npos)
            fail(text, "an IPv6 address needs brackets");
    }
    if (endpoint.host.empty() || !std::ranges::all_of(endpoint.host, is_host_character))
        fail(text, "it has no host");
    if (!is_port(port))
        fail(text, "the port is not a number from 1 to 65535");
    endpoint.port = port;
    return endpoint;
}

std::string Endpoint::authority() const
{
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + port;
}

} // namespace juju::transport
