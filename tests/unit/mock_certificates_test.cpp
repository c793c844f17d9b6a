#include <juju/mock_controller.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>

namespace juju::test {
namespace {

using Kind = MockCertificate;

/// A TLS connection that lets everything pass and says what it found wrong.
class Probe {
public:
    Probe(const std::string& endpoint, const std::string& ca_cert, const std::string& name, int depth = 100, bool old = false)
        : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free), ssl_(nullptr, &SSL_free)
    {
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_mem_buf(ca_cert.data(), static_cast<int>(ca_cert.size())),
                                                                &BIO_free_all);
        X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate);
        X509_free(certificate);
        if (old) {
            SSL_CTX_set_security_level(context_.get(), 0);
            SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        }
        SSL_CTX_set_verify_depth(context_.get(), depth);
        SSL_CTX_set_client_cert_cb(context_.get(), &Probe::asked);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_app_data(ssl_.get(), this);
        connect_to(endpoint);
        SSL_set_fd(ssl_.get(), socket_);
        if (!name.empty()) {
            SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
            SSL_set1_host(ssl_.get(), name.c_str());
        }
        ERR_clear_error();
        connected_ = SSL_connect(ssl_.get()) == 1;
    }
    ~Probe()
    {
        ssl_.reset();
        ::close(socket_);
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    bool connected() const { return connected_; }
    bool was_asked() const { return asked_; }
    long problem() const { return SSL_get_verify_result(ssl_.get()); }
    std::string protocol() const { return SSL_get_version(ssl_.get()); }
    int certificates_sent() const { return sk_X509_num(SSL_get_peer_cert_chain(ssl_.get())); }

    /// Sends a request. @return whether an answer comes
    bool is_answered()
    {
        std::signal(SIGPIPE, SIG_IGN); // the connection may have been reset
        const std::string request = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
        SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
        char byte = 0;
        return SSL_read(ssl_.get(), &byte, 1) == 1;
    }

private:
    static int asked(SSL* ssl, X509** /*certificate*/, EVP_PKEY** /*key*/)
    {
        static_cast<Probe*>(SSL_get_app_data(ssl))->asked_ = true;
        return 0;
    }

    void connect_to(const std::string& endpoint)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval limit{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot connect");
        }
    }

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    int socket_ = -1;
    bool connected_ = false;
    bool asked_ = false;
};

struct Case {
    const char* name;
    long problem; ///< OpenSSL's verdict for a client that checks the name `juju-apiserver`
    int sent;     ///< certificates
};

class MockCertificates : public testing::TestWithParam<Case> {};

TEST_P(MockCertificates, AreWhatTheySay)
{
    for (const MockProfile profile : {MockProfile::juju_3_6, MockProfile::juju_4_0}) {
        MockController mock(MockOptions().profile(profile).certificate(parse_mock_certificate(GetParam().name)));

        Probe probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver");

        EXPECT_TRUE(probe.connected());
        EXPECT_EQ(probe.problem(), GetParam().problem) << X509_verify_cert_error_string(probe.problem());
        EXPECT_EQ(probe.certificates_sent(), GetParam().sent);
    }
}

std::string case_name(const testing::TestParamInfo<Case>& info)
{
    std::string name = info.param.name;
    std::erase(name, '-');
    return name;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, MockCertificates,
    testing::Values(Case{"normal", X509_V_OK, 2}, Case{"other-ca", X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 2},
                    Case{"other-name", X509_V_ERR_HOSTNAME_MISMATCH, 2}, Case{"expired", X509_V_ERR_CERT_HAS_EXPIRED, 2},
                    Case{"not-yet-valid", X509_V_ERR_CERT_NOT_YET_VALID, 2}, Case{"self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 1},
                    Case{"missing-intermediate", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 1},
                    Case{"client-only", X509_V_ERR_INVALID_PURPOSE, 2}, Case{"no-signatures", X509_V_ERR_INVALID_PURPOSE, 2},
                    Case{"sha1", X509_V_ERR_CA_MD_TOO_WEAK, 2}, Case{"ip-only", X509_V_ERR_HOSTNAME_MISMATCH, 2},
                    Case{"long-chain", X509_V_OK, 14}, Case{"asks-client", X509_V_OK, 2}, Case{"requires-client", X509_V_OK, 2}),
    case_name);

TEST(MockCertificate, SpeaksNothingNewerThanTls11)
{
    MockController mock(MockOptions().certificate(Kind::tls_1_1));

    EXPECT_FALSE(Probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver").connected());
    Probe old(mock.endpoint(), mock.ca_cert(), "juju-apiserver", 100, true);
    EXPECT_TRUE(old.connected());
    EXPECT_EQ(old.protocol(), "TLSv1.1");
}

TEST(MockCertificate, SpeaksNothingOlderThanTls12Else)
{
    MockController mock;

    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver").protocol(), "TLSv1.3");
}

TEST(MockCertificate, HasAChainThatIsTooLongForADepthOfTen)
{
    MockController mock(MockOptions().certificate(Kind::long_chain));

    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver", 10).problem(), X509_V_ERR_CERT_CHAIN_TOO_LONG);
}

TEST(MockCertificate, AsksForTheClients)
{
    MockController normal;
    MockController asking(MockOptions().certificate(Kind::asks_client));
    MockController requiring(MockOptions().certificate(Kind::requires_client));

    Probe unasked(normal.endpoint(), normal.ca_cert(), "juju-apiserver");
    Probe asked(asking.endpoint(), asking.ca_cert(), "juju-apiserver");
    Probe refused(requiring.endpoint(), requiring.ca_cert(), "juju-apiserver");

    EXPECT_FALSE(unasked.was_asked());
    EXPECT_TRUE(asked.was_asked());
    EXPECT_TRUE(asked.is_answered());
    EXPECT_TRUE(refused.was_asked());
    EXPECT_FALSE(refused.is_answered());
}

TEST(MockCertificate, IsChosenByTheNameThatTheClientAsksFor)
{
    MockController mock(MockOptions().public_dns_name("controller.example.com"));

    EXPECT_EQ(Probe(mock.endpoint(), mock.public_ca_cert(), "controller.example.com").problem(), X509_V_OK);
    EXPECT_EQ(Probe(mock.endpoint(), mock.public_ca_cert(), "Controller.Example.com").problem(), X509_V_OK);
    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver").problem(), X509_V_OK);
    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "").problem(), X509_V_OK);
    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "other.example.com").problem(), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_NE(Probe(mock.endpoint(), mock.ca_cert(), "controller.example.com").problem(), X509_V_OK);
    EXPECT_EQ(MockController().public_ca_cert(), "");
}

TEST(MockCertificate, IsGoodInPublicWhenThePrivateOneIsBad)
{
    MockController mock(MockOptions().certificate(Kind::expired).public_dns_name("controller.example.com"));

    EXPECT_EQ(Probe(mock.endpoint(), mock.ca_cert(), "juju-apiserver").problem(), X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(Probe(mock.endpoint(), mock.public_ca_cert(), "controller.example.com").problem(), X509_V_OK);
}

TEST(MockCertificate, HasAKnownName)
{
    EXPECT_THROW(parse_mock_certificate("good"), std::invalid_argument);
}

} // namespace
} // namespace juju::test
