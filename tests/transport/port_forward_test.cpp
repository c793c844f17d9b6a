// A port of this machine that leads into a Kubernetes cluster, whose API the test plays.

#include "transport_fixture.hpp"

#include "transport/port_forward.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

namespace websocket = boost::beast::websocket;
using WebSocket = websocket::stream<TlsPeer&>;
using tcp = asio::ip::tcp;

constexpr const char* service_path = "/api/v1/namespaces/controller-k8s/services/controller-service";
constexpr const char* pods_path = "/api/v1/namespaces/controller-k8s/pods?labelSelector=app.kubernetes.io%2Fname%3Dcontroller%2Ctier%3Dapi";
constexpr const char* forward_path = "/api/v1/namespaces/controller-k8s/pods/controller-0/portforward?ports=17070";

constexpr const char* service_json =
    R"({"kind":"Service","spec":{"selector":{"app.kubernetes.io/name":"controller","tier":"api"},"ports":[{"port":17070}]}})";
constexpr const char* pods_json =
    R"({"kind":"PodList","items":[)"
    R"({"metadata":{"name":"controller-1"},"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Initialized","status":"True"}]}},)"
    R"({"metadata":{"name":"controller-0"},"status":{"conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}]}}]})";

std::string answer(int status, const std::string& body)
{
    return "HTTP/1.1 " + std::to_string(status) +
           " Any\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class PortForwardTest : public TransportTest {
protected:
    PortForwardTest()
        : pod(context, [](Socket& socket) { return echo(socket); }),
          api(context, authority.issue("IP:127.0.0.1"), [this](TlsPeer& peer) { return serve(peer); })
    {
        pod_port = pod.port();
        answers[service_path] = answer(200, service_json);
        answers[pods_path] = answer(200, pods_json);
    }

    PortForwardConfig config() const
    {
        PortForwardConfig result;
        result.api_host = "https://" + api.address();
        result.ca_cert = authority.pem();
        result.cluster_namespace = "controller-k8s";
        result.service = "controller-service";
        result.remote_port = "17070";
        result.token = SecretValue("eyJhbGciOi.MARKER");
        return result;
    }

    PortForward open(PortForwardConfig how) { return run(open_port_forward(strand, std::move(how))); }

    Error error_of_open(PortForwardConfig how)
    {
        try {
            open(std::move(how));
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("there is no error");
    }

    static asio::awaitable<void> echo(Socket& socket)
    {
        std::string space(100'000, '\0');
        for (;;) {
            const auto count = co_await socket.async_read_some(asio::buffer(space), asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(space.data(), count), asio::use_awaitable);
        }
    }

    /// One request to the API.
    asio::awaitable<void> serve(TlsPeer& peer)
    {
        auto text = co_await test::read_request(peer);
        const auto path = text.substr(4, text.find(" HTTP/1.1") - 4);
        requests.push_back(text);
        if (hangs) {
            co_await test::read_to_end(peer);
        } else if (const auto found = answers.find(path); found != answers.end()) {
            auto writing = test::write_text(peer, found->second);
            co_await std::move(writing);
            co_await test::say_goodbye(peer);
        } else if (path == forward_path) {
            co_await forward(peer, std::move(text));
        } else {
            cancel_soon();
            co_await test::read_to_end(peer);
        }
    }

    asio::awaitable<void> forward(TlsPeer& peer, std::string request)
    {
        WebSocket socket(peer);
        auto decorate = [this](websocket::response_type& response) {
            response.set(boost::beast::http::field::sec_websocket_protocol, subprotocol);
        };
        socket.set_option(websocket::stream_base::decorator(decorate));
        co_await socket.async_accept(asio::buffer(request), asio::use_awaitable);
        socket.binary(true);
        // The number of the port, 17070, alone and together with what follows it.
        co_await socket.async_write(asio::buffer("\0\xae", 2), asio::use_awaitable);
        co_await socket.async_write(asio::buffer("\1\xae\x42", 3), asio::use_awaitable);
        std::string first("\0\x42", 2);
        first += greeting;
        co_await socket.async_write(asio::buffer(first), asio::use_awaitable);
        if (!trouble.empty()) {
            const std::string text = '\1' + trouble;
            co_await socket.async_write(asio::buffer(text), asio::use_awaitable);
        }
        Socket onward(context);
        const tcp::endpoint target(asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(pod_port)));
        co_await onward.async_connect(target, asio::use_awaitable);
        using namespace asio::experimental::awaitable_operators;
        auto both = to_pod(socket, onward) && from_pod(socket, onward);
        co_await std::move(both);
    }

    asio::awaitable<void> to_pod(WebSocket& socket, Socket& onward)
    {
        boost::beast::flat_buffer message;
        boost::system::error_code error;
        for (;;) {
            co_await socket.async_read(message, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            const std::string_view bytes(static_cast<const char*>(message.data().data()), message.size());
            EXPECT_EQ(bytes.front(), '\0');
            EXPECT_TRUE(socket.got_binary());
            co_await asio::async_write(onward, asio::buffer(bytes.substr(1)), asio::redirect_error(asio::use_awaitable, error));
            message.consume(message.size());
        }
        endings.push_back(error);
        onward.close(error);
        socket.next_layer().next_layer().close(error);
    }

    asio::awaitable<void> from_pod(WebSocket& socket, Socket& onward)
    {
        std::string space(1 + 5000, '\0');
        boost::system::error_code error;
        for (;;) {
            const auto count = co_await onward.async_read_some(asio::buffer(space.data() + 1, space.size() - 1),
                                                               asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            co_await socket.async_write(asio::buffer(space.data(), 1 + count), asio::redirect_error(asio::use_awaitable, error));
        }
    }

    /// Connects to the local port, sends and gets back as much.
    asio::awaitable<std::string> talk(std::string port, std::string text, std::size_t expected)
    {
        Socket socket(context);
        const tcp::endpoint target(asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port)));
        co_await socket.async_connect(target, asio::use_awaitable);
        std::string back(expected, '\0');
        boost::system::error_code ended;
        // The echo stops to read while nobody takes what it sends: both at once.
        using namespace asio::experimental::awaitable_operators;
        auto both = asio::async_write(socket, asio::buffer(text), asio::use_awaitable) &&
                    asio::async_read(socket, asio::buffer(back), asio::redirect_error(asio::use_awaitable, ended));
        co_await std::move(both);
        co_return ended ? ended.message() : back;
    }

    std::string greeting;
    std::string trouble;
    std::string subprotocol = "v4.channel.k8s.io";
    std::string pod_port;
    bool hangs = false;
    std::map<std::string, std::string> answers; ///< by path; a path without one hangs and cancels
    std::vector<boost::system::error_code> endings;
    const Server pod;
    const Server api;
};

TEST_F(PortForwardTest, LeadsToAPodOfTheService)
{
    const int before = open_sockets();
    greeting = "hello";
    auto forward = open(config());

    EXPECT_EQ(forward.local.host, "127.0.0.1");
    ASSERT_EQ(requests.size(), 3U);
    const auto common = " HTTP/1.1\r\nHost: " + api.address() +
                        "\r\nUser-Agent: cpp-libjuju\r\nConnection: close\r\nAuthorization: Bearer eyJhbGciOi.MARKER\r\n"
                        "Accept: application/json\r\n\r\n";
    EXPECT_EQ(requests[0], std::string("GET ") + service_path + common);
    EXPECT_EQ(requests[1], std::string("GET ") + pods_path + common);
    EXPECT_EQ(std::regex_replace(requests[2], std::regex("Sec-WebSocket-Key: [A-Za-z0-9+/]{22}=="), "KEY"),
              std::string("GET ") + forward_path + " HTTP/1.1\r\nAuthorization: Bearer eyJhbGciOi.MARKER\r\nHost: " + api.address() +
                  "\r\nUpgrade: websocket\r\nConnection: upgrade\r\nKEY\r\nSec-WebSocket-Version: 13\r\nUser-Agent: cpp-libjuju\r\n"
                  "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n");

    EXPECT_EQ(run(talk(forward.local.port, "ping", 9)), "helloping");
    EXPECT_EQ(requests.size(), 3U) << "the first connection takes what is open";

    std::string big;
    for (int i = 0; big.size() < 1'000'000; ++i)
        big += std::to_string(i) + ',';
    EXPECT_EQ(run(talk(forward.local.port, big, 5 + big.size())), "hello" + big);
    EXPECT_EQ(requests.size(), 4U) << "each other one asks anew";

    run_until([&] { return endings.size() == 2; });
    EXPECT_EQ(endings[0], websocket::error::closed) << "with a goodbye";
    forward.handle.reset();
    expect_all_closed(api);
    expect_all_closed(pod);
    context.poll();
    EXPECT_EQ(open_sockets(), before);
}

TEST_F(PortForwardTest, EndsWithItsHandle)
{
    const int before = open_sockets();
    auto forward = open(config());
    const auto port = forward.local.port;
    Socket connection(context);
    connection.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port))});
    run_until([&] { return pod.connections == 1; });
    Socket waiting(context);
    hangs = true;
    waiting.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port))});
    run_until([&] { return requests.size() == 4; });

    auto copy = forward.handle;
    forward.handle.reset();
    context.poll();
    EXPECT_EQ(pod.open, 1) << "there is another copy";
    copy.reset();

    expect_all_closed(api);
    expect_all_closed(pod);
    std::string space(1, '\0');
    boost::system::error_code error;
    connection.read_some(asio::buffer(space), error);
    EXPECT_TRUE(error);
    waiting.read_some(asio::buffer(space), error);
    EXPECT_TRUE(error);
    connection.close();
    waiting.close();
    Socket late(context);
    late.connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port))}, error);
    EXPECT_EQ(error, asio::error::connection_refused);
    late.close();
    EXPECT_EQ(open_sockets(), before);
}

