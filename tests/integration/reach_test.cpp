// Several addresses, certificates, redirects and proxies: how a controller is reached.

#include "support/client.hpp"
#include "support/store_directory.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;
using Clock = std::chrono::steady_clock;

bool mentions(const Error& error, std::string_view text)
{
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

ConnectOptions login_to(const MockController& mock)
{
    return ConnectOptions().model_uuid(mock.model_uuid()).username("admin").password(mock.password()).ca_cert(mock.ca_cert());
}

/// Sockets that this process has open.
std::size_t open_sockets()
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry.path(), gone);
        count += !gone && target.string().starts_with("socket:") ? 1 : 0;
    }
    return count;
}

/// An address that refuses.
std::string refusing_address()
{
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor acceptor(context, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
}

class ReachTest : public testing::TestWithParam<MockProfile> {
protected:
    MockOptions options() const { return MockOptions().profile(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ReachTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ReachTest, TakesTheGoodOneOfFourAddresses)
{
    Client client(options().nodes(2));
    client.mock.black_hole_node(0);
    const MockController stranger(options());
    const auto refusing = refusing_address();
    const auto black_hole = client.mock.endpoints()[0];
    const auto good = client.mock.endpoints()[1];
    const auto before = open_sockets();
    auto four = login_to(client.mock).endpoint(black_hole).endpoint(refusing).endpoint(stranger.endpoint()).endpoint(good);

    client.run(client.model.connect(four));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(stranger.total_requests(), 0U) << "a stranger gets no password";
    const auto told = client.model.diagnostics();
    for (const auto& address : {black_hole, refusing, stranger.endpoint(), good})
        EXPECT_NE(told.find("\"address\": \"" + address + "\""), std::string::npos) << told;
    EXPECT_NE(told.find(R"("result": "given up")"), std::string::npos) << told;
    client.run(client.model.disconnect());

    client.mock.stop_node(1);
    four.connect_timeout(3s);
    Model other(client.context.get_executor()); // one that knows of no address yet
    const Error error = client.error_of(other.connect(four));

    EXPECT_EQ(error.code(), errc::timed_out) << error.what();
    ASSERT_EQ(error.items().size(), 4U) << error.what();
    EXPECT_EQ(error.items()[0].subject(), black_hole);
    EXPECT_EQ(error.items()[0].error()->code(), errc::timed_out);
    EXPECT_EQ(error.items()[1].error()->code(), boost::asio::error::connection_refused);
    EXPECT_EQ(error.items()[2].error()->code(), errc::certificate_rejected);
    EXPECT_EQ(error.items()[3].error()->code(), boost::asio::error::connection_refused);
    EXPECT_TRUE(mentions(error, black_hole + ": no answer in phase: TCP connection (after ")) << error.what();
    EXPECT_TRUE(mentions(error, "TCP connection to " + refusing + " failed: Connection refused")) << error.what();
    EXPECT_TRUE(mentions(error, "the certificate is not accepted")) << error.what();
    client.context.poll();
    const auto deadline = Clock::now() + 10s;
    while (open_sockets() > before && Clock::now() < deadline)
        std::this_thread::sleep_for(1ms);
    EXPECT_LE(open_sockets(), before);
}

TEST_P(ReachTest, DoesNotTryARefusedLoginElsewhere)
{
    Client client(options().nodes(3));
    auto all = login_to(client.mock).password("wrong");
    for (const auto& endpoint : client.mock.endpoints())
        all.endpoint(endpoint);

    EXPECT_EQ(client.error_of(client.model.connect(all)).code(), errc::login_failed);
    EXPECT_EQ(client.mock.total_requests(), 1U);
}

TEST_P(ReachTest, GoesOnWhereALoginIsLost)
{
    Client client(options().nodes(2));
    for (const auto kind : {MockFaultKind::reset, MockFaultKind::stall, MockFaultKind::garbage}) {
        client.mock.add_fault(MockFault(kind).at(MockPhase::login));
        auto both = login_to(client.mock).endpoint(client.mock.endpoints()[0]).endpoint(client.mock.endpoints()[1]);
        client.run(client.model.connect(both.connect_timeout(6s)));
        EXPECT_TRUE(client.model.is_connected());
    }
}

TEST_P(ReachTest, UsesTheAddressesOfTheLoginAfterALoss)
{
    Client client(options().nodes(2));
    const auto only_first = login_to(client.mock).endpoint(client.mock.endpoints()[0]);
    client.run(client.model.connect(only_first));

    client.mock.stop_node(0);
    client.run(client.model.connect(only_first));

    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(client.mock.connections(1), 1U);
}

TEST_P(ReachTest, CancelsAtAnyMoment)
{
    Client client(options().nodes(1));
    client.mock.black_hole_node(0);
    const auto before = open_sockets();
    for (const auto time : {0ms, 1ms, 10ms, 60ms}) {
        auto call = client.model.connect(login_to(client.mock).endpoint(client.mock.endpoint()).endpoint("no-such-host.invalid"));
        EXPECT_EQ(client.error_of(with_timeout(time, std::move(call))).code(), errc::timed_out);
    }
    client.context.poll();
    EXPECT_LE(open_sockets(), before + 1) << "the looking up of a name may go on";
}

struct Certificate {
    MockCertificate kind;
    std::string_view reason; ///< of the refusal; empty: it is accepted
};

TEST_P(ReachTest, JudgesCertificates)
{
    const std::vector<Certificate> certificates = {
        {MockCertificate::normal, ""},
        {MockCertificate::other_ca, "self-signed certificate in certificate chain"},
        {MockCertificate::other_name, "hostname mismatch"},
        {MockCertificate::expired, "certificate has expired"},
        {MockCertificate::not_yet_valid, "certificate is not yet valid"},
        {MockCertificate::self_signed, "self-signed certificate"},
        {MockCertificate::missing_intermediate, "unable to get local issuer certificate"},
        {MockCertificate::client_only, "unsuitable certificate purpose"},
        {MockCertificate::no_signatures, "unsuitable certificate purpose"},
        {MockCertificate::sha1, "CA signature digest algorithm too weak"},
        {MockCertificate::ip_only, "hostname mismatch"},
        {MockCertificate::long_chain, ""},
        {MockCertificate::asks_client, ""},
    };
    for (const auto& certificate : certificates) {
        Client client(options().certificate(certificate.kind));
        SCOPED_TRACE(static_cast<int>(certificate.kind));
        if (certificate.reason.empty()) {
            client.connect();
            EXPECT_TRUE(client.model.is_connected());
            continue;
        }
        const Error error = client.error_of(client.model.connect(client.mock.connect_options()));
        EXPECT_EQ(error.code(), errc::certificate_rejected);
        EXPECT_EQ(std::string(error.what()), "TLS handshake with " + client.mock.endpoint() + " failed: the certificate is not accepted: " +
                                                 std::string(certificate.reason) + "; check that ca_cert is this controller's CA");
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_EQ(client.mock.total_requests(), 0U);
        client.run(client.model.connect(client.mock.connect_options().insecure_skip_verification(true)));
        EXPECT_TRUE(client.model.is_connected()) << "only by that name";
    }
}

TEST_P(ReachTest, SpeaksNoOldTls)
{
    Client client(options().certificate(MockCertificate::tls_1_1));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options().insecure_skip_verification(true)));

    EXPECT_EQ(error.code().category(), boost::asio::error::get_ssl_category());
    EXPECT_EQ(std::string(error.what()),
              "TLS handshake with " + client.mock.endpoint() + " failed: tlsv1 alert protocol version (SSL routines)");
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(client.mock.total_requests(), 0U);
}

TEST_P(ReachTest, HasNoCertificateOfItsOwn)
{
    Client client(options().certificate(MockCertificate::requires_client));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options()));

    // The controller refuses when the handshake is over for the client, and how that shows depends on timing.
    EXPECT_TRUE(std::string_view(error.what()).starts_with("WebSocket upgrade at " + client.mock.endpoint() + " failed: ")) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_EQ(client.mock.total_requests(), 0U);
}

