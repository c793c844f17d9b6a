#include "support/raw_websocket.hpp"

#include <juju/mock_controller.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace juju::test {
namespace {

using Json = nlohmann::json;
using Kind = MockFaultKind;

const std::string ping = R"({"request-id":7,"type":"Pinger","version":1,"request":"Ping"})";
const std::string pong = "{\"request-id\":7,\"response\":{}}\n";

std::string login_text(const MockController& mock)
{
    return R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":")" +
           mock.password() + R"("}})";
}

RawWebSocket open(const MockController& mock)
{
    return {mock.endpoint(), mock.ca_cert(), "/model/" + mock.model_uuid() + "/api"};
}

RawWebSocket logged_in(const MockController& mock)
{
    RawWebSocket socket = open(mock);
    (void)socket.call(login_text(mock));
    return socket;
}

/// The whole HTTP answer to a plain GET.
std::string get(const MockController& mock, const std::string& target, const std::string& headers = "")
{
    RawTls tls(mock.endpoint(), mock.ca_cert());
    tls.write("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return tls.read_all();
}

std::vector<std::pair<std::size_t, bool>> frames_of_reply(RawWebSocket& socket, MockController& mock, std::size_t bytes)
{
    mock.add_fault(MockFault(Kind::oversize).number(bytes));
    socket.send(ping);
    std::vector<std::pair<std::size_t, bool>> frames;
    do {
        const RawFrame frame = socket.receive_frame();
        EXPECT_EQ(frame.opcode, frames.empty() ? 1 : 0);
        frames.emplace_back(frame.payload.size(), frame.final);
    } while (!frames.back().second);
    return frames;
}

TEST(MockServer, SendsFramesAsJujuDoes)
{
    using Frames = std::vector<std::pair<std::size_t, bool>>;
    MockController mock;
    RawWebSocket socket = logged_in(mock);

    EXPECT_EQ(frames_of_reply(socket, mock, 4095), (Frames{{4096, true}}));
    EXPECT_EQ(frames_of_reply(socket, mock, 4096), (Frames{{4096, false}, {1, true}}));
    EXPECT_EQ(frames_of_reply(socket, mock, 8219), (Frames{{4096, false}, {4096, false}, {28, true}}));
    EXPECT_EQ(frames_of_reply(socket, mock, 8220), (Frames{{8221, false}, {0, true}}));
    EXPECT_EQ(frames_of_reply(socket, mock, 20'000'000), (Frames{{20'000'001, false}, {0, true}}));
}

TEST(MockServer, AcceptsBinaryAndFragmentedMessagesAndAnswersPings)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);

    socket.send_frame({true, 2, ping});
    EXPECT_EQ(socket.receive(), pong);
    socket.send_frame({false, 1, ping.substr(0, 10)});
    socket.send_frame({true, 9, "are you there"});
    socket.send_frame({true, 0, ping.substr(10)});

    const RawFrame first = socket.receive_frame();
    EXPECT_EQ(first.opcode, 10);
    EXPECT_EQ(first.payload, "are you there");
    EXPECT_EQ(socket.receive(), pong);
}

TEST(MockServer, ClosesWith1000AfterAMalformedMessage)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);

    socket.send("this is no JSON");

    EXPECT_EQ(socket.receive_close(), 1000);
}

TEST(MockServer, EchoesAClose)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);

    socket.send_frame({true, 8, std::string("\x03\xe8", 2)});

    EXPECT_EQ(socket.receive_close(), 1000);
    EXPECT_EQ(socket.tls().read_all(), "");
}

TEST(MockServer, HasTheNamesOfItsRelease)
{
    MockController old(MockOptions().profile(MockProfile::juju_3_6));
    MockController now;

    EXPECT_EQ(RawTls(old.endpoint(), old.ca_cert()).alternative_names(), "localhost,juju-apiserver,anything,juju-mongodb");
    EXPECT_EQ(RawTls(now.endpoint(), now.ca_cert()).alternative_names(), "localhost,juju-apiserver,anything");
    EXPECT_THROW(RawTls(old.endpoint(), now.ca_cert()), std::runtime_error);
}