TEST_F(PortForwardTest, ClosesWhatThePodDoesNotTake)
{
    std::string log;
    set_log_sink([&](LogLevel, std::string_view line) { (log += line) += '\n'; }, LogLevel::debug);
    trouble = "an error occurred\nforwarding 17070";
    auto forward = open(config());

    const auto said = run(talk(forward.local.port, "ping", 4));

    set_log_sink({});
    EXPECT_NE(said, "ping");
    EXPECT_NE(log.find("port forward: an error occurred\\x0aforwarding 17070"), std::string::npos) << log;
    EXPECT_EQ(log.find("MARKER"), std::string::npos) << log;
    forward.handle.reset();
    expect_all_closed(api);
}

TEST_F(PortForwardTest, LogsWhatItCannotOpenLater)
{
    std::string log;
    set_log_sink([&](LogLevel, std::string_view line) { (log += line) += '\n'; }, LogLevel::debug);
    auto forward = open(config());
    EXPECT_EQ(run(talk(forward.local.port, "ping", 4)), "ping");
    answers[forward_path] = answer(403, R"({"message":"not any more"})");

    EXPECT_NE(run(talk(forward.local.port, "ping", 4)), "ping");

    set_log_sink({});
    EXPECT_NE(log.find("port forward: port forward to pod controller-0 failed: HTTP 403: not any more"), std::string::npos) << log;
    EXPECT_EQ(log.find("MARKER"), std::string::npos) << log;
}

