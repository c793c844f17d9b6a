#include "fuzz/fuzz.hpp"
#include "transport/proxy.hpp"
#include "transport/url.hpp"

#include <map>
#include <string>
#include <vector>

// Up to three lines: a URL, what else goes with it, and a host. As the URL of a proxy with those that do without it, and as one of HTTPS
// with a reference in an answer to it.

namespace {

using fuzz::require;
using juju::errc;
using juju::transport::Proxy;
using juju::transport::ProxyRule;
using juju::transport::Url;

std::string take_line(std::string_view& input)
{
    const auto end = std::min(input.find('\n'), input.size());
    std::string line(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    return line;
}

bool same(const Url& a, const Url& b)
{
    return a.host == b.host && a.port == b.port && a.target == b.target;
}

void check_url(const std::string& text, const std::string& reference)
{
    Url url;
    if (const auto error = fuzz::error_of([&] { url = Url::parse(text); })) {
        require(error->code() == errc::invalid_argument, "what is no URL is an invalid argument");
        return;
    }
    const auto printed = "https://" + url.authority() + url.target;
    require(same(Url::parse(printed), url), "what a URL prints is the same");
    require(url.target.starts_with('/') && url.target.find('#') == std::string::npos, "a target is a path without fragment");

    Url resolved;
    if (const auto error = fuzz::error_of([&] { resolved = url.resolve(reference); })) {
        require(error->code() == errc::invalid_argument, "what is no reference is an invalid argument");
        return;
    }
    const auto again = "https://" + resolved.authority() + resolved.target;
    require(same(url.resolve(again), resolved), "a reference that is resolved stays as it is");
    require(same(Url::parse(again), resolved), "what a resolved reference prints is the same");
}

void check_proxy(const std::string& text, const std::string& excluded, const std::string& host)
{
    Proxy proxy;
    const auto error = fuzz::error_of([&] { proxy = Proxy::parse(text); });
    if (error) {
        require(error->code() == errc::proxy_failed, "what is no proxy is proxy_failed");
        require(std::string_view(error->what()).find(fuzz::secret_word) == std::string_view::npos, "an error holds no credentials");
    } else {
        const auto again = Proxy::parse((proxy.is_tls ? "https://" : "http://") + proxy.authority());
        require(again.host == proxy.host && again.port == proxy.port && again.is_tls == proxy.is_tls, "what a proxy prints is the same");
        require(again.user.empty() && again.password.empty(), "a proxy prints no credentials");
    }
    const std::map<std::string, std::string> variables{{"https_proxy", text}, {"no_proxy", excluded}};
    const auto variable = [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
    ProxyRule rule;
    const auto unusable = fuzz::error_of([&] { rule = ProxyRule::from_environment(variable); });
    require(text.empty() ? !unusable : unusable.has_value() == error.has_value(), "the environment has the same rule for URLs");
    if (unusable)
        return;
    const auto chosen = rule.proxy_for(host);
    require(!chosen || (chosen->host == proxy.host && chosen->port == proxy.port), "the proxy chosen is the one given");
    require(!rule.proxy_for("localhost") && !rule.proxy_for("127.0.0.1") && !rule.proxy_for("::1"), "this machine needs no proxy");
}

} // namespace

void fuzz::run(std::string_view input)
{
    const auto first = take_line(input);
    const auto second = take_line(input);
    const auto third = take_line(input);
    check_url(first, second);
    check_proxy(first, second, third);
}
