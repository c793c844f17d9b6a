#include "support/profile_name.hpp"
#include "support/raw_websocket.hpp"

#include <juju/mock_controller.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace juju::test {
namespace {

using Json = nlohmann::json;

const std::string ping = R"({"request-id":7,"type":"Pinger","version":1,"request":"Ping"})";
const std::string pong = "{\"request-id\":7,\"response\":{}}\n";
const std::string model_uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d";
const std::string controller_uuid = "c0ffee00-1111-4222-8333-444444444444";
const std::string state = "model: {uuid: " + model_uuid + "}\ncontroller_uuid: " + controller_uuid +
                          "\nusers:\n- {name: admin, password: pw, access: admin}\n- {name: bob, password: pw, access: none}\n"
                          "- {name: eve@external, token: ZXZl, access: read}\nagents: [{tag: unit-mysql-0, password: pw}]\n";
const std::string bad_credentials =
    R"({"request-id":1,"error":"invalid entity name or password","error-code":"unauthorized access","response":{}})"
    "\n";

MockOptions options_for(MockProfile profile)
{
    return MockOptions().profile(profile).state_yaml(state);
}

RawWebSocket open(const std::string& endpoint, const MockController& mock)
{
    return {endpoint, mock.ca_cert(), "/model/" + model_uuid + "/api"};
}

RawWebSocket open(const MockController& mock)
{
    return open(mock.endpoint(), mock);
}

std::string login_text(const std::string& params)
{
    return R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":)" + params + "}";
}

std::string password_login(const std::string& tag, const std::string& password = "pw")
{
    return login_text(R"({"auth-tag":")" + tag + R"(","credentials":")" + password + R"("})");
}

std::string admin_login()
{
    return password_login("user-admin");
}

/// The reply to a login on a connection of its own.
std::string reply_to(const MockController& mock, const std::string& login)
{
    return open(mock).call(login);
}

std::string plain_exchange(const std::string& endpoint, const std::string& request)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
        char bytes[4096];
        for (ssize_t count = 0; (count = ::recv(socket, bytes, sizeof bytes, 0)) > 0;) {
            answer.append(bytes, static_cast<std::size_t>(count));
        }
    }
    ::close(socket);
    return answer;
}

/// Does a TCP connection come about within `wait`?
bool connects(const std::string& endpoint, std::chrono::milliseconds wait)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int begun = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    EXPECT_TRUE(begun == 0 || errno == EINPROGRESS);
    pollfd waiting{socket, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(wait.count()));
    ::close(socket);
    return ready > 0;
}