TEST_F(PortForwardTest, TellsWhyItIsRefused)
{
    struct Row {
        std::string path;
        std::string answer;
        errc code;
        const char* text;
    };
    const std::vector<Row> rows = {
        {service_path, answer(404, R"({"kind":"Status","message":"services \"controller-service\" not found"})"), errc::proxy_failed,
         R"(asking the Kubernetes API for service controller-service failed: HTTP 404: services "controller-service" not found)"},
        {service_path, answer(401, R"({"message":"Unauthorized\n"})"), errc::proxy_failed,
         "asking the Kubernetes API for service controller-service failed: HTTP 401: Unauthorized\\x0a; the token of the service account "
         "is "
         "not accepted, \"juju update-k8s --client\" may help"},
        {service_path, answer(500, "oops"), errc::proxy_failed,
         "asking the Kubernetes API for service controller-service failed: HTTP 500"},
        {service_path, answer(200, "[MARKER"), errc::malformed_reply,
         "the Kubernetes API's answer about service controller-service is not a JSON object"},
        {service_path, answer(200, R"({"spec":{"selector":null}})"), errc::proxy_failed,
         "service controller-service of the Kubernetes cluster selects no pods"},
        {pods_path, answer(403, R"({"message":5})"), errc::proxy_failed,
         "asking the Kubernetes API for the pods of service controller-service failed: HTTP 403"},
        {pods_path, answer(200, R"({"items":[]})"), errc::proxy_failed, "pods for service controller-service not found"},
        {pods_path, answer(200, R"({})"), errc::proxy_failed, "pods for service controller-service not found"},
        {pods_path, answer(200, R"({"items":[{"metadata":{"name":"a"}},5,null]})"), errc::proxy_failed,
         "no pod of service controller-service is ready"},
        {pods_path,
         answer(200, R"({"items":[{"metadata":{"name":"a/MARKER"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]})"),
         errc::malformed_reply, "the Kubernetes API's answer about the pods of service controller-service has a pod without a usable name"},
        {forward_path, answer(403, R"({"message":"pods \"controller-0\" is forbidden"})"), errc::proxy_failed,
         R"(port forward to pod controller-0 failed: HTTP 403: pods "controller-0" is forbidden)"},
    };
    for (const auto& row : rows) {
        const auto usual = answers;
        answers[row.path] = row.answer;
        const Error error = error_of_open(config());
        EXPECT_EQ(error.code(), row.code) << error.what();
        EXPECT_STREQ(error.what(), row.text);
        EXPECT_FALSE(error.connection_usable());
        expect_all_closed(api);
        answers = usual;
    }
    subprotocol = "v5.channel.k8s.io";
    const Error other = error_of_open(config());
    EXPECT_EQ(other.code(), errc::proxy_failed);
    EXPECT_STREQ(other.what(), "port forward to pod controller-0 failed: the Kubernetes API does not offer v4.channel.k8s.io");
}

