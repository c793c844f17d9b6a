#pragma once

#include <juju/mock_controller.hpp>

#include <string>

namespace juju::mock {

/// A CA and the certificate it signed for the server, made anew each time.
struct Certificate {
    std::string ca;    ///< PEM
    std::string chain; ///< PEM: leaf, then CA
    std::string key;   ///< PEM: of the leaf
};

/// Subjects, validity and names as Juju's own: `localhost`, `juju-apiserver`, `anything`, on 3.6 also `juju-mongodb`. The keys
/// are P-256, which is quicker to make than Juju's RSA 3072.
/// @throws std::runtime_error when OpenSSL fails
Certificate make_certificate(MockProfile profile);

} // namespace juju::mock