TEST_P(ReachTest, BelievesAPublicCertificateByItsName)
{
    Client client(options().public_dns_name("controller.example.com").certificate(MockCertificate::other_ca));
    const support::TemporaryDirectory directory;
    directory.write("roots.pem", client.mock.public_ca_cert());
    support::ScopedEnvironment environment;
    environment.set("SSL_CERT_FILE", directory.string() + "/roots.pem");

    const auto by_name = client.mock.connect_options().ca_cert("").public_dns_name("controller.example.com");
    client.run(client.model.connect(by_name));
    EXPECT_TRUE(client.model.is_connected());

    const auto both = client.mock.connect_options().public_dns_name("controller.example.com");
    client.run(client.model.connect(both));
    EXPECT_TRUE(client.model.is_connected()) << "the CA does not do, the name does";

    const Error other = client.error_of(client.model.connect(client.mock.connect_options().public_dns_name("other.example.com")));
    EXPECT_EQ(other.code(), errc::certificate_rejected);
    EXPECT_TRUE(mentions(other, "check that ca_cert is this controller's CA")) << "the first reason: " << other.what();
}

constexpr const char* moved_state = "model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: demo, owner: admin}\n"
                                    "users: [{name: admin, password: s3cret, access: admin}]\n";

TEST_P(ReachTest, WarnsOnceWhenNothingIsVerified)
{
    std::vector<std::string> warnings;
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level == LogLevel::warn && line.starts_with("certificates"))
            warnings.emplace_back(line);
    });
    const std::vector<std::string> one(
        1, "certificates are not verified (ConnectOptions::insecure_skip_verification): anybody on the way can read everything");
    Client client(options().nodes(2).state_yaml(moved_state));
    auto all = client.mock.connect_options().endpoint(client.mock.endpoints()[1]).insecure_skip_verification(true);
    client.run(client.model.connect(all));
    EXPECT_EQ(warnings, one) << "with two addresses";

    warnings.clear();
    client.run(client.model.connect(
        login_to(client.mock).endpoint(client.mock.endpoint()).model_uuid("").model("admin/demo").insecure_skip_verification(true)));
    EXPECT_EQ(warnings, one) << "with a name that is looked up on a connection of its own";

    const MockController target(options().state_yaml(moved_state));
    client.mock.set_redirect(MockRedirect(target));
    warnings.clear();
    client.run(client.model.connect(all.follow_migration(true)));
    EXPECT_EQ(warnings, one) << "with a redirect";
    set_log_sink({});
}

