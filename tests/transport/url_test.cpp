#include "transport/url.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace juju::transport {
namespace {

/// All of a URL in one text.
std::string whole(const Url& url)
{
    return url.authority() + ' ' + url.target;
}

TEST(Url, IsRead)
{
    const auto full = Url::parse("https://candid.example.com:8081/v1/discharge?id=a%20b&x=1#part");
    EXPECT_EQ(full.host, "candid.example.com");
    EXPECT_EQ(full.port, "8081");
    EXPECT_EQ(full.target, "/v1/discharge?id=a%20b&x=1");
    EXPECT_EQ(full.authority(), "candid.example.com:8081");

    EXPECT_EQ(whole(Url::parse("https://host")), "host:443 /");
    EXPECT_EQ(whole(Url::parse("https://host:/")), "host:443 /");
    EXPECT_EQ(whole(Url::parse("https://host?q")), "host:443 /?q");
    EXPECT_EQ(whole(Url::parse("https://host#part")), "host:443 /");
    EXPECT_EQ(whole(Url::parse("HTTPS://host/p")), "host:443 /p");

    const auto v6 = Url::parse("https://[fd00::1]:17070/auth");
    EXPECT_EQ(v6.host, "fd00::1");
    EXPECT_EQ(v6.port, "17070");
    EXPECT_EQ(v6.authority(), "[fd00::1]:17070");
    EXPECT_EQ(whole(Url::parse("https://[fd00::1]")), "[fd00::1]:443 /");
}

TEST(Url, RefusesWhatIsNone)
{
    struct Row {
        std::string_view url;
        const char* text;
    };
    for (const Row& row : {
             Row{"", R"(URL "" not valid: the scheme must be https)"},
             Row{"host/path", R"(URL "host/path" not valid: the scheme must be https)"},
             Row{"http://host/path?token=MARKER", R"(URL "http://host/path" not valid: the scheme must be https)"},
             Row{"https:/host", R"(URL "https:/host" not valid: the scheme must be https)"},
             Row{"httpsx://host", R"(URL "httpsx://host" not valid: the scheme must be https)"},
             Row{"http://MARKER:MARKER@host/path", R"(URL "http://...@host/path" not valid: the scheme must be https)"},
             Row{"MARKER:MARKER@host/path", R"(URL "...@host/path" not valid: the scheme must be https)"},
             Row{"https://MARKER:MARKER@host/path", R"(URL "https://...@host/path" not valid: it must not hold a user)"},
             Row{"https://MARKER@host#MARKER", R"(URL "https://...@host" not valid: it must not hold a user)"},
             Row{"https://", R"(URL "https://" not valid: it has no host)"},
             Row{"https:///path", R"(URL "https:///path" not valid: it has no host)"},
             Row{"https://:443/", R"(URL "https://:443/" not valid: it has no host)"},
             Row{"https://a b/", R"(URL "https://a b/" not valid: it has no host)"},
             Row{"https://a\r\nb/", R"(URL "https://a\x0d\x0ab/" not valid: it has no host)"},
             Row{"https://[fd00::1/", R"(URL "https://[fd00::1/" not valid: a bracket is not closed)"},
             Row{"https://[fd00::1]x/", R"(URL "https://[fd00::1]x/" not valid: something stands between the address and the port)"},
             Row{"https://[host]/", R"(URL "https://[host]/" not valid: what is in brackets is no IPv6 address)"},
             Row{"https://host%/", R"(URL "https://host%/" not valid: it has no host)"},
             Row{"https://host:0/", R"(URL "https://host:0/" not valid: the port is not a number from 1 to 65535)"},
             Row{"https://host:65536/", R"(URL "https://host:65536/" not valid: the port is not a number from 1 to 65535)"},
             Row{"https://fd00::1/", R"(URL "https://fd00::1/" not valid: an IPv6 address needs brackets)"},
             Row{"https://host/a b", R"(URL "https://host/a b" not valid: it holds a character that is not allowed)"},
             Row{"https://host/?a\r\nMARKER", R"(URL "https://host/" not valid: it holds a character that is not allowed)"},
             Row{"https://host/\xc3\xa4", "URL \"https://host/\xc3\xa4\" not valid: it holds a character that is not allowed"},
         }) {
        try {
            Url::parse(row.url);
            ADD_FAILURE() << row.url;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), errc::invalid_argument) << row.url;
            EXPECT_STREQ(error.what(), row.text);
        }
    }
}

TEST(Url, ResolvesReferences)
{
    struct Row {
        const char* reference;
        const char* result;
    };
    const auto base = Url::parse("https://host:8443/b/c/d?q");
    for (const Row& row : {
             Row{"https://other/x?y#z", "other:443 /x?y"},
             Row{"HTTPS://other/a/../b", "other:443 /b"},
             Row{"//other:1/x", "other:1 /x"},
             Row{"//other", "other:443 /"},
             Row{"/auth/form", "host:8443 /auth/form"},
             Row{"/a/./b/../c?d/../e", "host:8443 /a/c?d/../e"},
             Row{"form", "host:8443 /b/c/form"},
             Row{"form?x=/..", "host:8443 /b/c/form?x=/.."},
             Row{"./form", "host:8443 /b/c/form"},
             Row{"../form", "host:8443 /b/form"},
             Row{"../../form", "host:8443 /form"},
             Row{"../../../form", "host:8443 /form"},
             Row{"..", "host:8443 /b/"},
             Row{".", "host:8443 /b/c/"},
             Row{"form/", "host:8443 /b/c/form/"},
             Row{"a:b/c", nullptr},
             Row{"./a:b/c", "host:8443 /b/c/a:b/c"},
             Row{"..form/.x", "host:8443 /b/c/..form/.x"},
             Row{"?y", "host:8443 /b/c/d?y"},
             Row{"#part", "host:8443 /b/c/d?q"},
             Row{"", "host:8443 /b/c/d?q"},
             Row{"http://other/", nullptr},
             Row{"//user@other/", nullptr},
         }) {
        if (row.result != nullptr)
            EXPECT_EQ(whole(base.resolve(row.reference)), row.result) << row.reference;
        else
            EXPECT_THROW(base.resolve(row.reference), Error) << row.reference;
    }
    EXPECT_EQ(whole(Url::parse("https://host").resolve("form")), "host:443 /form");
    EXPECT_EQ(whole(Url::parse("https://[fd00::1]/auth/").resolve("form")), "[fd00::1]:443 /auth/form");
}

} // namespace
} // namespace juju::transport
