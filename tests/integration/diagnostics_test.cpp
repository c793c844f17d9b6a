// The JSON of `diagnostics`: its members, what they say, and what they do not.

#include "support/client.hpp"

#include <nlohmann/json.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using Names = std::set<std::string>;

Names names_of(const json& object)
{
    Names names;
    for (const auto& [name, value] : object.items())
        names.insert(name);
    return names;
}

const Names always{"versions", "connected", "facades", "connections", "pings", "in_flight", "requests", "errors", "last_errors"};

Names with(Names names, const Names& more)
{
    names.insert(more.begin(), more.end());
    return names;
}

/// Of the certificate that a TLS server sends, as the openssl command shows it.
std::string certificate_fingerprint(const std::string& endpoint)
{
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const std::unique_ptr<BIO, void (*)(BIO*)> connection(BIO_new_ssl_connect(context.get()), BIO_free_all);
    BIO_set_conn_hostname(connection.get(), endpoint.c_str());
    if (BIO_do_handshake(connection.get()) != 1)
        return "no handshake";
    SSL* ssl = nullptr;
    BIO_get_ssl(connection.get(), &ssl);
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl), X509_free);
    std::vector<unsigned char> digest(32);
    X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr);
    std::ostringstream text;
    text << std::hex << std::uppercase << std::setfill('0');
    for (std::size_t i = 0; i < digest.size(); ++i)
        text << (i == 0 ? "" : ":") << std::setw(2) << static_cast<int>(digest[i]);
    return text.str();
}

class DiagnosticsTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    DiagnosticsTest() : Client(MockOptions().profile(GetParam()).user("USERMARKER", "PASSWORDMARKER", MockAccess::admin)) {}

    ConnectOptions options() const { return mock.connect_options().username("USERMARKER").password("PASSWORDMARKER"); }

    json told() const { return json::parse(model.diagnostics()); }

    /// Lets the call go so far that its request is under way; no thread runs the connection any more then.
    void start(boost::asio::awaitable<SecretUri> call)
    {
        boost::asio::co_spawn(context, std::move(call), [](std::exception_ptr, const SecretUri&) {});
        context.restart();
        while (told()["in_flight"].empty() && context.poll_one() != 0) {
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, DiagnosticsTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(DiagnosticsTest, BeforeTheFirstConnect)
{
    const auto all = told();

    EXPECT_EQ(names_of(all), always);
    EXPECT_EQ(names_of(all["versions"]),
              (Names{"library", "compiler", "boost", "openssl", "openssl_in_use", "nlohmann_json", "simdjson", "yaml_cpp"}));
    for (const auto& [name, value] : all["versions"].items())
        EXPECT_FALSE(value.get<std::string>().empty()) << name;
    EXPECT_EQ(all["versions"]["library"], "0.1.0");
    EXPECT_EQ(all["connected"], false);
    EXPECT_EQ(all["facades"], json::object());
    EXPECT_EQ(all["connections"], json::parse(R"({"connects":0,"failed_connects":0,"losses":0,"reconnects":0,"failed_reconnects":0})"));
    EXPECT_EQ(all["pings"], json::parse(R"({"answered":0,"last_us":null,"shortest_us":null,"longest_us":null})"));
    EXPECT_EQ(all["in_flight"], json::array());
    EXPECT_EQ(all["requests"],
              json::parse(R"({"ended":0,"succeeded":0,"not_sent":0,"rejected":0,"unknown":0,"timed_out":0,"canceled":0,"repeated":0,)"
                          R"("late_replies":0,"bytes_sent":0,"bytes_received":0})"));
    EXPECT_EQ(all["errors"], json::object());
    EXPECT_EQ(all["last_errors"], json::array());
}

TEST_P(DiagnosticsTest, OfAConnectionInUse)
{
    run(model.connect(options()));
    run(model.add_secret("SECRETMARKER", {"password=VALUEMARKER"}, "DESCRIPTIONMARKER"));
    error_of(model.add_secret("SECRETMARKER", {"password=VALUEMARKER"}));
    error_of(model.remove_secret("OTHERMARKER"));

    const auto all = told();
    EXPECT_EQ(names_of(all), with(always, {"address", "ip", "tls", "controller", "model", "juju", "secrets_versions", "login", "user",
                                           "store", "attempts"}));
    EXPECT_EQ(all["connected"], true);
    EXPECT_EQ(all["address"], mock.endpoint());
    EXPECT_EQ(all["ip"], "127.0.0.1");
    EXPECT_EQ(all["controller"], "controller-" + mock.controller_uuid());
    EXPECT_EQ(all["model"], "model-" + mock.model_uuid());
    EXPECT_EQ(all["juju"], GetParam() == MockProfile::juju_3_6 ? "3.6.28" : "4.0.15");
    EXPECT_EQ(all["secrets_versions"], json::parse("[1,2]"));
    EXPECT_EQ(all["login"], "password");
    EXPECT_EQ(all["user"], "local user");
    EXPECT_EQ(all["store"], false);
    EXPECT_EQ(all["attempts"].size(), 1U);
    EXPECT_EQ(names_of(all["attempts"][0]), (Names{"address", "phase", "ms", "result"}));
    EXPECT_EQ(all["facades"], json::parse(R"({"Admin":3,"Secrets":2})"));
    EXPECT_EQ(all["connections"]["connects"], 1);
    EXPECT_EQ(all["requests"]["ended"], 4);
    EXPECT_EQ(all["requests"]["succeeded"], 2);
    EXPECT_EQ(all["requests"]["rejected"], 2);
    EXPECT_EQ(all["errors"], json::parse(R"({"already exists":1,"not found":1})"));
    ASSERT_EQ(all["last_errors"].size(), 2U);
    EXPECT_EQ(names_of(all["last_errors"][0]), (Names{"error", "request", "ms_ago"}));
    EXPECT_EQ(all["last_errors"][0]["error"], "not found");
    EXPECT_EQ(all["last_errors"][0]["request"], "Secrets.RemoveSecrets");
    EXPECT_EQ(all["last_errors"][1]["error"], "already exists");
    EXPECT_EQ(all["last_errors"][1]["request"], "Secrets.CreateSecrets");

    std::size_t sent = 0;
    std::size_t received = 0;
    for (const auto& message : mock.transcript())
        (message.direction == MockDirection::from_client ? sent : received) += message.text.size();
    EXPECT_EQ(all["requests"]["bytes_sent"], sent);
    EXPECT_EQ(all["requests"]["bytes_received"], received + 4) << "a newline follows each reply";
    EXPECT_EQ(model.diagnostics().find("MARKER"), std::string::npos) << model.diagnostics();
    EXPECT_EQ(model.diagnostics().find("demo"), std::string::npos) << "the model: " << model.diagnostics();
}

TEST_P(DiagnosticsTest, OfTheCertificate)
{
    run(model.connect(options()));

    const auto tls = told()["tls"];

    EXPECT_EQ(names_of(tls), (Names{"version", "cipher", "certificate_sha256", "certificate_not_after"}));
    EXPECT_EQ(tls["version"], "TLSv1.3");
    EXPECT_EQ(tls["cipher"].get<std::string>().substr(0, 4), "TLS_");
    EXPECT_EQ(tls["certificate_sha256"], certificate_fingerprint(mock.endpoint()));
    const auto not_after = tls["certificate_not_after"].get<std::string>();
    ASSERT_EQ(not_after.size(), 20U);
    EXPECT_EQ(not_after[4], '-');
    EXPECT_EQ(not_after[10], 'T');
    EXPECT_EQ(not_after.back(), 'Z');
    EXPECT_GT(not_after, "2026");
}

TEST_P(DiagnosticsTest, OfAConnectThatFailed)
{
    error_of(model.connect(options().password("WRONGMARKER")));
    const auto refused = told();
    EXPECT_EQ(names_of(refused), with(always, {"error", "step", "attempts"}));
    EXPECT_EQ(refused["connected"], false);
    EXPECT_EQ(refused["error"], "login failed");
    EXPECT_EQ(refused["step"], "a connection");
    EXPECT_EQ(refused["attempts"][0]["phase"], "login");
    EXPECT_EQ(refused["attempts"][0]["result"], "login failed");
    EXPECT_EQ(refused["connections"]["failed_connects"], 1);
    EXPECT_EQ(model.diagnostics().find("MARKER"), std::string::npos) << model.diagnostics();

    mock.stop_node(0);
    error_of(model.connect(options()));
    const auto unreachable = told();
    EXPECT_EQ(unreachable["error"], "Connection refused");
    EXPECT_NE(unreachable["attempts"][0]["result"].get<std::string>().find("Connection refused"), std::string::npos);
    EXPECT_EQ(unreachable["last_errors"][0]["error"], "Connection refused");
    EXPECT_EQ(unreachable["last_errors"][0]["request"], "connect");
}

TEST_P(DiagnosticsTest, OfLossesAndReconnects)
{
    run(model.connect(options()));
    mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));
    EXPECT_TRUE(run(model.list_secrets()).empty());

    const auto all = told();
    EXPECT_EQ(all["connected"], true);
    EXPECT_EQ(all["connections"], json::parse(R"({"connects":1,"failed_connects":0,"losses":1,"reconnects":1,"failed_reconnects":0})"));
    EXPECT_EQ(all["requests"]["repeated"], 1);
    EXPECT_EQ(all["errors"], json::parse(R"({"connection lost":1})"));

    run(model.disconnect());
    EXPECT_EQ(told()["connected"], false);
    EXPECT_EQ(told()["connections"]["losses"], 1) << "a goodbye is no loss";
}

