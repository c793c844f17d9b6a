// One HTTPS request at a time, proxies, and TLS below a WebSocket.

#include "lookup.hpp"
#include "transport_fixture.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/error.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

using HttpsExchange = TransportTest;

TEST_F(HttpsExchange, SendsAGet)
{
    const Server server(context, authority.issue(controller_names), answering(hello));

    const auto reply = exchange(get(server), trusting());

    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, "application/json");
    EXPECT_EQ(text_of(reply.body), "hello");
    EXPECT_EQ(requests, std::vector<std::string>({"GET /auth/x?y=1 HTTP/1.1\r\n"
                                                  "Host: " +
                                                  server.address() +
                                                  "\r\n"
                                                  "User-Agent: cpp-libjuju\r\n"
                                                  "Connection: close\r\n"
                                                  "\r\n"}));
    expect_all_closed(server);
    EXPECT_EQ(server.connections, 1);
}

TEST_F(HttpsExchange, SendsAPost)
{
    const Server server(context, authority.issue(controller_names),
                        answering("HTTP/1.1 401 Unauthorized\r\ncontent-type: text/plain; charset=utf-8\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    auto request = get(server);
    request.method = "POST";
    request.content_type = "application/json";
    request.body = R"({"form":{"user":"bob"}})";
    request.headers.emplace_back("Bakery-Protocol-Version", "3");
    request.headers.emplace_back("Cookie", "a=b");

    const auto reply = exchange(request, trusting());

    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(text_of(reply.body), "abcde");
    EXPECT_EQ(requests, std::vector<std::string>({"POST /auth/x?y=1 HTTP/1.1\r\n"
                                                  "Host: " +
                                                  server.address() +
                                                  "\r\n"
                                                  "User-Agent: cpp-libjuju\r\n"
                                                  "Connection: close\r\n"
                                                  "Bakery-Protocol-Version: 3\r\n"
                                                  "Cookie: a=b\r\n"
                                                  "Content-Type: application/json\r\n"
                                                  "Content-Length: 23\r\n"
                                                  "\r\n"
                                                  R"({"form":{"user":"bob"}})"}));
}

TEST_F(HttpsExchange, SaysThatAPostIsEmpty)
{
    const Server server(context, authority.issue(controller_names), answering("HTTP/1.1 204 No Content\r\n\r\n"));
    auto request = get(server);
    request.method = "POST";

    const auto reply = exchange(request, trusting());

    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.content_type, "");
    EXPECT_EQ(text_of(reply.body), "");
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_NE(requests[0].find("\r\nContent-Length: 0\r\n\r\n"), std::string::npos) << requests[0];
}

TEST_F(HttpsExchange, DoesNotFollowRedirects)
{
    const Server server(context, authority.issue(controller_names),
                        answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"));

    EXPECT_EQ(exchange(get(server), trusting()).status, 302);
    expect_all_closed(server);
    EXPECT_EQ(server.connections, 1);
}

TEST_F(HttpsExchange, TakesABodyThatEndsWithTheConnection)
{
    const std::string text = "HTTP/1.1 200 OK\r\n\r\nhello";
    const Server whole(context, authority.issue(controller_names), answering(text));
    EXPECT_EQ(text_of(exchange(get(whole), trusting()).body), "hello");

    const Server cut(context, authority.issue(controller_names), answering(text, false));
    EXPECT_EQ(error_of(get(cut), trusting()).code(), errc::connection_lost) << "anybody on the way could have ended it";
}

TEST_F(HttpsExchange, RefusesWhatWouldBeAnotherRequest)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    std::vector<std::pair<HttpsRequest, const char*>> cases;
    const auto add = [&](const char* text) -> HttpsRequest& { return cases.emplace_back(get(server), text).first; };
    add("HTTPS request: the method is not a name").method = "GET /MARKER";
    add("HTTPS request: the method is not a name").method = "";
    add("HTTPS request: the URL's path or query holds a character that is not allowed").url.target = "/a MARKER";
    add("HTTPS request: the URL's path or query holds a character that is not allowed").url.target = "/a\nMARKER";
    add("HTTPS request: the URL's path or query holds a character that is not allowed").url.target = "MARKER";
    add("HTTPS request: the content type is not a single line").content_type = "a\r\nMARKER";
    add("HTTPS request: a header is not a name with a single line").headers.emplace_back("X", "a\r\nMARKER");
    add("HTTPS request: a header is not a name with a single line").headers.emplace_back("X", std::string("a\0b", 3));
    add("HTTPS request: a header is not a name with a single line").headers.emplace_back("X: MARKER", "a");

    for (const auto& [request, text] : cases) {
        const Error error = error_of(request, trusting());
        EXPECT_EQ(error.code(), errc::invalid_argument);
        EXPECT_STREQ(error.what(), text);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
    }
    EXPECT_EQ(server.connections, 0);
}

TEST_F(HttpsExchange, BelievesTheCaAlone)
{
    const Server server(context, Authority().issue(controller_names), answering(hello));

    const Error error = error_of(get(server), trusting());

    EXPECT_EQ(error.code(), errc::certificate_rejected);
    EXPECT_EQ(std::string(error.what()), "TLS handshake with " + server.address() +
                                             " failed: the certificate is not accepted: unable to get local issuer certificate; "
                                             "check that ca_cert is this controller's CA");
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    expect_all_closed(server);
    EXPECT_TRUE(requests.empty());
}

TEST_F(HttpsExchange, WantsTheNameOfControllers)
{
    const Server server(context, authority.issue("DNS:localhost,IP:127.0.0.1"), answering(hello));

    const Error error = error_of(get(server), trusting());

    EXPECT_EQ(error.code(), errc::certificate_rejected);
    EXPECT_NE(std::string_view(error.what()).find("hostname mismatch"), std::string_view::npos) << error.what();
    EXPECT_TRUE(requests.empty());
}

TEST_F(HttpsExchange, AsksTheSystemAboutOtherHosts)
{
    trust_as_system(authority);
    const Server server(context, authority.issue("DNS:loopback.test"), answering(hello));
    auto request = get(server);

    const Error wrong = error_of(request, HttpsOptions());
    EXPECT_EQ(wrong.code(), errc::certificate_rejected);
    EXPECT_NE(std::string_view(wrong.what()).find("IP address mismatch"), std::string_view::npos) << wrong.what();

    request.url.host = test::loopback_name;
    EXPECT_EQ(exchange(request, HttpsOptions()).status, 200);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_NE(requests[0].find("\r\nHost: loopback.test:" + server.port() + "\r\n"), std::string::npos) << requests[0];
}

TEST_F(HttpsExchange, TriesThePublicNameToo)
{
    const Authority other;
    trust_as_system(authority);
    const Server server(context, authority.issue("DNS:controller.example.com"), answering(hello));
    HttpsOptions options;
    options.tls.ca_cert = other.pem();
    options.tls.public_dns_name = "controller.example.com";

    EXPECT_EQ(exchange(get(server), options).status, 200);
    EXPECT_EQ(server.connections, 2);

    options.tls.public_dns_name = "other.example.com";
    const Error error = error_of(get(server), options);
    EXPECT_EQ(error.code(), errc::certificate_rejected);
    EXPECT_NE(std::string_view(error.what()).find("check that ca_cert is this controller's CA"), std::string_view::npos) << error.what();
}

TEST_F(HttpsExchange, TellsAReplyThatIsCutOff)
{
    const std::string_view whole = hello;
    const auto identity = authority.issue(controller_names);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        for (const bool with_goodbye : {false, true}) {
            const Server server(context, identity, answering(std::string(whole.substr(0, size)), with_goodbye));
            const Error error = error_of(get(server), trusting());
            EXPECT_EQ(error.code(), errc::connection_lost) << size << ": " << error.what();
            EXPECT_TRUE(std::string_view(error.what()).starts_with("the reply of " + server.address() + " was cut off: ")) << error.what();
            EXPECT_EQ(error.outcome(), Outcome::unknown);
            EXPECT_FALSE(error.connection_usable());
            expect_all_closed(server);
        }
    }
}