void wait_for_connections(const MockController& mock, std::size_t count)
{
    while (mock.connections() != count) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

class MockNetwork : public testing::TestWithParam<MockProfile> {
protected:
    bool is_3_6() const { return GetParam() == MockProfile::juju_3_6; }
};

TEST_P(MockNetwork, HasNodesWithOneState)
{
    MockController mock(options_for(GetParam()).nodes(3));
    ASSERT_EQ(mock.endpoints().size(), 3U);
    EXPECT_EQ(mock.endpoints().front(), mock.endpoint());
    RawWebSocket first = open(mock.endpoints()[0], mock);
    RawWebSocket third = open(mock.endpoints()[2], mock);
    Json servers = Json::array();
    for (const std::string& endpoint : mock.endpoints()) {
        servers.push_back(Json::array({{{"value", "127.0.0.1"},
                                        {"type", "ipv4"},
                                        {"scope", "local-cloud"},
                                        {"port", std::stoi(endpoint.substr(endpoint.find(':') + 1))}}}));
    }

    const Json reply = Json::parse(third.call(admin_login()));
    (void)first.call(admin_login());
    (void)third.call(
        R"({"request-id":2,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"content":{"data":{"k":"AAAA"}}}]}})");
    const std::string list = first.call(R"({"request-id":3,"type":"Secrets","version":2,"request":"ListSecrets","params":{"filter":{}}})");

    EXPECT_EQ(reply.at("response").at("servers"), servers);
    EXPECT_EQ(Json::parse(list).at("response").at("results").size(), 1U);
    EXPECT_EQ(mock.connections(), 2U);
    EXPECT_EQ(mock.connections(0), 1U);
    EXPECT_EQ(mock.connections(1), 0U);
    EXPECT_EQ(mock.connections(2), 1U);
}

TEST_P(MockNetwork, StopsAndStartsANode)
{
    MockController mock(options_for(GetParam()).nodes(2));
    RawWebSocket first = open(mock.endpoints()[0], mock);
    RawWebSocket second = open(mock.endpoints()[1], mock);

    mock.stop_node(0);

    EXPECT_THROW(first.receive_frame(), std::runtime_error);
    EXPECT_THROW(open(mock.endpoints()[0], mock), std::runtime_error);
    EXPECT_EQ(mock.connections(), 1U);
    (void)second.call(admin_login());
    EXPECT_EQ(second.call(ping), pong);

    mock.clear_faults(); // faults open and close serving nodes only
    EXPECT_THROW(open(mock.endpoints()[0], mock), std::runtime_error);
    mock.start_node(0);
    EXPECT_NO_THROW(open(mock.endpoints()[0], mock));
}

TEST_P(MockNetwork, LetsANodeVanish)
{
    MockController mock(options_for(GetParam()).nodes(2));
    RawWebSocket before = open(mock.endpoints()[1], mock);

    mock.black_hole_node(1);

    EXPECT_THROW(before.receive_frame(), std::runtime_error);
    EXPECT_FALSE(connects(mock.endpoints()[1], std::chrono::milliseconds(100)));
    EXPECT_NO_THROW(open(mock.endpoints()[0], mock));
    mock.start_node(1);
    EXPECT_TRUE(connects(mock.endpoints()[1], std::chrono::seconds(20)));
    EXPECT_NO_THROW(open(mock.endpoints()[1], mock));
}

TEST_P(MockNetwork, KnowsItsNodesOnly)
{
    MockController mock(options_for(GetParam()));

    EXPECT_THROW(mock.stop_node(1), std::invalid_argument);
    EXPECT_THROW(mock.start_node(1), std::invalid_argument);
    EXPECT_THROW(mock.black_hole_node(1), std::invalid_argument);
    EXPECT_THROW(MockOptions().nodes(0), std::invalid_argument);
}

TEST_P(MockNetwork, RefusesOnAllNodes)
{
    MockController mock(options_for(GetParam()).nodes(2).fault(MockFault(MockFaultKind::refuse)));

    EXPECT_THROW(open(mock.endpoints()[0], mock), std::runtime_error);
    EXPECT_THROW(open(mock.endpoints()[1], mock), std::runtime_error);
    mock.clear_faults();
    EXPECT_NO_THROW(open(mock.endpoints()[1], mock));
}

TEST_P(MockNetwork, ListsTheServersItIsToldTo)
{
    MockController mock(options_for(GetParam()).public_dns_name("controller.example.com"));
    mock.set_api_servers({{MockAddress("10.0.0.1", 17070), MockAddress("127.0.0.1", 17070, "local-machine")},
                          {MockAddress("2001:db8::1", 17071, "public"), MockAddress("juju.example.com", 443, "")}});

    const std::string reply = reply_to(mock, admin_login());

    const std::string local = is_3_6() ? R"(,{"value":"127.0.0.1","type":"ipv4","scope":"local-machine","port":17070})" : "";
    const std::string start =
        R"({"request-id":1,"response":{"servers":[[{"value":"10.0.0.1","type":"ipv4","scope":"local-cloud","port":17070})" + local +
        R"(],[{"value":"2001:db8::1","type":"ipv6","scope":"public","port":17071},)"
        R"({"value":"juju.example.com","type":"hostname","scope":"","port":443}]],)"
        R"("public-dns-name":"controller.example.com","model-tag":"model-)";
    EXPECT_TRUE(reply.starts_with(start)) << reply;
    mock.set_api_servers({});
    EXPECT_FALSE(Json::parse(reply_to(mock, admin_login())).at("response").contains("servers"));
}

MockRedirect new_home()
{
    return MockRedirect()
        .server(MockAddress("203.0.113.9", 17070, "public"))
        .ca_cert("CA\n")
        .controller_uuid("9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0")
        .alias("new-home");
}

const std::string redirection =
    R"({"request-id":1,"error":"redirection to alternative server required","error-code":"redirection required","error-info":{)"
    R"("ca-cert":"CA\n","controller-alias":"new-home","controller-tag":"controller-9e8d7c6b-5a49-4382-8716-05f4e3d2c1b0",)"
    R"("servers":[[{"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}]]},"response":{}})"
    "\n";