TEST(MockServer, AnswersPlainHttp)
{
    MockController mock;

    const std::string health = get(mock, "/health");
    const std::string bad = get(mock, "/model/rubbish/api", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    const std::string missing = get(mock, "/api", "Connection: Upgrade\r\n");

    EXPECT_TRUE(health.starts_with("HTTP/1.1 200 OK\r\n")) << health;
    EXPECT_TRUE(health.ends_with("\r\n\r\nrunning\n")) << health;
    EXPECT_NE(health.find("text/plain; charset=utf-8"), std::string::npos);
    EXPECT_TRUE(bad.starts_with("HTTP/1.1 400 Bad Request\r\n")) << bad;
    EXPECT_TRUE(bad.ends_with("invalid model UUID \"rubbish\"\n")) << bad;
    EXPECT_TRUE(missing.starts_with("HTTP/1.1 426 Upgrade Required\r\n")) << missing;
    EXPECT_NE(missing.find("Sec-Websocket-Version: 13\r\n"), std::string::npos) << missing;
}

TEST(MockServer, RefusesAnUpgradeWhenToldTo)
{
    MockController mock(MockOptions().fault(MockFault(Kind::http_error).number(503).text("apiserver shutdown in progress")));

    const std::string answer = get(mock, "/api");

    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("apiserver shutdown in progress\n")) << answer;
    EXPECT_NO_THROW(logged_in(mock));
}

TEST(MockServer, RefusesConnectionsUntilTheFaultIsCleared)
{
    MockController mock;
    RawWebSocket before = logged_in(mock);

    mock.add_fault(MockFault(Kind::refuse));
    EXPECT_THROW(open(mock), std::runtime_error);
    EXPECT_EQ(before.call(ping), pong);
    mock.clear_faults();

    EXPECT_NO_THROW(logged_in(mock));
}

TEST(MockServer, EndsConnectionsAtEveryPhase)
{
    for (const Kind kind : {Kind::reset, Kind::close}) {
        for (const MockPhase phase : {MockPhase::accept, MockPhase::tls, MockPhase::upgrade, MockPhase::login}) {
            MockController mock(MockOptions().fault(MockFault(kind).at(phase)));
            EXPECT_THROW(logged_in(mock), std::runtime_error);
            EXPECT_NO_THROW(logged_in(mock));
        }
    }
    for (const Kind kind : {Kind::reset, Kind::close, Kind::tls_goodbye, Kind::half_close, Kind::websocket_close}) {
        MockController mock(MockOptions().fault(MockFault(kind)));
        RawWebSocket socket = logged_in(mock);
        EXPECT_THROW(socket.call(ping), std::runtime_error);
        EXPECT_NO_THROW(logged_in(mock));
    }
}

TEST(MockServer, StallsAndStillEndsAtOnce)
{
    for (const MockPhase phase : {MockPhase::accept, MockPhase::tls, MockPhase::upgrade, MockPhase::login, MockPhase::request}) {
        auto mock = std::make_unique<MockController>(MockOptions().fault(MockFault(Kind::stall).at(phase)));
        std::thread client([&mock = *mock] { EXPECT_THROW(logged_in(mock).call(ping), std::runtime_error); });
        while (mock->connections() == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        EXPECT_EQ(mock->connections(), 1U);

        mock->drop_connections();

        client.join();
    }
}

TEST(MockServer, TruncatesAReply)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);
    mock.add_fault(MockFault(Kind::truncate).number(5));
    socket.send(ping);

    EXPECT_EQ(socket.tls().read(2 + 5).substr(2), pong.substr(0, 5));
    EXPECT_EQ(socket.tls().read_all(), "");
}

TEST(MockServer, HoldsAndDelaysReplies)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);
    mock.add_fault(MockFault(Kind::hold));
    mock.add_fault(MockFault(Kind::delay).nth(2).delay(std::chrono::milliseconds(100)));
    const auto numbered = [](int id) {
        return R"({"request-id":)" + std::to_string(id) + R"(,"type":"Pinger","version":1,"request":"Ping"})";
    };
    for (int id = 10; id <= 12; ++id) {
        socket.send(numbered(id));
    }

    std::vector<int> order;
    for (int i = 0; i < 3; ++i) {
        order.push_back(Json::parse(socket.receive()).at("request-id").get<int>());
    }

    EXPECT_EQ(order, (std::vector<int>{12, 10, 11}));
}

TEST(MockServer, DropsAndClosesConnectionsOnDemand)
{
    MockController mock;
    RawWebSocket first = logged_in(mock);
    mock.drop_connections();
    EXPECT_THROW(first.receive_frame(), std::runtime_error);
    EXPECT_EQ(mock.connections(), 0U);

    RawWebSocket second = logged_in(mock);
    mock.close_connections();

    EXPECT_EQ(second.receive_close(), 1000);
    EXPECT_EQ(mock.total_connections(), 2U);
    EXPECT_EQ(mock.total_requests(), 2U);
}

TEST(MockServer, RecordsMessagesInOrder)
{
    MockController mock;
    RawWebSocket socket = logged_in(mock);
    mock.clear_transcript();

    (void)socket.call(ping);

    const auto messages = mock.transcript();
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].text, ping);
    EXPECT_EQ(messages[0].direction, MockDirection::from_client);
    EXPECT_EQ(messages[1].text + '\n', pong);
    EXPECT_EQ(messages[1].connection, 1U);
}

