#include "transport/proxy.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

using juju::errc;
using juju::transport::Proxy;
using juju::transport::ProxyRule;

namespace {

ProxyRule rule(std::map<std::string, std::string> variables)
{
    return ProxyRule::from_environment([=](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    });
}

/// The proxy's address, empty without one.
std::string proxy_of(const ProxyRule& proxies, const std::string& host)
{
    const auto proxy = proxies.proxy_for(host);
    return proxy ? proxy->authority() : std::string();
}

} // namespace

TEST(Proxy, IsReadFromAUrl)
{
    const auto plain = Proxy::parse("http://proxy.example.com:3128");
    EXPECT_EQ(plain.host, "proxy.example.com");
    EXPECT_EQ(plain.port, "3128");
    EXPECT_TRUE(plain.user.empty());
    EXPECT_FALSE(plain.is_tls);
    EXPECT_EQ(plain.authority(), "proxy.example.com:3128");

    const auto full = Proxy::parse("http://us%65r:p%40ss:w@[fd00::1]:8080/path?query#part");
    EXPECT_EQ(full.host, "fd00::1");
    EXPECT_EQ(full.port, "8080");
    EXPECT_EQ(full.user.text(), "user");
    EXPECT_EQ(full.password.text(), "p@ss:w");
    EXPECT_EQ(full.authority(), "[fd00::1]:8080");

    EXPECT_EQ(Proxy::parse("http://proxy").port, "80");
    EXPECT_EQ(Proxy::parse("proxy:3128").authority(), "proxy:3128") << "without a scheme";
    EXPECT_EQ(Proxy::parse("http-proxy:3128").authority(), "http-proxy:3128") << "without a scheme, though it looks like one";
    EXPECT_EQ(Proxy::parse("HTTP://proxy").authority(), "proxy:80");
    EXPECT_TRUE(Proxy::parse("http://user@proxy").user.empty()) << "no credentials without a password";
}

TEST(Proxy, MayHaveTlsOfItsOwn)
{
    const auto plain = Proxy::parse("https://proxy.example.com");
    EXPECT_TRUE(plain.is_tls);
    EXPECT_EQ(plain.authority(), "proxy.example.com:443");

    EXPECT_EQ(Proxy::parse("HTTPS://proxy").authority(), "proxy:443");

    const auto full = Proxy::parse("https://user:pass@[fd00::1]:8443/");
    EXPECT_TRUE(full.is_tls);
    EXPECT_EQ(full.authority(), "[fd00::1]:8443");
    EXPECT_EQ(full.user.text(), "user");
    EXPECT_EQ(full.password.text(), "pass");
}

TEST(Proxy, RefusesOtherUrlsWithoutQuotingThem)
{
    for (const char* url :
         {"socks5://proxy:1080", "httpx://proxy",       "https://",       "https://proxy:0",         "http://",
          "http://:80",          "http://proxy:",       "http://proxy:0", "http://proxy:65536",      "http://proxy:x",
          "http://[fd00::1",     "http://[fd00::1]x80", "http://fd00::1", "http://[[::1]",           "http://[x]",
          "http://a\"b",         "http://a\x7f",        "http://a b",     "http://u:secret%4@proxy", "http://u:secret%zz@proxy"}) {
        try {
            Proxy::parse(url);
            ADD_FAILURE() << url;
        } catch (const juju::Error& error) {
            EXPECT_EQ(error.code(), errc::proxy_failed) << url;
            EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
        }
    }
}

TEST(ProxyRule, TakesTheVariablesInJujusOrder)
{
    EXPECT_EQ(proxy_of(rule({}), "host"), "");
    EXPECT_EQ(proxy_of(rule({{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:2"}, {"http_proxy", "http://c:3"}}), "host"), "a:1");
    EXPECT_EQ(proxy_of(rule({{"HTTPS_PROXY", "http://b:2"}, {"http_proxy", "http://c:3"}}), "host"), "b:2");
    EXPECT_EQ(proxy_of(rule({{"http_proxy", "http://c:3"}, {"HTTP_PROXY", "http://d:4"}}), "host"), "c:3");
    EXPECT_EQ(proxy_of(rule({{"HTTP_PROXY", "http://d:4"}}), "host"), "d:4");
}

TEST(ProxyRule, LeavesOutLoopback)
{
    const auto proxies = rule({{"https_proxy", "http://a:1"}});
    for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "::1"})
        EXPECT_EQ(proxy_of(proxies, host), "") << host;
    EXPECT_EQ(proxy_of(proxies, "10.0.0.1"), "a:1");
}

TEST(ProxyRule, LeavesOutWhatNoProxyNames)
{
    struct Row {
        const char* list;
        const char* host;
        bool is_proxied;
    };
    for (const Row& row : {
             Row{"*", "anything", false},
             Row{"*,x", "anything", true},
             Row{"foo.com", "foo.com", false},
             Row{"foo.com", "bar.foo.com", false},
             Row{"foo.com", "barfoo.com", true},
             Row{".foo.com", "foo.com", false},
             Row{".foo.com", "a.b.foo.com", false},
             Row{".foo.com", "barfoo.com", true},
             Row{"FOO.com:17070", "Foo.Com", false},
             Row{" a , foo.com ,b", "foo.com", false},
             Row{"10.0.0.0/8", "10.1.2.3", false},
             Row{"10.0.0.0/8", "11.1.2.3", true},
             Row{"10.0.0.0/8", "10.example.com", true},
             Row{"10.1.2.3", "10.1.2.3", false},
             Row{"2.3", "10.1.2.3", true},
             Row{"fd00::/8", "fd12::1", false},
             Row{"fd00::/8", "fe80::1", true},
             Row{"fd00::/8", "10.1.2.3", true},
             Row{"[fd12::1]:17070", "fd12::1", false},
             Row{"10.0.0.0/99", "10.1.2.3", true},
             Row{",,", "foo.com", true},
         }) {
        const auto proxies = rule({{"https_proxy", "http://a:1"}, {"no_proxy", row.list}});
        EXPECT_EQ(proxy_of(proxies, row.host), row.is_proxied ? "a:1" : "") << row.list << " and " << row.host;
    }
    EXPECT_EQ(proxy_of(rule({{"https_proxy", "http://a:1"}, {"NO_PROXY", "foo.com"}}), "foo.com"), "");
}

TEST(ProxyRule, MayBeForEveryHost)
{
    EXPECT_EQ(proxy_of(ProxyRule::always("http://a:1"), "127.0.0.1"), "a:1");
    EXPECT_EQ(proxy_of(ProxyRule::always(""), "host"), "");
    EXPECT_EQ(proxy_of(ProxyRule(), "host"), "");
}