TEST_P(MockNetwork, RedirectsThoseWhoHadAccess)
{
    MockController mock(options_for(GetParam()));
    mock.set_redirect(new_home());

    EXPECT_EQ(reply_to(mock, admin_login()), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-admin", "wrong")), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-admin", "")), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-admin@local")), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-jujuanonymous", "")), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-eve@external")), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-stranger@external")), is_3_6() ? bad_credentials : redirection);
    EXPECT_EQ(reply_to(mock, login_text(R"({"token":"ZXZl"})")), is_3_6() ? bad_credentials : redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-bob")), bad_credentials);
    EXPECT_EQ(reply_to(mock, password_login("user-nobody")), bad_credentials);
    EXPECT_EQ(reply_to(mock, password_login("unit-mysql-0")), bad_credentials);
    EXPECT_EQ(reply_to(mock, password_login("bar")), "{\"request-id\":1,\"error\":\"\\\"bar\\\" is not a valid tag\",\"response\":{}}\n");
}

TEST_P(MockNetwork, RedirectsFromTheModelOnly)
{
    MockController mock(options_for(GetParam()));
    mock.set_redirect(new_home());
    RawWebSocket controller(mock.endpoint(), mock.ca_cert(), "/api");

    EXPECT_EQ(Json::parse(controller.call(admin_login())).at("response").at("controller-tag"), "controller-" + controller_uuid);
    const std::string models =
        controller.call(R"({"request-id":2,"type":"ModelManager","version":10,"request":"ListModels","params":{"tag":"user-admin"}})");

    EXPECT_EQ(models, is_3_6() ? "{\"request-id\":2,\"response\":{\"user-models\":null}}\n"
                               : "{\"request-id\":2,\"response\":{\"user-models\":[]}}\n");
}

TEST_P(MockNetwork, RedirectsWithoutWhatIsNotKnown)
{
    MockController mock(options_for(GetParam()));
    mock.set_redirect(MockRedirect().server(MockAddress("203.0.113.9", 17070, "public")));

    EXPECT_EQ(reply_to(mock, admin_login()),
              R"({"request-id":1,"error":"redirection to alternative server required","error-code":"redirection required","error-info":{)"
              R"("ca-cert":"","servers":[[{"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}]]},"response":{}})"
              "\n");
    EXPECT_EQ(open(mock).call(R"({"request-id":2,"type":"Admin","version":3,"request":"RedirectInfo","params":{}})"),
              "{\"request-id\":2,\"error\":\"not redirected\",\"response\":{}}\n");
}

TEST_P(MockNetwork, RedirectsAsTheOldJaas)
{
    MockController mock(options_for(GetParam()));
    mock.set_redirect(new_home().jaas_style(true));
    RawWebSocket socket = open(mock);

    EXPECT_EQ(socket.call(password_login("user-nobody")),
              R"({"request-id":1,"error":"redirection to alternative server required","error-code":"redirection required","response":{}})"
              "\n");
    EXPECT_EQ(
        socket.call(R"({"request-id":2,"type":"Admin","version":3,"request":"RedirectInfo","params":{}})"),
        R"({"request-id":2,"response":{"servers":[[{"value":"203.0.113.9","type":"ipv4","scope":"public","port":17070}]],"ca-cert":"CA\n"}})"
        "\n");
}

TEST_P(MockNetwork, RedirectsToAnotherMockAndBack)
{
    MockController one(options_for(GetParam()));
    MockController two(options_for(GetParam()).nodes(2));
    one.set_redirect(MockRedirect(two, "two"));
    two.set_redirect(MockRedirect(one));

    const Json there = Json::parse(reply_to(one, admin_login())).at("error-info");
    const Json back = Json::parse(reply_to(two, admin_login())).at("error-info");

    EXPECT_EQ(there.at("ca-cert"), two.ca_cert());
    EXPECT_EQ(there.at("controller-alias"), "two");
    EXPECT_EQ(there.at("controller-tag"), "controller-" + controller_uuid);
    ASSERT_EQ(there.at("servers").size(), 1U);
    ASSERT_EQ(there.at("servers")[0].size(), 2U);
    EXPECT_EQ("127.0.0.1:" + std::to_string(there.at("servers")[0][1].at("port").get<int>()), two.endpoints()[1]);
    EXPECT_EQ(there.at("servers")[0][1].at("scope"), "local-cloud");
    EXPECT_EQ("127.0.0.1:" + std::to_string(back.at("servers")[0][0].at("port").get<int>()), one.endpoint());
    EXPECT_FALSE(back.contains("controller-alias"));
}

TEST_P(MockNetwork, RedirectsWhileUpgrading)
{
    MockController mock(options_for(GetParam()));
    mock.set_upgrading(true);
    mock.set_redirect(new_home());

    EXPECT_EQ(reply_to(mock, admin_login()), redirection);
    EXPECT_EQ(reply_to(mock, password_login("user-bob")),
              "{\"request-id\":1,\"error\":\"login failed - maintenance in progress\",\"response\":{}}\n");
}

