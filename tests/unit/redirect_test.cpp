#include "wire/redirect.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <string>

using juju::errc;
namespace wire = juju::wire;

namespace {

/// client-store 4.2.
constexpr const char* sample =
    R"({"servers":[[{"value":"10.30.0.7","type":"ipv4","scope":"local-cloud","port":17070},{"value":"ctl.example.com","type":"hostname",)"
    R"("scope":"","port":443}]],"ca-cert":"-----BEGIN CERTIFICATE-----\nMIIEEj\n-----END CERTIFICATE-----\n",)"
    R"("controller-tag":"controller-77aa1c1e-2b3d-4e5f-8091-a2b3c4d5e6f7","controller-alias":"target"})";

void expect_sample(const wire::Redirect& redirect)
{
    ASSERT_EQ(redirect.servers.size(), 1U);
    ASSERT_EQ(redirect.servers[0].size(), 2U);
    EXPECT_EQ(redirect.servers[0][0].value, "10.30.0.7");
    EXPECT_EQ(redirect.servers[0][0].type, "ipv4");
    EXPECT_EQ(redirect.servers[0][0].scope, "local-cloud");
    EXPECT_EQ(redirect.servers[0][0].port, 17070);
    EXPECT_EQ(redirect.servers[0][1].value, "ctl.example.com");
    EXPECT_EQ(redirect.servers[0][1].scope, "");
    EXPECT_EQ(redirect.servers[0][1].port, 443);
    EXPECT_EQ(redirect.ca_cert, "-----BEGIN CERTIFICATE-----\nMIIEEj\n-----END CERTIFICATE-----\n");
}

} // namespace

TEST(Redirect, IsReadFromTheErrorInfo)
{
    expect_sample(wire::read_redirect(sample));
}

TEST(Redirect, IsAskedForWhereTheErrorSaysNothing)
{
    EXPECT_EQ(wire::redirect_info_request().encode(2),
              R"({"request-id":2,"type":"Admin","version":3,"request":"RedirectInfo","params":{}})");

    wire::Reply reply{juju::WipingString(R"({"request-id":2,"response":)" + std::string(sample) + "}")};
    expect_sample(wire::decode_redirect_info(reply));
}

TEST(Redirect, MayBeRefused)
{
    wire::Reply reply{juju::WipingString(R"({"request-id":2,"error":"not redirected","response":{}})")};
    try {
        wire::decode_redirect_info(reply);
        FAIL();
    } catch (const juju::Error& error) {
        EXPECT_EQ(error.server_message(), "not redirected");
        EXPECT_EQ(error.request(), "Admin.RedirectInfo");
    }
}

TEST(Redirect, MayLackServersAndCertificate)
{
    for (const char* text : {"", "{}", R"({"servers":null,"ca-cert":null})", R"({"servers":[],"ca-cert":""})"}) {
        const auto redirect = wire::read_redirect(text);
        EXPECT_TRUE(redirect.servers.empty()) << text;
        EXPECT_TRUE(redirect.ca_cert.empty()) << text;
    }
}

TEST(Redirect, HasALimit)
{
    const std::size_t limit = std::size_t{256} * 1024;
    EXPECT_TRUE(wire::read_redirect("{}" + std::string(limit - 2, ' ')).servers.empty());
    try {
        wire::read_redirect("{}" + std::string(limit - 1, ' '));
        FAIL();
    } catch (const juju::Error& error) {
        EXPECT_EQ(error.code(), errc::malformed_reply);
        EXPECT_STREQ(error.what(), "malformed reply from the controller: the redirection is not usable: it is too large");
    }
}

TEST(Redirect, RefusesAnythingElse)
{
    for (const char* text : {
             "[]",
             "7",
             "{",
             R"({"servers":{}})",
             R"({"servers":[{}]})",
             R"({"servers":[[7]]})",
             R"({"servers":[[{"value":"a"}]]})",
             R"({"servers":[[{"value":"a","port":-1}]]})",
             R"({"servers":[[{"value":"a","port":65536}]]})",
             R"({"servers":[[{"value":"a","port":"17070"}]]})",
             R"({"servers":[[{"value":7,"port":1}]]})",
             R"({"ca-cert":7})",
         }) {
        try {
            wire::read_redirect(text);
            ADD_FAILURE() << text;
        } catch (const juju::Error& error) {
            EXPECT_EQ(error.code(), errc::malformed_reply) << text;
            EXPECT_EQ(std::string(error.what()).find("17070"), std::string::npos) << error.what();
        }
    }
}
