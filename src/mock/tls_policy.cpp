#include "mock/tls_policy.hpp"

#include "mock/json.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>
#include <utility>

namespace juju::mock {
namespace {

void check(bool ok)
{
    if (!ok) {
        throw std::runtime_error("mock controller: OpenSSL cannot use a certificate");
    }
}

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

BioPtr reader(const std::string& text)
{
    BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all);
    check(bio != nullptr);
    return bio;
}

void use_chain(SSL_CTX& context, const std::string& pem)
{
    const BioPtr bio = reader(pem);
    bool leaf = true;
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        const auto used = leaf ? SSL_CTX_use_certificate(&context, certificate) : SSL_CTX_add1_chain_cert(&context, certificate);
        X509_free(certificate);
        check(used == 1);
        leaf = false;
    }
    check(!leaf);
    ERR_clear_error(); // of the end of the text
}

void use_key(SSL_CTX& context, const std::string& pem)
{
    const BioPtr bio = reader(pem);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr);
    const bool used = key != nullptr && SSL_CTX_use_PrivateKey(&context, key) == 1;
    EVP_PKEY_free(key);
    check(used);
}

int accept_any(int /*verified*/, X509_STORE_CTX* /*chain*/)
{
    return 1;
}

void set_up(SSL_CTX& context, const Identity& identity, MockCertificate kind)
{
    const bool old = kind == MockCertificate::tls_1_1;
    if (old || kind == MockCertificate::sha1) {
        SSL_CTX_set_security_level(&context, 0); // OpenSSL takes neither at the level that Debian has
    }
    check(SSL_CTX_set_min_proto_version(&context, old ? TLS1_VERSION : TLS1_2_VERSION) == 1);
    check(SSL_CTX_set_max_proto_version(&context, old ? TLS1_1_VERSION : 0) == 1);
    if (kind == MockCertificate::asks_client || kind == MockCertificate::requires_client) {
        const int required = kind == MockCertificate::requires_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | required, accept_any);
    }
    use_chain(context, identity.chain);
    use_key(context, identity.key);
}

} // namespace

TlsPolicy::TlsPolicy(Certificate certificate, const NetworkSettings& settings)
    : certificate_(std::move(certificate)), kind_(settings.certificate), public_name_(settings.public_dns_name)
{
}

TlsPolicy::~TlsPolicy() = default;

void TlsPolicy::apply(SSL_CTX& context)
{
    set_up(context, certificate_.identity, kind_);
    if (public_name_.empty()) {
        return;
    }
    public_context_.reset(SSL_CTX_new(TLS_server_method()));
    check(public_context_ != nullptr);
    set_up(*public_context_, certificate_.public_identity, MockCertificate::normal);
    SSL_CTX_set_tlsext_servername_callback(&context, &TlsPolicy::choose);
    SSL_CTX_set_tlsext_servername_arg(&context, this);
}

int TlsPolicy::choose(SSL* connection, int* /*alert*/, void* self)
{
    const auto& policy = *static_cast<TlsPolicy*>(self);
    const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (asked != nullptr && same_member(asked, policy.public_name_)) {
        SSL_set_SSL_CTX(connection, policy.public_context_.get());
    }
    return SSL_TLSEXT_ERR_OK;
}

} // namespace juju::mock