TEST_P(MockNetwork, LosesItsModel)
{
    MockController mock(options_for(GetParam()));
    RawWebSocket socket = open(mock);
    (void)socket.call(admin_login());
    RawWebSocket controller(mock.endpoint(), mock.ca_cert(), "/api");
    (void)controller.call(admin_login());
    mock.set_redirect(new_home());
    mock.remove_model();

    if (is_3_6()) {
        EXPECT_EQ(socket.receive_close(), 1000);
    } else {
        EXPECT_EQ(socket.call(ping), pong);
        EXPECT_EQ(socket.call(R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"filter":{}}})"),
                  "{\"request-id\":2,\"error\":\"model not found\",\"error-code\":\"model not found\",\"response\":{}}\n");
    }
    EXPECT_EQ(controller.call(ping), pong);
    EXPECT_EQ(reply_to(mock, admin_login()), "{\"request-id\":1,\"error\":\"unknown model: \\\"" + model_uuid +
                                                 "\\\"\",\"error-code\":\"model not found\",\"response\":{}}\n");
}

TEST_P(MockNetwork, RestrictsUsersWithATagOnlyDuringAMigration)
{
    MockController mock(options_for(GetParam()));
    mock.set_migrating(true);
    const std::string list = R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"filter":{}}})";
    RawWebSocket by_tag = open(mock);
    RawWebSocket by_token = open(mock);
    (void)by_tag.call(admin_login());
    (void)by_token.call(login_text(R"({"token":"ZXZl"})"));

    EXPECT_EQ(by_tag.call(list), "{\"request-id\":2,\"error\":\"model migration in progress\",\"response\":{}}\n");
    EXPECT_EQ(by_tag.call(ping), pong);
    EXPECT_TRUE(Json::parse(by_token.call(list)).at("response").contains("results"));
    mock.set_migrating(false);
    mock.set_importing(true);
    RawWebSocket arriving = open(mock);
    (void)arriving.call(admin_login());
    EXPECT_EQ(arriving.call(ping), "{\"request-id\":7,\"error\":\"migration in progress, model is importing\",\"response\":{}}\n");
}

std::string handshake_answer(const MockController& mock)
{
    RawTls tls(mock.endpoint(), mock.ca_cert());
    tls.write("GET /model/" + model_uuid +
              "/api HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return tls.read_all();
}

TEST_P(MockNetwork, RefusesHandshakesWhenToldTo)
{
    MockController mock(options_for(GetParam()));

    mock.set_handshake(MockHandshake::shutting_down);
    const std::string shutting_down = handshake_answer(mock);
    EXPECT_TRUE(shutting_down.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << shutting_down;
    EXPECT_TRUE(shutting_down.ends_with("\r\n\r\napiserver shutdown in progress\n")) << shutting_down;
    if (is_3_6()) {
        EXPECT_THROW(mock.set_handshake(MockHandshake::offer_auth_failure, "no key"), std::invalid_argument);
    } else {
        mock.set_handshake(MockHandshake::offer_auth_failure, "no key");
        const std::string failed = handshake_answer(mock);
        EXPECT_TRUE(failed.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << failed;
        EXPECT_TRUE(failed.ends_with("\r\n\r\nfailed to create offer auth context: no key\n")) << failed;
    }
    mock.set_handshake(MockHandshake::normal);
    EXPECT_NO_THROW(open(mock));
}

TEST_P(MockNetwork, SaysNothingAfterTheUpgradeWhenToldTo)
{
    MockController mock(options_for(GetParam()));
    mock.set_handshake(MockHandshake::silent);
    {
        RawWebSocket socket = open(mock);
        socket.send(admin_login());
        socket.send_frame({true, 9, "are you there"});
        EXPECT_EQ(mock.connections(), 1U);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        EXPECT_EQ(mock.total_requests(), 0U);
        EXPECT_EQ(mock.connections(), 1U);
    }

    wait_for_connections(mock, 0);
}

TEST_P(MockNetwork, TellsPlainHttpThatItWantsTls)
{
    MockController mock(options_for(GetParam()));

    for (const char* start : {"GET /api", "HEAD /", "POST /", "PUT /", "OPTIONS *"}) {
        EXPECT_EQ(plain_exchange(mock.endpoint(), start + std::string(" HTTP/1.1\r\nHost: x\r\n\r\n")),
                  "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
    }
    EXPECT_EQ(plain_exchange(mock.endpoint(), "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP"), std::string::npos);
    wait_for_connections(mock, 0);
}

INSTANTIATE_TEST_SUITE_P(Profiles, MockNetwork, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), profile_name);

} // namespace
} // namespace juju::test