/// The members that a section of the document has a row for.
Names documented(const std::string& text, const std::string& section)
{
    const auto start = text.find("\n## " + section + '\n');
    const auto end = text.find("\n## ", start + 1);
    std::istringstream lines(text.substr(start, end - start));
    Names names;
    const std::regex name("`(\\w+)`");
    for (std::string line; std::getline(lines, line);) {
        const auto cell = line.substr(0, line.find('|', 1));
        if (!line.starts_with("| `"))
            continue;
        for (std::sregex_iterator match(cell.begin(), cell.end(), name), none; match != none; ++match)
            names.insert((*match)[1].str());
    }
    return names;
}

TEST_P(DiagnosticsTest, AreDocumented)
{
    std::ifstream file(std::string(JUJU_PROJECT) + "/docs/reference/diagnostics.md");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto attempted = with(always, documented(text, "After an attempt to connect, whether it succeeded or not"));

    EXPECT_EQ(documented(text, "Always there"), names_of(told()));
    run(model.connect(options()));
    const auto connected = told();
    EXPECT_EQ(with(attempted, documented(text, "After one that succeeded")), names_of(connected));
    for (const char* object : {"versions", "tls", "connections", "pings", "requests"}) {
        for (const auto& name : names_of(connected[object]))
            EXPECT_NE(text.find('`' + name + '`'), std::string::npos) << object << '.' << name;
    }
    mock.stop_node(0);
    error_of(model.connect(options()));
    EXPECT_EQ(with(attempted, documented(text, "After one that failed")), names_of(told()));
}

/// A call is under way, nothing runs the connection, and the answer comes all the same, at once.
TEST_P(DiagnosticsTest, NeverWaits)
{
    using Kind = MockFaultKind;
    for (const auto kind :
         {Kind::reset, Kind::close, Kind::stall, Kind::half_close, Kind::tls_goodbye, Kind::websocket_close, Kind::withhold, Kind::delay,
          Kind::hold, Kind::duplicate, Kind::unknown_id, Kind::garbage, Kind::oversize, Kind::truncate, Kind::error}) {
        SCOPED_TRACE(static_cast<int>(kind));
        mock.clear_faults();
        run(model.connect(options()));
        mock.add_fault(MockFault(kind).method("CreateSecrets").number(10).delay(1h));
        start(model.add_secret("", {"key=value"}));

        auto shortest = std::chrono::steady_clock::duration::max();
        std::string text;
        for (int i = 0; i < 20; ++i) {
            const auto before = std::chrono::steady_clock::now();
            text = model.diagnostics();
            shortest = std::min(shortest, std::chrono::steady_clock::now() - before);
        }

        EXPECT_LT(shortest, 10ms);
        const auto under_way = json::parse(text)["in_flight"];
        ASSERT_EQ(under_way.size(), 1U) << text;
        EXPECT_EQ(names_of(under_way[0]), (Names{"request", "ms"}));
        EXPECT_EQ(under_way[0]["request"], "Secrets.CreateSecrets");
        EXPECT_EQ(names_of(json::parse(text)).size(), 20U);
        for (int i = 0; i < 100; ++i) {
            context.run_one_for(1ms);
            EXPECT_TRUE(json::accept(model.diagnostics()));
        }
        context.restart();
        mock.drop_connections();
        while (model.is_connected())
            context.run_one_for(1ms);
        context.restart();
    }
}

TEST_P(DiagnosticsTest, AnyThreadMayAskWhileCallsRun)
{
    run(model.connect(options()));
    std::atomic<bool> is_done = false;
    std::size_t asked = 0;
    std::thread other([&] {
        do {
            EXPECT_TRUE(json::accept(model.diagnostics()));
            ++asked;
        } while (!is_done);
    });
    for (int i = 0; i < 50; ++i) {
        if (i % 10 == 0)
            mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets"));
        run(model.list_secrets());
        error_of(model.remove_secret("none"));
    }
    is_done = true;
    other.join();

    EXPECT_GT(asked, 0U);
    EXPECT_EQ(told()["requests"]["rejected"], 50);
    EXPECT_EQ(told()["connections"]["reconnects"], 5);
}

} // namespace
} // namespace juju