TEST_P(ReachTest, FollowsAMigratedModelOnlyWhenTold)
{
    Client client(options().state_yaml(moved_state));
    const MockController target(options().state_yaml(moved_state));
    client.mock.set_redirect(MockRedirect(target));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options()));

    EXPECT_EQ(error.code(), errc::redirected) << error.what();
    EXPECT_TRUE(mentions(error, "migrated to the controller at " + target.endpoint())) << error.what();
    EXPECT_NE(error.server_info().find("ca-cert"), std::string::npos);
    EXPECT_EQ(target.total_connections(), 0U) << "no password is sent on";

    client.run(client.model.connect(client.mock.connect_options().follow_migration(true)));
    EXPECT_TRUE(client.run(client.model.list_secrets()).empty());
    EXPECT_EQ(target.connections(), 1U);
}

TEST_P(ReachTest, DoesNotFollowARedirectWithoutACertificate)
{
    Client client(options().state_yaml(moved_state));
    const MockController target(options().state_yaml(moved_state));
    client.mock.set_redirect(MockRedirect(target).ca_cert(""));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options().follow_migration(true)));

    EXPECT_EQ(error.code(), errc::redirected) << error.what();
    EXPECT_TRUE(mentions(error, "has no CA certificate")) << error.what();
    EXPECT_EQ(target.total_connections(), 0U);
}

TEST_P(ReachTest, EndsARedirectLoop)
{
    Client client(options().state_yaml(moved_state));
    MockController target(options().state_yaml(moved_state));
    client.mock.set_redirect(MockRedirect(target));
    target.set_redirect(MockRedirect(client.mock));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options().follow_migration(true)));

    EXPECT_EQ(error.code(), errc::redirect_loop) << error.what();
}

TEST_P(ReachTest, FollowsAJaasRedirectWithoutThePassword)
{
    Client client(options().state_yaml(moved_state));
    const MockController target(options().state_yaml(moved_state));
    client.mock.set_redirect(MockRedirect(target).jaas_style(true));

    const Error error = client.error_of(client.model.connect(client.mock.connect_options()));

    EXPECT_EQ(error.code(), errc::permission_denied) << error.what();
    EXPECT_GE(target.total_requests(), 1U);
    for (const auto& message : target.transcript())
        EXPECT_EQ(message.text.find("s3cret"), std::string::npos) << message.text;
}

TEST_P(ReachTest, NamesTheCommandForAControllerInACluster)
{
    Client client(options());
    const support::TemporaryDirectory store;
    client.mock.write_client_store(store.path(),
                                   MockStoreOptions().proxy("kubernetes-port-forward", {{"api-host", "https://192.0.2.20:16443"},
                                                                                        {"namespace", "controller-k8s-east"},
                                                                                        {"remote-port", "17070"},
                                                                                        {"service", "controller-service"},
                                                                                        {"service-account-token", "token-MARKER"}}));

    const Error error = client.error_of(client.model.connect(ConnectOptions().store_directory(store.string())));

    EXPECT_EQ(error.code(), errc::not_supported) << error.what();
    EXPECT_TRUE(mentions(error, "kubectl port-forward --namespace controller-k8s-east service/controller-service 17070:17070"))
        << error.what();
    EXPECT_FALSE(mentions(error, "MARKER"));
}

TEST_P(ReachTest, TellsWhatTheHandshakeWasRefusedFor)
{
    Client client(options());
    client.mock.set_handshake(MockHandshake::shutting_down);
    const Error down = client.error_of(client.model.connect(client.mock.connect_options()));
    EXPECT_EQ(down.code(), errc::upgrade_refused);
    EXPECT_TRUE(mentions(down, "apiserver shutdown in progress")) << down.what();

    client.mock.set_handshake(MockHandshake::silent);
    const Error silent = client.error_of(client.model.connect(client.mock.connect_options().connect_timeout(2s)));
    EXPECT_EQ(silent.code(), errc::timed_out);
    EXPECT_TRUE(mentions(silent, "no answer in phase: login")) << silent.what();
}

} // namespace
} // namespace juju
