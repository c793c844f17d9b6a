#include "transport/tls.hpp"

#include "local_error.hpp"
#include "transport/tls_context.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace juju::transport {
namespace {

namespace asio = boost::asio;

/// The name that every controller's own certificate carries (wire-protocol 1.3, 1.4).
constexpr const char* controller_name = "juju-apiserver";

/// More CAs to believe beside a controller's own (client-store 5).
constexpr const char* more_certificates = "/etc/juju/certs.d";

struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Certificate = std::unique_ptr<X509, Free>;

/// The first certificate of a PEM text or file; empty when there is none.
Certificate first_certificate(BIO* opened)
{
    const std::unique_ptr<BIO, Free> bio(opened);
    return Certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

Certificate ca_of(const std::string& pem)
{
    auto certificate = first_certificate(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!certificate)
        throw detail::local_error(errc::invalid_argument, "ca_cert is not a PEM certificate");
    return certificate;
}

void believe(SSL_CTX* context, X509* certificate)
{
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
}

/// What is not a certificate there is left out, as Juju's own client does.
void believe_more(SSL_CTX* context)
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(more_certificates, ignored)) {
        if (entry.path().extension() != ".pem")
            continue;
        if (const auto certificate = first_certificate(BIO_new_file(entry.path().c_str(), "r")))
            believe(context, certificate.get());
    }
}

/// "AB:01:...", as the openssl command prints it.
std::string fingerprint_of(const X509* certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
        return {};
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += i == 0 ? "" : ":";
        text += digits[digest[i] / 16];
        text += digits[digest[i] % 16];
    }
    return text;
}

/// "2036-11-30T00:00:00Z"; empty where the certificate has no such time.
std::string time_text(const ASN1_TIME* time)
{
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

} // namespace

void check_ca_cert(const std::string& pem)
{
    if (!pem.empty())
        ca_of(pem);
}

asio::ssl::context make_context(const TlsPolicy& policy)
{
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_CLEANSE_PLAINTEXT);
    context.set_verify_mode(policy.skip_verification ? asio::ssl::verify_none : asio::ssl::verify_peer);
    if (policy.skip_verification)
        return context;
    if (policy.ca_cert.empty()) {
        context.set_default_verify_paths();
        return context;
    }
    believe(native, ca_of(policy.ca_cert).get());
    believe_more(native);
    return context;
}

void expect_name(SSL* ssl, const TlsPolicy& policy, const std::string& host)
{
    std::string name = host;
    if (!policy.name.empty())
        name = policy.name;
    else if (!policy.ca_cert.empty())
        name = controller_name;
    else if (!policy.public_dns_name.empty())
        name = policy.public_dns_name;
    boost::system::error_code not_an_address;
    asio::ip::make_address(name, not_an_address);
    if (!not_an_address) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
        return;
    }
    SSL_set_tlsext_host_name(ssl, name.c_str());
    SSL_set1_host(ssl, name.c_str());
}

std::string certificate_problem(SSL* ssl, const TlsPolicy& policy)
{
    const long verdict = SSL_get_verify_result(ssl);
    if (verdict == X509_V_OK || policy.skip_verification)
        return {};
    auto problem = std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(verdict);
    if (!policy.name.empty())
        return problem;
    return problem +
           (policy.ca_cert.empty() ? "; give the controller's own CA with ca_cert" : "; check that ca_cert is this controller's CA");
}

TlsFacts facts_of(SSL* ssl)
{
    TlsFacts facts;
    facts.version = SSL_get_version(ssl);
    facts.cipher = SSL_get_cipher_name(ssl);
    const Certificate certificate(SSL_get1_peer_certificate(ssl));
    if (!certificate)
        return facts;
    facts.fingerprint = fingerprint_of(certificate.get());
    facts.not_after = time_text(X509_get0_notAfter(certificate.get()));
    return facts;
}

} // namespace juju::transport
