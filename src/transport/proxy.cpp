#include "transport/proxy.hpp"

#include "local_error.hpp"
#include "wire/printable.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace juju::transport {
namespace {

namespace ip = boost::asio::ip;

[[noreturn]] void fail(const std::string& why)
{
    throw detail::local_error(errc::proxy_failed, "the proxy's URL is not valid: " + why + "; give http://[USER:PASSWORD@]HOST[:PORT]");
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const auto start = text.find_first_not_of(" \t");
    return start == std::string_view::npos ? std::string_view() : text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// What stands for other characters with a percent sign.
std::string decoded(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            fail("the user or password has a percent sign that starts no code");
        result += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return result;
}

/// The port behind a host in an entry of `no_proxy`, which does not count.
std::string_view without_port(std::string_view entry)
{
    if (entry.starts_with('['))
        return entry.substr(1, entry.find(']') - 1);
    const auto colon = entry.find(':');
    return colon == entry.rfind(':') ? entry.substr(0, colon) : entry;
}

bool in_network(const std::string& network, const ip::address& address)
{
    boost::system::error_code error;
    if (address.is_v4()) {
        const auto range = ip::make_network_v4(network, error);
        return !error && (address.to_v4().to_uint() & range.netmask().to_uint()) == range.network().to_uint();
    }
    const auto range = ip::make_network_v6(network, error);
    return !error && ip::make_network_v6(address.to_v6(), range.prefix_length()).network() == range.network();
}

bool excludes(const std::string& entry, const std::string& host)
{
    boost::system::error_code no_address;
    const auto address = ip::make_address(host, no_address);
    if (!no_address && entry.find('/') != std::string::npos)
        return in_network(entry, address);
    if (entry.starts_with('.'))
        return host == entry.substr(1) || host.ends_with(entry);
    return host == entry || (no_address && host.ends_with('.' + entry));
}

} // namespace

std::string Proxy::authority() const
{
    return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + port;
}

Proxy Proxy::parse(std::string_view url)
{
    Proxy proxy;
    std::string_view rest = url;
    std::string text;
    if (!rest.starts_with("http")) {
        text = "http://" + std::string(rest);
        rest = text;
    }
    if (!rest.starts_with("http://"))
        fail("the scheme must be http (TLS to the proxy itself is not supported)");
    rest.remove_prefix(rest.find("//") + 2);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto user_info = rest.substr(0, at);
        const auto colon = user_info.find(':');
        // Without a password there are no credentials, as in Juju's own client.
        if (colon != std::string_view::npos) {
            proxy.user = decoded(user_info.substr(0, colon));
            proxy.password = SecretValue(decoded(user_info.substr(colon + 1)));
        }
        rest.remove_prefix(at + 1);
    }
    const bool is_v6 = rest.starts_with('[');
    const auto host_end = is_v6 ? rest.find(']') : rest.find(':');
    if (is_v6 && host_end == std::string_view::npos)
        fail("a bracket is missing");
    proxy.host = std::string(is_v6 ? rest.substr(1, host_end - 1) : rest.substr(0, host_end));
    const auto colon = is_v6 ? host_end + 1 : host_end;
    proxy.port = "80";
    if (colon < rest.size())
        proxy.port = std::string(rest.substr(colon + 1));
    if (proxy.host.empty() || proxy.host.find_first_of(" \t\r\n") != std::string::npos)
        fail("there is no host");
    unsigned number = 0;
    const auto [end, error] = std::from_chars(proxy.port.data(), proxy.port.data() + proxy.port.size(), number);
    if (error != std::errc() || end != proxy.port.data() + proxy.port.size() || number == 0 || number > 65535)
        fail("the port is not a number from 1 to 65535");
    return proxy;
}

ProxyRule ProxyRule::always(std::string_view url)
{
    ProxyRule rule;
    rule.always_ = true;
    if (!url.empty())
        rule.proxy_ = Proxy::parse(url);
    return rule;
}

ProxyRule ProxyRule::from_environment(const std::function<std::string(const char*)>& variable)
{
    const auto either = [&](const char* name, const char* capitals) {
        auto value = variable(name);
        return value.empty() ? variable(capitals) : value;
    };
    ProxyRule rule;
    auto url = either("https_proxy", "HTTPS_PROXY");
    if (url.empty())
        url = either("http_proxy", "HTTP_PROXY");
    if (url.empty())
        return rule;
    rule.proxy_ = Proxy::parse(url);
    const auto list = either("no_proxy", "NO_PROXY");
    for (std::string_view rest = list; !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        if (const auto entry = trimmed(rest.substr(0, end)); !entry.empty())
            rule.excluded_.push_back(lower(without_port(entry)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return rule;
}

std::optional<Proxy> ProxyRule::proxy_for(std::string_view host) const
{
    if (!proxy_ || always_)
        return proxy_;
    const auto name = lower(host);
    boost::system::error_code no_address;
    const auto address = ip::make_address(name, no_address);
    if (name == "localhost" || (!no_address && address.is_loopback()))
        return std::nullopt;
    const bool all_excluded = excluded_.size() == 1 && excluded_.front() == "*";
    if (all_excluded || std::ranges::any_of(excluded_, [&](const auto& entry) { return excludes(entry, name); }))
        return std::nullopt;
    return proxy_;
}

} // namespace juju::transport