TEST_F(HttpsExchange, LimitsTheHeader)
{
    const std::string status = "HTTP/1.1 200 OK\r\n"; // does not count
    const std::string start = "X: ";
    const std::string end = "\r\nContent-Length: 0\r\n\r\n";
    const auto identity = authority.issue(controller_names);
    const Server fits(context, identity, answering(status + start + std::string(8192 - start.size() - end.size(), 'x') + end));
    EXPECT_EQ(exchange(get(fits), trusting()).status, 200);

    const Server exceeds(context, identity, answering(status + start + std::string(8193 - start.size() - end.size(), 'x') + end));
    const Error error = error_of(get(exceeds), trusting());
    EXPECT_EQ(error.code(), errc::message_too_large) << error.what();
    EXPECT_EQ(std::string(error.what()), "the reply of " + exceeds.address() + " has a header of more than 8192 bytes");
}

TEST_F(HttpsExchange, LimitsWhatIsNeitherHeaderNorBody)
{
    const auto identity = authority.issue(controller_names);
    const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    const std::string end = "\r\na\r\n0\r\n\r\n";
    const Server fits(context, identity, answering(start + std::string(30'000, 'x') + end));
    EXPECT_EQ(text_of(exchange(get(fits), trusting()).body), "a");

    const Server exceeds(context, identity, answering(start + std::string(70'000, 'x') + end));
    const Error error = error_of(get(exceeds), trusting());
    EXPECT_EQ(error.code(), errc::message_too_large) << error.what();
    EXPECT_EQ(std::string(error.what()), "the reply of " + exceeds.address() + " has a line of more than 65536 bytes");
}

TEST_F(HttpsExchange, LimitsTheBody)
{
    const auto identity = authority.issue(controller_names);
    auto options = trusting();
    options.max_body = 5;
    const std::vector<std::pair<std::string, std::string>> ways = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n"},
        {"HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\n\r\nhello!"},
    };
    for (const auto& [fitting, exceeding] : ways) {
        const Server fits(context, identity, answering(fitting));
        EXPECT_EQ(text_of(exchange(get(fits), options).body), "hello");

        const Server exceeds(context, identity, answering(exceeding));
        const Error error = error_of(get(exceeds), options);
        EXPECT_EQ(error.code(), errc::message_too_large) << exceeding << error.what();
        EXPECT_EQ(std::string(error.what()), "the reply of " + exceeds.address() + " has a body of more than 5 bytes");
        EXPECT_EQ(error.outcome(), Outcome::unknown);
        expect_all_closed(exceeds);
    }
}

TEST_F(HttpsExchange, TellsWhatIsNotHttp)
{
    const auto identity = authority.issue(controller_names);
    for (const char* answer :
         {"SSH-2.0-MARKER\r\n", "{\"MARKER\":1}\r\n\r\n", "HTTP/1.1 MARKER\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: MARKER\r\n\r\n",
          "HTTP/1.1 200 OK\r\nMARKER\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nMARKER\r\n"}) {
        const Server server(context, identity, answering(answer));
        const Error error = error_of(get(server), trusting());
        EXPECT_EQ(error.code(), errc::malformed_reply) << answer << error.what();
        EXPECT_TRUE(std::string_view(error.what()).starts_with("the reply of " + server.address() + " is not HTTP: ")) << error.what();
        EXPECT_EQ(std::string_view(error.what()).find("MARKER"), std::string_view::npos) << error.what();
        EXPECT_EQ(error.outcome(), Outcome::unknown);
    }
}

TEST_F(HttpsExchange, TellsWhatIsNotTls)
{
    const Server server(context, [](Socket& socket) { return test::write_text(socket, "SSH-2.0-OpenSSH\r\n"); });

    const Error error = error_of(get(server), trusting());

    EXPECT_EQ(error.code().category(), asio::error::get_ssl_category()) << error.what();
    EXPECT_TRUE(std::string_view(error.what()).starts_with("TLS handshake with " + server.address() + " failed: ")) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
}

TEST_F(HttpsExchange, TellsWhenNobodyListens)
{
    HttpsRequest request;
    {
        const Server gone(context, authority.issue(controller_names), answering(hello));
        request = get(gone);
    }
    const Error error = error_of(request, trusting());
    EXPECT_EQ(error.code(), asio::error::connection_refused);
    EXPECT_EQ(std::string(error.what()), "TCP connection to " + request.url.authority() + " failed: Connection refused");

    request.url.host = test::first_refuses;
    const Error both = error_of(request, trusting());
    EXPECT_EQ(both.code(), asio::error::connection_refused);
    EXPECT_EQ(std::string(both.what()),
              "TCP connection to " + request.url.authority() + " failed: 127.0.0.2: Connection refused; 127.0.0.1: Connection refused");

    request.url.host = test::unknown_name;
    const Error unknown = error_of(request, trusting());
    EXPECT_EQ(unknown.code(), asio::error::host_not_found);
    EXPECT_TRUE(std::string_view(unknown.what()).starts_with("looking up \"unknown.test\" failed: ")) << unknown.what();
}

TEST_F(HttpsExchange, TriesEveryAddressOfAName)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    auto request = get(server);
    request.url.host = test::first_refuses;

    EXPECT_EQ(text_of(exchange(request, trusting()).body), "hello");
}

/// A proxy that keeps the request, answers, and connects on to the port on this machine that it is asked for.
class Proxied : public TransportTest {
protected:
    template <class Stream>
    asio::awaitable<void> connect_on(Stream& stream)
    {
        auto request = co_await test::read_request(stream);
        const auto port = std::stoi(request.substr(request.find(':') + 1));
        requests.push_back(std::move(request));
        Socket onward(context);
        const asio::ip::tcp::endpoint target(asio::ip::address_v4::loopback(), static_cast<unsigned short>(port));
        co_await onward.async_connect(target, asio::use_awaitable);
        auto answering_it = test::write_text(stream, "HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n");
        co_await std::move(answering_it);
        using namespace asio::experimental::awaitable_operators;
        auto both = pump(stream, onward) && pump(onward, stream);
        co_await std::move(both);
    }

    /// Carries bytes one way; an end is an end both ways.
    template <class From, class To>
    asio::awaitable<void> pump(From& from, To& to)
    {
        std::string space(64 * 1024, '\0');
        boost::system::error_code error;
        for (;;) {
            const auto count = co_await from.async_read_some(asio::buffer(space), asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            co_await asio::async_write(to, asio::buffer(space.data(), count), asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
        }
        from.lowest_layer().close(error);
        to.lowest_layer().close(error);
    }

    /// In clear text.
    Server::Script connecting_on()
    {
        return [this](Socket& socket) { return connect_on(socket); };
    }

    Server::TlsScript connecting_on_by_tls()
    {
        return [this](TlsPeer& peer) { return connect_on(peer); };
    }

    asio::awaitable<void> refuse(Socket& socket, std::string answer)
    {
        auto request = co_await test::read_request(socket);
        requests.push_back(std::move(request));
        auto writing = test::write_text(socket, std::move(answer));
        co_await std::move(writing);
    }

    static std::string connect_text(const std::string& authority)
    {
        return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n";
    }

    /// Connects, makes calls one after the other and together, and says goodbye.
    static asio::awaitable<bool> use(Model& model, ConnectOptions options, std::string secret)
    {
        co_await model.connect(std::move(options));
        SecretContent content;
        content.set("key", std::string(100'000, 'x'));
        const auto uri = co_await model.add_secret(std::move(secret), content);
        const auto revealed = co_await model.reveal_secret(uri);
        const bool is_whole = revealed.content().at("key").size() == 100'000;
        co_await model.disconnect();
        co_return is_whole;
    }
};

TEST_F(Proxied, SendsItsCredentials)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    const Server proxy(context, connecting_on());
    auto request = get(server);
    request.url.host = "controller.example.com";
    auto options = trusting();
    options.proxy = ProxyRule::always("http://user:p%40ss@" + proxy.address());

    EXPECT_EQ(text_of(exchange(request, options).body), "hello");

    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0], connect_text("controller.example.com:" + server.port()));
    EXPECT_NE(requests[1].find("\r\nHost: controller.example.com:" + server.port() + "\r\n"), std::string::npos) << requests[1];
    expect_all_closed(server);
    expect_all_closed(proxy);
}

TEST_F(Proxied, SendsNoneWithoutAny)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    const Server proxy(context, connecting_on());
    auto options = trusting();
    options.proxy = ProxyRule::always("http://" + proxy.address());

    EXPECT_EQ(exchange(get(server), options).status, 200);

    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0], "CONNECT " + server.address() + " HTTP/1.1\r\nHost: " + server.address() + "\r\n\r\n");
}

TEST_F(Proxied, ByTlsOfItsOwn)
{
    const Authority of_system;
    trust_as_system(of_system);
    const Server server(context, authority.issue(controller_names), answering(hello));
    const Server proxy(context, of_system.issue("DNS:loopback.test"), connecting_on_by_tls());
    auto options = trusting();
    options.proxy = ProxyRule::always("https://user:p%40ss@loopback.test:" + proxy.port());

    EXPECT_EQ(text_of(exchange(get(server), options).body), "hello");

    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0], connect_text(server.address()));
    expect_all_closed(server);
    expect_all_closed(proxy);
}

