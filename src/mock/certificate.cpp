#include "mock/certificate.hpp"

#include "mock/names.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace juju::mock {
namespace {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* pointer) const
    {
        Free(pointer);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr long clock_skew_seconds = 5L * 60; // as Juju: valid from 5 minutes ago
constexpr long day_seconds = 24L * 60 * 60;
constexpr long validity_seconds = 3650 * day_seconds; // as Juju: 10 years
constexpr int long_chain_length = 12;

/// A certificate and its key.
struct Issued {
    Key key;
    X509Ptr certificate;
};

/// What a certificate is to say.
struct Draft {
    std::string organisation = "Juju";
    std::string common_name;
    long valid_from = -clock_skew_seconds; ///< seconds from now
    long valid_until = validity_seconds;
    std::vector<std::pair<int, std::string>> extensions; ///< NID and value, as OpenSSL's configuration has it
    const EVP_MD* digest = EVP_sha256();
};

void check(bool ok)
{
    if (!ok) {
        throw std::runtime_error("mock controller: OpenSSL cannot make a certificate");
    }
}

Key make_key()
{
    Key key(EVP_EC_gen("P-256"));
    check(key != nullptr);
    return key;
}

void add_name_entry(X509_NAME* name, const char* field, const std::string& value)
{
    check(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1);
}

void add_extension(X509& certificate, X509& issuer, int nid, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    check(extension != nullptr);
    const int added = X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
    check(added == 1);
}

X509Ptr start_certificate(const Draft& draft, EVP_PKEY& key)
{
    X509Ptr certificate(X509_new());
    check(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1);
    BIGNUM* number = nullptr;
    check(BN_hex2bn(&number, ("1" + random_hex(30)).c_str()) > 0);
    const bool numbered = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get())) != nullptr;
    BN_free(number);
    check(numbered);
    check(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), draft.valid_from) != nullptr);
    check(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), draft.valid_until) != nullptr);
    check(X509_set_pubkey(certificate.get(), &key) == 1);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    add_name_entry(subject, "O", draft.organisation);
    add_name_entry(subject, "CN", draft.common_name);
    add_name_entry(subject, "serialNumber", random_uuid());
    return certificate;
}

/// @param issuer nullptr: itself
Issued issue(const Draft& draft, const Issued* issuer)
{
    Issued issued;
    issued.key = make_key();
    issued.certificate = start_certificate(draft, *issued.key);
    X509& certificate = *issued.certificate;
    X509& signer = issuer == nullptr ? certificate : *issuer->certificate;
    for (const auto& [nid, value] : draft.extensions) {
        add_extension(certificate, signer, nid, value);
    }
    check(X509_set_issuer_name(&certificate, X509_get_subject_name(&signer)) == 1);
    check(X509_sign(&certificate, issuer == nullptr ? issued.key.get() : issuer->key.get(), draft.digest) > 0);
    return issued;
}

std::string drained(BIO& bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509& certificate)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    check(bio != nullptr && PEM_write_bio_X509(bio.get(), &certificate) == 1);
    return drained(*bio);
}

std::string pem(EVP_PKEY& key)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    check(bio != nullptr && PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return drained(*bio);
}

Issued make_ca(const std::string& common_name, const Issued* issuer = nullptr)
{
    Draft draft;
    draft.common_name = common_name;
    draft.extensions = {{NID_basic_constraints, "critical,CA:TRUE"},
                        {NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign"},
                        {NID_subject_key_identifier, "hash"}};
    return issue(draft, issuer);
}

/// The controller's leaf, as the kind has it.
Draft leaf_draft(MockProfile profile, MockCertificate kind)
{
    Draft draft;
    draft.common_name = "Juju server certificate - controller";
    std::string names = "DNS:localhost,DNS:juju-apiserver,DNS:anything";
    if (profile == MockProfile::juju_3_6) {
        names += ",DNS:juju-mongodb";
    }
    switch (kind) {
    case MockCertificate::other_name: names = "DNS:elsewhere.example.com"; break;
    case MockCertificate::ip_only: names = "IP:127.0.0.1"; break;
    case MockCertificate::expired:
        draft.valid_from = -2 * day_seconds;
        draft.valid_until = -day_seconds;
        break;
    case MockCertificate::not_yet_valid: draft.valid_from = day_seconds; break;
    case MockCertificate::client_only: draft.extensions.emplace_back(NID_ext_key_usage, "clientAuth"); break;
    case MockCertificate::no_signatures: draft.extensions.emplace_back(NID_key_usage, "critical,keyCertSign"); break;
    case MockCertificate::sha1: draft.digest = EVP_sha1(); break;
    default: break;
    }
    draft.extensions.emplace_back(NID_subject_alt_name, names);
    return draft;
}

/// The leaf signed by the last of `signers`, and the chain that is sent.
Identity signed_identity(Draft draft, const std::vector<Issued>& signers, bool send_signers = true)
{
    draft.extensions.emplace_back(NID_authority_key_identifier, "keyid:always");
    const Issued leaf = issue(draft, &signers.back());
    Identity identity{pem(*leaf.certificate), pem(*leaf.key)};
    for (auto signer = signers.rbegin(); send_signers && signer != signers.rend(); ++signer) {
        identity.chain += pem(*signer->certificate);
    }
    return identity;
}

Identity self_signed_identity(const Draft& draft)
{
    const Issued leaf = issue(draft, nullptr);
    return {pem(*leaf.certificate), pem(*leaf.key)};
}

/// @param signers the CA that clients trust
Identity make_identity(MockProfile profile, MockCertificate kind, std::vector<Issued>& signers)
{
    const Draft draft = leaf_draft(profile, kind);
    if (kind == MockCertificate::self_signed) {
        return self_signed_identity(draft);
    }
    if (kind == MockCertificate::other_ca) {
        std::vector<Issued> others;
        others.push_back(make_ca("juju-ca"));
        return signed_identity(draft, others);
    }
    const int intermediates = kind == MockCertificate::long_chain ? long_chain_length : kind == MockCertificate::missing_intermediate;
    for (int i = 1; i <= intermediates; ++i) {
        Issued next = make_ca("intermediate " + std::to_string(i), &signers.back());
        signers.push_back(std::move(next));
    }
    return signed_identity(draft, signers, kind != MockCertificate::missing_intermediate);
}

void add_public(Certificate& result, const std::string& name)
{
    std::vector<Issued> signers;
    signers.push_back(make_ca("public-ca"));
    Draft draft;
    draft.organisation = "Example";
    draft.common_name = name;
    draft.extensions.emplace_back(NID_subject_alt_name, "DNS:" + name);
    result.public_ca = pem(*signers.front().certificate);
    result.public_identity = signed_identity(draft, signers);
}

} // namespace

Certificate make_certificate(MockProfile profile, const NetworkSettings& settings)
{
    std::vector<Issued> signers;
    signers.push_back(make_ca("juju-ca"));
    Certificate result;
    result.ca = pem(*signers.front().certificate);
    result.identity = make_identity(profile, settings.certificate, signers);
    if (!settings.public_dns_name.empty()) {
        add_public(result, settings.public_dns_name);
    }
    return result;
}

} // namespace juju::mock
