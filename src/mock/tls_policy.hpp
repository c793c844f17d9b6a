#pragma once

#include "mock/certificate.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace juju::mock {

/// How the server speaks TLS: protocols, certificates chosen by the name that a client asks for, and whether it asks for the
/// client's. It must outlive every connection of the context that it was applied to.
class TlsPolicy {
public:
    TlsPolicy(Certificate certificate, const NetworkSettings& settings);
    ~TlsPolicy();
    TlsPolicy(const TlsPolicy&) = delete;
    TlsPolicy& operator=(const TlsPolicy&) = delete;

    /// @throws std::runtime_error when OpenSSL refuses
    void apply(SSL_CTX& context);

private:
    static int choose(SSL* connection, int* alert, void* self);

    struct Release {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };

    Certificate certificate_;
    MockCertificate kind_;
    std::string public_name_;
    std::unique_ptr<SSL_CTX, Release> public_context_; ///< for those who ask for the public name
};

} // namespace juju::mock