TEST_F(Proxied, SendsNothingToAProxyWithoutTheRightCertificate)
{
    const Authority of_system;
    trust_as_system(of_system);
    const Server server(context, authority.issue(controller_names), answering(hello));
    const Server of_other_ca(context, authority.issue("DNS:loopback.test"), connecting_on_by_tls());
    const Server of_other_name(context, of_system.issue(controller_names), connecting_on_by_tls());
    const std::vector<std::pair<const Server*, std::string>> cases = {
        {&of_other_ca, "unable to get local issuer certificate"},
        {&of_other_name, "hostname mismatch"},
    };
    for (const auto& [proxy, reason] : cases) {
        auto options = trusting();
        options.tls.public_dns_name = "controller.example.com";
        options.proxy = ProxyRule::always("https://user:MARKER@loopback.test:" + proxy->port());
        const Error error = error_of(get(server), options);
        EXPECT_EQ(error.code(), errc::proxy_failed) << error.what();
        EXPECT_EQ(std::string(error.what()), "TLS handshake with proxy loopback.test:" + proxy->port() +
                                                 " failed: the certificate is not accepted: " + reason +
                                                 "; the system's CAs must know the one of the proxy");
        EXPECT_EQ(proxy->connections, 1) << "no other name is tried";
        expect_all_closed(*proxy);
    }
    EXPECT_TRUE(requests.empty());
    EXPECT_EQ(server.connections, 0);
}

