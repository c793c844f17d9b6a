#include "transport/proxy.hpp"

#include "local_error.hpp"
#include "transport/authority.hpp"
#include "wiping_allocator.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <variant>

namespace juju::transport {
namespace {

namespace ip = boost::asio::ip;

[[noreturn]] void fail(const std::string& why)
{
    throw detail::local_error(errc::proxy_failed, "the proxy's URL is not valid: " + why + "; give http[s]://[USER:PASSWORD@]HOST[:PORT]");
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
SecretValue decoded(std::string_view text)
{
    std::vector<char, WipingAllocator<char>> result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            fail("the user or password has a percent sign that starts no code");
        result.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return SecretValue(std::string_view(result.data(), result.size()));
}

/// A variable of the environment, which may hold a password.
class Variable {
public:
    Variable(const std::function<std::string(const char*)>& variable, const char* name) : text_(variable(name)) {}
    ~Variable() { OPENSSL_cleanse(text_.data(), text_.size()); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

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
    return authority_text(host, port);
}

Proxy Proxy::parse(std::string_view url)
{
    Proxy proxy;
    constexpr std::string_view scheme_end = "://";
    std::string_view rest = url;
    if (const auto at = url.find(scheme_end); at != std::string_view::npos) {
        const auto scheme = url.substr(0, at);
        proxy.is_tls = is_scheme(scheme, "https");
        if (!proxy.is_tls && !is_scheme(scheme, "http"))
            fail("the scheme must be http or https");
        rest.remove_prefix(at + scheme_end.size());
    }
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto user_info = rest.substr(0, at);
        const auto colon = user_info.find(':');
        // Without a password there are no credentials, as in Juju's own client.
        if (colon != std::string_view::npos) {
            proxy.user = decoded(user_info.substr(0, colon));
            proxy.password = decoded(user_info.substr(colon + 1));
        }
        rest.remove_prefix(at + 1);
    }
    auto authority = Authority::read(rest, proxy.is_tls ? "443" : "80");
    if (const auto* why = std::get_if<const char*>(&authority))
        fail(*why);
    proxy.host = std::move(std::get<Authority>(authority).host);
    proxy.port = std::move(std::get<Authority>(authority).port);
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
    ProxyRule rule;
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"}) {
        const Variable url(variable, name);
        if (url.text().empty())
            continue;
        rule.proxy_ = Proxy::parse(url.text());
        break;
    }
    if (!rule.proxy_)
        return rule;
    auto list = variable("no_proxy");
    if (list.empty())
        list = variable("NO_PROXY");
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
