#include "transport/authority.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace juju::transport {
namespace {

bool is_port(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value > 0 && value <= 65535;
}

} // namespace

std::variant<Authority, const char*> Authority::read(std::string_view text, std::string_view default_port)
{
    const bool has_brackets = text.starts_with('[');
    const auto close = text.find(']');
    if (has_brackets && close == std::string_view::npos)
        return "a bracket is not closed";
    const auto host = has_brackets ? text.substr(1, close - 1) : text.substr(0, text.find(':'));
    const auto rest = text.substr(has_brackets ? close + 1 : host.size());
    if (!rest.empty() && rest.front() != ':')
        return "something stands between the address and the port";
    if (rest.rfind(':') != rest.find(':'))
        return "an IPv6 address needs brackets";
    const auto may_stand = [&](char c) { return is_host_character(c) || (has_brackets && c == '%'); }; // an address may have a zone
    if (host.empty() || !std::ranges::all_of(host, may_stand))
        return "it has no host";
    if (has_brackets && host.find(':') == std::string_view::npos)
        return "what is in brackets is no IPv6 address";
    const auto port = rest.empty() ? default_port : rest.substr(1);
    if (!is_port(port))
        return "the port is not a number from 1 to 65535";
    return Authority{std::string(host), std::string(port)};
}

bool is_scheme(std::string_view text, std::string_view scheme) noexcept
{
    return std::ranges::equal(text, scheme, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

bool is_host_character(char c) noexcept
{
    return c > ' ' && c < 0x7f && std::string_view("/?#@[]\\\"<>^`{|}%").find(c) == std::string_view::npos;
}

std::string authority_text(const std::string& host, const std::string& port)
{
    return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + port;
}

} // namespace juju::transport