TEST_F(Proxied, TriesEveryAddressOfIt)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    const Server proxy(context, connecting_on());
    auto options = trusting();
    options.proxy = ProxyRule::always("http://first-refuses.test:" + proxy.port());

    EXPECT_EQ(exchange(get(server), options).status, 200);
    EXPECT_EQ(proxy.connections, 1);
}

TEST_F(Proxied, TellsWhatItsAddressesSaid)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    std::string port;
    {
        const Server gone(context, connecting_on());
        port = gone.port();
    }
    auto options = trusting();
    options.proxy = ProxyRule::always("http://user:MARKER@first-refuses.test:" + port);
    const Error error = error_of(get(server), options);
    EXPECT_EQ(error.code(), asio::error::connection_refused);
    EXPECT_EQ(std::string(error.what()), "TCP connection to proxy first-refuses.test:" + port +
                                             " failed: 127.0.0.2: Connection refused; 127.0.0.1: Connection refused");
}

TEST_F(Proxied, TellsHowItRefuses)
{
    struct Row {
        const char* answer;
        const char* text;
    };
    for (const Row& row : {
             Row{"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                 "HTTP 407 Proxy Authentication Required; the proxy wants a user and a password"},
             Row{"HTTP/1.1 502 Bad\tGateway\r\nContent-Length: 100\r\n\r\n", "HTTP 502 Bad\\x09Gateway"},
             Row{"SSH-2.0-OpenSSH\r\n", "the answer is not HTTP: bad version"},
         }) {
        const Server proxy(context, [this, row](Socket& socket) { return refuse(socket, row.answer); });
        HttpsRequest request;
        request.method = "GET";
        request.url.host = "controller.example.com";
        auto options = trusting();
        options.proxy = ProxyRule::always("http://user:MARKER@" + proxy.address());
        const Error error = error_of(request, options);
        EXPECT_EQ(error.code(), errc::proxy_failed) << error.what();
        EXPECT_EQ(std::string(error.what()), "CONNECT to controller.example.com:443 by proxy " + proxy.address() + " failed: " + row.text);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        expect_all_closed(proxy);
    }
}

TEST_F(Proxied, CarriesAWebSocket)
{
    const Authority of_system;
    trust_as_system(of_system);
    const MockController mock;
    const Server proxy(context, connecting_on());
    const Server tls_proxy(context, of_system.issue("DNS:loopback.test"), connecting_on_by_tls());
    Model model(context.get_executor());

    EXPECT_TRUE(run(use(model, mock.connect_options().proxy("http://user:p%40ss@" + proxy.address()), "first")));
    EXPECT_TRUE(run(use(model, mock.connect_options().proxy("https://user:p%40ss@loopback.test:" + tls_proxy.port()), "second")));

    EXPECT_EQ(requests, std::vector<std::string>({connect_text(mock.endpoint()), connect_text(mock.endpoint())}));
    expect_all_closed(proxy);
    expect_all_closed(tls_proxy);
}

/// Cancelled when the server has come so far, or the client.
class Cancelling : public TransportTest {
protected:
    /// The request is under way and cancelled by what the server does: the error says so and no socket stays open.
    void expect_cancelled(const Server& server, const HttpsRequest& request, const HttpsOptions& options, Outcome outcome, int connections)
    {
        const int before = open_sockets();
        const Error error = error_of(request, options);
        EXPECT_EQ(error.code(), errc::canceled) << error.what();
        EXPECT_EQ(std::string(error.what()), "the request to " + request.url.authority() + " was cancelled");
        EXPECT_EQ(error.outcome(), outcome);
        EXPECT_FALSE(error.connection_usable());
        EXPECT_EQ(server.connections, connections);
        expect_all_closed(server);
        EXPECT_EQ(open_sockets(), before);
    }

    /// Cancels and waits for the client to be gone.
    template <class Stream>
    asio::awaitable<void> cancel_and_wait(Stream& stream)
    {
        cancel_soon();
        auto waiting = test::read_to_end(stream);
        co_await std::move(waiting);
    }

    asio::awaitable<void> read_some_and_cancel(Socket& socket)
    {
        std::string space(16, '\0');
        co_await socket.async_read_some(asio::buffer(space), asio::use_awaitable);
        co_await cancel_and_wait(socket);
    }

    asio::awaitable<void> read_proxy_request_and_cancel(Socket& socket)
    {
        auto request = co_await test::read_request(socket);
        requests.push_back(std::move(request));
        co_await cancel_and_wait(socket);
    }

    /// Goes on to read only when the cancellation is on its way.
    asio::awaitable<void> read_one_byte_and_cancel(TlsPeer& peer)
    {
        std::string first(1, '\0');
        co_await peer.async_read_some(asio::buffer(first), asio::use_awaitable);
        co_await cancel_and_wait(peer.next_layer());
    }

    asio::awaitable<void> write_and_cancel(TlsPeer& peer, std::string part)
    {
        auto request = co_await test::read_request(peer);
        requests.push_back(std::move(request));
        auto writing = test::write_text(peer, std::move(part));
        co_await std::move(writing);
        co_await cancel_and_wait(peer);
    }
};

TEST_F(Cancelling, DuringTheLookup)
{
    const Server server(context, authority.issue(controller_names), answering(hello));
    auto request = get(server);
    request.url.host = test::loopback_name;
    cancel_when = [] { return true; };

    expect_cancelled(server, request, trusting(), Outcome::not_sent, 0);
}

TEST_F(Cancelling, DuringTheTcpConnection)
{
    // A queue of connections that is full and that nobody empties: the next one has to wait.
    asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen(0);
    std::deque<Socket> waiting;
    for (int i = 0; i < 4; ++i) {
        auto& socket = waiting.emplace_back(context);
        socket.async_connect(acceptor.local_endpoint(), [](boost::system::error_code) {});
    }
    context.poll();
    HttpsRequest request;
    request.method = "GET";
    request.url.host = "127.0.0.1";
    request.url.port = std::to_string(acceptor.local_endpoint().port());

    const int before = open_sockets();
    cancel_when = [this, before] { return open_sockets() > before; };
    const Error error = error_of(request, trusting());

    EXPECT_EQ(error.code(), errc::canceled) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(open_sockets(), before);
}

TEST_F(Cancelling, DuringTheAnswerOfAProxy)
{
    const Server proxy(context, [this](Socket& socket) { return read_proxy_request_and_cancel(socket); });
    auto request = get(proxy);
    request.url.host = "controller.example.com";
    auto options = trusting();
    options.proxy = ProxyRule::always("http://" + proxy.address());

    expect_cancelled(proxy, request, options, Outcome::not_sent, 1);
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(Cancelling, DuringTheHandshakeWithAProxy)
{
    const Server proxy(context, [this](Socket& socket) { return read_some_and_cancel(socket); });
    auto options = trusting();
    options.proxy = ProxyRule::always("https://" + proxy.address());

    expect_cancelled(proxy, get(proxy), options, Outcome::not_sent, 1);
}

TEST_F(Cancelling, DuringTheHandshake)
{
    const Server server(context, [this](Socket& socket) { return read_some_and_cancel(socket); });

    expect_cancelled(server, get(server), trusting(), Outcome::not_sent, 1);
}

TEST_F(Cancelling, WhileItSends)
{
    const Server server(context, authority.issue(controller_names), [this](TlsPeer& peer) { return read_one_byte_and_cancel(peer); });
    auto request = get(server);
    request.method = "POST";
    request.body.assign(std::size_t{32} * 1024 * 1024, 'x');

    expect_cancelled(server, request, trusting(), Outcome::unknown, 1);
}

TEST_F(Cancelling, WhileItWaitsForTheReply)
{
    const auto identity = authority.issue(controller_names);
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::string_view(hello).size() - 1}) {
        const std::string part(std::string_view(hello).substr(0, size));
        const Server server(context, identity, [this, part](TlsPeer& peer) { return write_and_cancel(peer, part); });
        expect_cancelled(server, get(server), trusting(), Outcome::unknown, 1);
    }
    EXPECT_EQ(requests.size(), 3U);
}

} // namespace
} // namespace juju::transport
