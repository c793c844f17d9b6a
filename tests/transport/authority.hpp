#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace juju::test {

/// What a server shows, as PEM.
struct Identity {
    std::string certificate;
    std::string key;
};

/// A CA of the test's own.
class Authority {
public:
    Authority() : key_(new_key()), certificate_(make(key_.get(), "Test CA", "CA:TRUE", ""))
    {
        pem_ = text_of([this](BIO* bio) { return PEM_write_bio_X509(bio, certificate_.get()); });
    }

    const std::string& pem() const noexcept { return pem_; }

    /// @param names as OpenSSL has them: "DNS:localhost,IP:127.0.0.1"
    Identity issue(const std::string& names) const
    {
        const auto key = new_key();
        const auto certificate = make(key.get(), "Test server", "CA:FALSE", names);
        Identity identity;
        identity.certificate = text_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
        identity.key = text_of([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
        return identity;
    }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
        void operator()(BIO* bio) const { BIO_free(bio); }
    };
    using Key = std::unique_ptr<EVP_PKEY, Free>;
    using Certificate = std::unique_ptr<X509, Free>;

    static void check(bool ok)
    {
        if (!ok)
            throw std::runtime_error("OpenSSL cannot make a certificate");
    }

    static Key new_key()
    {
        Key key(EVP_EC_gen("P-256"));
        check(key != nullptr);
        return key;
    }

    template <class Write>
    static std::string text_of(Write write)
    {
        const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
        check(write(bio.get()) == 1);
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        return std::string(data, static_cast<std::size_t>(size));
    }

    static void extend(X509* certificate, int kind, const std::string& value)
    {
        const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
        check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
    }

    /// Signed by this CA, or by itself as long as there is none.
    Certificate make(EVP_PKEY* key, const std::string& common_name, const std::string& constraints, const std::string& names) const
    {
        constexpr long day = 24L * 60 * 60;
        static long serial = 0;
        Certificate certificate(X509_new());
        X509* const made = certificate.get();
        check(made != nullptr && X509_set_version(made, X509_VERSION_3) == 1);
        ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
        const auto name = common_name + ' ' + std::to_string(serial);
        X509_gmtime_adj(X509_getm_notBefore(made), -day);
        X509_gmtime_adj(X509_getm_notAfter(made), day);
        X509_NAME* const subject = X509_get_subject_name(made);
        check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) ==
              1);
        check(X509_set_issuer_name(made, certificate_ ? X509_get_subject_name(certificate_.get()) : subject) == 1);
        check(X509_set_pubkey(made, key) == 1);
        extend(made, NID_basic_constraints, constraints);
        if (!names.empty())
            extend(made, NID_subject_alt_name, names);
        check(X509_sign(made, key_.get(), EVP_sha256()) != 0);
        return certificate;
    }

    Key key_;
    Certificate certificate_;
    std::string pem_;
};

} // namespace juju::test