TEST(MockServer, MayBeWatchedWhileItAnswers)
{
    MockController mock;
    std::thread client([&mock] {
        RawWebSocket socket = logged_in(mock);
        for (int i = 0; i < 100; ++i) {
            (void)socket.call(
                R"({"request-id":2,"type":"Secrets","version":2,"request":"CreateSecrets","params":{"args":[{"content":{"data":{"k":"AAAA"}}}]}})");
        }
    });

    while (mock.secrets().size() < 100) {
        mock.set_access("admin", MockAccess::admin);
        (void)mock.redacted_transcript();
    }

    client.join();
    EXPECT_EQ(mock.secrets().size(), 100U);
}

TEST(MockServer, RefusesAPortThatIsTaken)
{
    MockController mock;
    const auto port = static_cast<unsigned short>(std::stoul(mock.endpoint().substr(mock.endpoint().find(':') + 1)));

    EXPECT_THROW(MockController(MockOptions().port(port)), std::system_error);
}

TEST(MockServer, HoldsSecretBackends)
{
    MockController mock;
    MockSecretBackend vault("myvault");
    vault.config = {{"endpoint", "https://vault.example.com:8200"}, {"token", "s.abc"}};
    vault.token_rotate_interval = std::chrono::hours(24);
    vault.reachable = false;
    MockSecretBackend named("cluster", "kubernetes");
    named.id = "mine";
    mock.add_charm_secret("application-mysql", "root", {{"k", "AAAA"}});

    const std::string id = mock.add_secret_backend(vault);
    EXPECT_EQ(mock.add_secret_backend(named), "mine");

    ASSERT_EQ(mock.secret_backends().size(), 2U);
    const MockSecretBackend held = mock.secret_backends().front();
    EXPECT_EQ(held.id, id);
    EXPECT_EQ(held.name, "myvault");
    EXPECT_EQ(held.type, "vault");
    EXPECT_EQ(held.config, vault.config);
    EXPECT_EQ(held.token_rotate_interval, vault.token_rotate_interval);
    EXPECT_FALSE(held.reachable);
    EXPECT_TRUE(mock.secret_backends().back().reachable);
    EXPECT_FALSE(mock.secret_backends().back().token_rotate_interval);
    mock.set_secret_backend_reachable("myvault", true);
    EXPECT_TRUE(mock.secret_backends().front().reachable);
    EXPECT_THROW(mock.add_secret_backend(vault), std::invalid_argument);
    EXPECT_THROW(mock.add_secret_backend(MockSecretBackend("internal")), std::invalid_argument);
    EXPECT_THROW(mock.add_secret_backend(MockSecretBackend("x", "strange")), std::invalid_argument);

    EXPECT_EQ(mock.model_secret_backend(), "auto");
    mock.set_model_secret_backend("myvault");
    EXPECT_EQ(mock.model_secret_backend(), "myvault");
    EXPECT_EQ(mock.secrets().front().revisions.front().backend, "myvault");
    mock.set_model_secret_backend("auto");
    EXPECT_EQ(mock.secrets().front().revisions.front().backend, "internal");
    EXPECT_THROW(mock.set_model_secret_backend("nope"), std::invalid_argument);
}

TEST(MockServer, ShowsSettingsThatAreNoTextsAsJson)
{
    MockController mock(MockOptions().state_yaml("users: [{name: admin, password: s3cret, access: admin}]"));
    RawWebSocket socket(mock.endpoint(), mock.ca_cert(), "/api");
    (void)socket.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":)"
                      R"({"auth-tag":"user-admin","credentials":"s3cret"}})");

    const std::string reply = socket.call(R"({"request-id":2,"type":"SecretBackends","version":1,"request":"AddSecretBackends",)"
                                          R"("params":{"args":[{"name":"k","backend-type":"kubernetes","config":{"endpoint":"http://k",)"
                                          R"("namespace":"n","skip-tls-verify":true,"ca-certs":["a","b"]}}]}})");

    EXPECT_EQ(reply, R"({"request-id":2,"response":{"results":[{}]}})"
                     "\n");
    ASSERT_EQ(mock.secret_backends().size(), 1U);
    EXPECT_EQ(mock.secret_backends().front().config,
              (std::map<std::string, std::string>{
                  {"endpoint", "http://k"}, {"namespace", "n"}, {"skip-tls-verify", "true"}, {"ca-certs", R"(["a","b"])"}}));
}

} // namespace
} // namespace juju::test
