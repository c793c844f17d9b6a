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

constexpr long clock_skew_seconds = 5 * 60;                 // as Juju: valid from 5 minutes ago
constexpr long validity_seconds = 10L * 365 * 24 * 60 * 60; // as Juju: 10 years

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

X509Ptr start_certificate(const std::string& common_name, EVP_PKEY& key)
{
    X509Ptr certificate(X509_new());
    check(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1);
    BIGNUM* number = nullptr;
    check(BN_hex2bn(&number, ("1" + random_hex(30)).c_str()) > 0);
    const bool numbered = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get())) != nullptr;
    BN_free(number);
    check(numbered);
    check(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -clock_skew_seconds) != nullptr);
    check(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity_seconds) != nullptr);
    check(X509_set_pubkey(certificate.get(), &key) == 1);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    add_name_entry(subject, "O", "Juju");
    add_name_entry(subject, "CN", common_name);
    add_name_entry(subject, "serialNumber", random_uuid());
    return certificate;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& issuer_key)
{
    check(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1);
    check(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0);
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

} // namespace

Certificate make_certificate(MockProfile profile)
{
    const Key ca_key = make_key();
    const X509Ptr ca = start_certificate("juju-ca", *ca_key);
    add_extension(*ca, *ca, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*ca, *ca, NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign");
    add_extension(*ca, *ca, NID_subject_key_identifier, "hash");
    sign(*ca, *ca, *ca_key);

    const Key leaf_key = make_key();
    const X509Ptr leaf = start_certificate("Juju server certificate - controller", *leaf_key);
    std::string names = "DNS:localhost,DNS:juju-apiserver,DNS:anything";
    if (profile == MockProfile::juju_3_6) {
        names += ",DNS:juju-mongodb";
    }
    add_extension(*leaf, *ca, NID_subject_alt_name, names);
    add_extension(*leaf, *ca, NID_authority_key_identifier, "keyid:always");
    sign(*leaf, *ca, *ca_key);
    return {pem(*ca), pem(*leaf) + pem(*ca), pem(*leaf_key)};
}

} // namespace juju::mock
