#include "transport/endpoint.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

using juju::transport::Endpoint;

namespace {

struct Good {
    const char* text;
    const char* host;
    const char* port;
    const char* prefix;
    const char* authority;
};

void PrintTo(const Good& good, std::ostream* out)
{
    *out << good.text;
}

std::optional<juju::Error> error_of(const std::string& text)
{
    try {
        Endpoint::parse(text);
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

class GoodEndpoint : public testing::TestWithParam<Good> {};
class BadEndpoint : public testing::TestWithParam<const char*> {};

} // namespace

TEST_P(GoodEndpoint, IsParsed)
{
    const auto& expected = GetParam();

    const auto endpoint = Endpoint::parse(expected.text);

    EXPECT_EQ(endpoint.host, expected.host);
    EXPECT_EQ(endpoint.port, expected.port);
    EXPECT_EQ(endpoint.prefix, expected.prefix);
    EXPECT_EQ(endpoint.authority(), expected.authority);
}

INSTANTIATE_TEST_SUITE_P(
    Endpoint, GoodEndpoint,
    testing::Values(Good{"10.0.0.1", "10.0.0.1", "17070", "", "10.0.0.1:17070"},
                    Good{"10.0.0.1:443", "10.0.0.1", "443", "", "10.0.0.1:443"},
                    Good{"controller.example.com", "controller.example.com", "17070", "", "controller.example.com:17070"},
                    Good{"juju_host:1", "juju_host", "1", "", "juju_host:1"}, Good{"h:65535", "h", "65535", "", "h:65535"},
                    Good{"[::1]", "::1", "17070", "", "[::1]:17070"},
                    Good{"[2001:db8::7]:443", "2001:db8::7", "443", "", "[2001:db8::7]:443"},
                    Good{"[fe80::1%eth0]:17070", "fe80::1%eth0", "17070", "", "[fe80::1%eth0]:17070"},
                    Good{"wss://10.0.0.1:17070", "10.0.0.1", "17070", "", "10.0.0.1:17070"}, Good{"wss://h", "h", "17070", "", "h:17070"},
                    Good{"wss://h/", "h", "17070", "", "h:17070"}, Good{"wss://[::1]:5/juju", "::1", "5", "/juju", "[::1]:5"},
                    Good{"h:443/juju", "h", "443", "/juju", "h:443"}, Good{"h/juju/api/", "h", "17070", "/juju/api", "h:17070"},
                    Good{"h:443//", "h", "443", "", "h:443"}, Good{"h/a:b", "h", "17070", "/a:b", "h:17070"}));

TEST_P(BadEndpoint, IsRefused)
{
    const auto error = error_of(GetParam());

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == juju::errc::invalid_argument);
    EXPECT_EQ(error->outcome(), juju::Outcome::not_sent);
    EXPECT_NE(std::string(error->what()).find("give HOST:PORT"), std::string::npos) << error->what();
}

INSTANTIATE_TEST_SUITE_P(Endpoint, BadEndpoint,
                         testing::Values("", ":17070", "wss://", "wss:///path", "https://h", "ws://h", "http://h:17070", "wss://wss://h",
                                         "WSS://h", "h:", "h:0", "h:65536", "h:99999999999999999999", "h:-1", "h:+1", "h: 1", "h:1x",
                                         "h:0x10", "h:80:90", "::1", "2001:db8::7", "[::1", "[::1]17070", "[::1]:", "[::1]:0", "[]:17070",
                                         "[]", "]", "[h]", "[h%1]:1", "h%1", "user@h", "user:password@h:17070", "a b", "h\n",
                                         "h\r\nHost: evil", "h?x=1", "h#f", "h/p?x=1", "h/p#f", "h/a b", "h/%2e%2e", "h/p\r\nX: y", "h\\p",
                                         "\x7f", "h\xc3\xa9"));

TEST(Endpoint, RefusesAZeroByte)
{
    EXPECT_TRUE(error_of(std::string("h\0x", 3)).has_value());
}

TEST(Endpoint, QuotesForeignTextInOneLine)
{
    const auto error = error_of("evil\r\nhost");

    ASSERT_TRUE(error.has_value());
    EXPECT_NE(std::string(error->what()).find("evil\\x0d\\x0ahost"), std::string::npos) << error->what();
}

TEST(Endpoint, QuotesNoMoreThanTheStartOfALongText)
{
    const auto error = error_of("bad host " + std::string(100'000, 'a'));

    ASSERT_TRUE(error.has_value());
    EXPECT_LT(std::string(error->what()).size(), 2'000U);
}
