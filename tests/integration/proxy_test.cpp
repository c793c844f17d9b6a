// Through a real HTTP proxy, which the test starts.

#include "support/client.hpp"
#include "support/store_directory.hpp"
#include "support/tiny_proxy.hpp"

#include <string>
#include <string_view>

namespace juju {
namespace {

using support::TinyProxy;
using test::Client;

bool mentions(const Error& error, std::string_view text)
{
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

class ProxyTest : public testing::TestWithParam<MockProfile>, public Client {
protected:
    ProxyTest() : Client(MockOptions().profile(GetParam())) {}

    ConnectOptions by(const std::string& url) const { return mock.connect_options().proxy(url); }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ProxyTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ProxyTest, ConnectsThroughIt)
{
    const TinyProxy proxy;

    run(model.connect(by("http://" + proxy.address())));

    EXPECT_TRUE(run(model.list_secrets()).empty());
    EXPECT_NE(proxy.log().find("CONNECT " + mock.endpoint()), std::string::npos) << proxy.log();
}

TEST_P(ProxyTest, GivesUserAndPassword)
{
    const TinyProxy proxy("BasicAuth user pass-MARKER\n");
    std::string log;
    set_log_sink([&](LogLevel, std::string_view line) { (log += line) += '\n'; }, LogLevel::debug);

    run(model.connect(by("http://user:pass-MARKER@" + proxy.address())));
    EXPECT_TRUE(run(model.list_secrets()).empty());

    const Error wrong = error_of(model.connect(by("http://user:wrong-MARKER@" + proxy.address())));
    set_log_sink({});
    EXPECT_EQ(wrong.code(), errc::proxy_failed) << wrong.what();
    EXPECT_EQ(log.find("MARKER"), std::string::npos) << log;
    EXPECT_FALSE(mentions(wrong, "MARKER"));
    const Error none = error_of(model.connect(by("http://" + proxy.address())));
    EXPECT_EQ(none.code(), errc::proxy_failed) << none.what();
    EXPECT_TRUE(mentions(none, "HTTP 407")) << none.what();
    EXPECT_TRUE(mentions(none, "the proxy wants a user and a password")) << none.what();
    EXPECT_EQ(none.outcome(), Outcome::not_sent);
}

TEST_P(ProxyTest, TellsWhatTheProxyCannotReach)
{
    const TinyProxy proxy;
    auto options = by("http://" + proxy.address());
    options.endpoint("no-such-host.invalid:17070");
    run(model.connect(options));
    EXPECT_TRUE(model.is_connected()) << "the other address does";

    auto nowhere = ConnectOptions()
                       .endpoint("no-such-host.invalid:17070")
                       .model_uuid(mock.model_uuid())
                       .username("admin")
                       .password("x")
                       .proxy("http://" + proxy.address());
    const Error error = error_of(model.connect(nowhere));
    EXPECT_EQ(error.code(), errc::proxy_failed) << error.what();
    EXPECT_TRUE(mentions(error, "CONNECT to no-such-host.invalid:17070 by proxy " + proxy.address() + " failed: HTTP 5")) << error.what();
}

TEST_P(ProxyTest, TellsWhenItIsNotThere)
{
    const Error error = error_of(model.connect(by("http://127.0.0.1:1")));
    EXPECT_TRUE(mentions(error, "TCP connection to proxy 127.0.0.1:1 failed: Connection refused")) << error.what();

    for (const std::string url : {"socks5://127.0.0.1:1080", "https://", "http://", "http://host:0", "http://user:MARKER%zz@host"}) {
        const Error invalid = error_of(model.connect(by(url)));
        EXPECT_EQ(invalid.code(), errc::proxy_failed) << url << ": " << invalid.what();
        EXPECT_FALSE(mentions(invalid, "MARKER")) << invalid.what();
    }
}

TEST_P(ProxyTest, OfTheEnvironmentIsNotForLoopback)
{
    support::ScopedEnvironment environment;
    environment.set("https_proxy", "http://127.0.0.1:1");
    environment.unset("no_proxy");
    environment.unset("NO_PROXY");

    connect();
    EXPECT_TRUE(model.is_connected());

    auto named = ConnectOptions().endpoint("controller.example.com").model_uuid(mock.model_uuid()).username("admin").password("x");
    const Error error = error_of(model.connect(named));
    EXPECT_TRUE(mentions(error, "TCP connection to proxy 127.0.0.1:1 failed")) << error.what();
    environment.set("no_proxy", "example.com");
    const Error direct = error_of(model.connect(named));
    EXPECT_FALSE(mentions(direct, "proxy")) << direct.what();
}

} // namespace
} // namespace juju