TEST_F(PortForwardTest, SendsTheTokenOnlyToTheRightHost)
{
    auto other_ca = config();
    other_ca.ca_cert = Authority().pem();
    const Error distrusted = error_of_open(other_ca);
    EXPECT_EQ(distrusted.code(), errc::certificate_rejected);
    EXPECT_EQ(std::string(distrusted.what()),
              "TLS handshake with " + api.address() + " failed: the certificate is not accepted: unable to get local issuer certificate");

    auto other_name = config();
    other_name.api_host = "localhost:" + api.port();
    EXPECT_EQ(error_of_open(other_name).code(), errc::certificate_rejected);
    EXPECT_TRUE(requests.empty());

    auto any = other_name;
    any.skip_verification = true;
    open(any);
    EXPECT_EQ(requests.size(), 3U);

    trust_as_system(authority);
    auto of_system = config();
    of_system.ca_cert.clear();
    of_system.api_host = api.address();
    open(of_system);
    EXPECT_EQ(requests.size(), 6U);
}

TEST_F(PortForwardTest, KeepsThePathOfTheApi)
{
    auto behind = config();
    behind.api_host += "/k8s/clusters/c-1/";
    answers[std::string("/k8s/clusters/c-1") + service_path] = answer(404, "{}");

    EXPECT_EQ(error_of_open(behind).code(), errc::proxy_failed);
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(PortForwardTest, RefusesAConfigurationThatIsNotUsable)
{
    std::vector<std::pair<PortForwardConfig, const char*>> cases;
    const auto add = [&](const char* text) -> PortForwardConfig& { return cases.emplace_back(config(), text).first; };
    add("proxy-config: the namespace is not a name").cluster_namespace = "";
    add("proxy-config: the namespace is not a name").cluster_namespace = "../MARKER";
    add("proxy-config: the service is not a name").service = "a?b";
    add("proxy-config: the remote port is not a number from 1 to 65535").remote_port = "";
    add("proxy-config: the remote port is not a number from 1 to 65535").remote_port = "17070&x=1";
    add("proxy-config: the remote port is not a number from 1 to 65535").remote_port = "0";
    add("proxy-config: the remote port is not a number from 1 to 65535").remote_port = "65536";
    add("proxy-config: the service account's token is not a single word").token = SecretValue("");
    add("proxy-config: the service account's token is not a single word").token = SecretValue("MARKER\r\nX: y");
    add("proxy-config: the API's address has a query").api_host = "https://127.0.0.1?MARKER";
    add("URL \"http://127.0.0.1\" not valid: the scheme must be https").api_host = "http://127.0.0.1";
    add("ca_cert is not a PEM certificate").ca_cert = "MARKER";
    for (const auto& [how, text] : cases) {
        const Error error = error_of_open(how);
        EXPECT_EQ(error.code(), errc::invalid_argument);
        EXPECT_STREQ(error.what(), text);
    }
    EXPECT_EQ(api.connections, 0);
}

TEST_F(PortForwardTest, IsCancelledAtEachStep)
{
    answers.erase(service_path);
    for (const char* path : {service_path, pods_path}) {
        answers.erase(path);
        const int before = open_sockets();
        const Error error = error_of_open(config());
        EXPECT_EQ(error.code(), errc::canceled) << error.what();
        EXPECT_STREQ(error.what(), "opening a port to a Kubernetes cluster was cancelled");
        expect_all_closed(api);
        EXPECT_EQ(open_sockets(), before);
        answers[service_path] = answer(200, service_json);
    }
    answers[pods_path] = answer(200, std::regex_replace(std::string(pods_json), std::regex("controller-0"), "hangs"));
    const Error error = error_of_open(config());
    EXPECT_EQ(error.code(), errc::canceled) << error.what();
    expect_all_closed(api);
    EXPECT_EQ(requests.size(), 6U);
}

asio::awaitable<bool> use(Model& model, ConnectOptions options)
{
    co_await model.connect(std::move(options));
    const auto secrets = co_await model.list_secrets();
    const bool is_empty = secrets.empty();
    co_await model.disconnect();
    co_return is_empty;
}

TEST_F(PortForwardTest, CarriesAController)
{
    const MockController mock;
    pod_port = mock.endpoint().substr(mock.endpoint().find(':') + 1);
    auto forward = open(config());
    Model model(context.get_executor());
    ConnectOptions options;
    options.endpoint(forward.local.authority())
        .ca_cert(mock.ca_cert())
        .model_uuid(mock.model_uuid())
        .username("admin")
        .password(mock.connect_options().password().text());

    EXPECT_TRUE(run(use(model, options)));

    forward.handle.reset();
    expect_all_closed(api);
}

} // namespace
} // namespace juju::transport
