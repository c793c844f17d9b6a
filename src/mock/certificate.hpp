#pragma once

#include <juju/mock_controller.hpp>

#include <string>

namespace juju::mock {

/// What a server shows.
struct Identity {
    std::string chain; ///< PEM: leaf, then those that signed it
    std::string key;   ///< PEM: of the leaf
};

/// Everything about certificates of one server, made anew each time.
struct Certificate {
    std::string ca; ///< PEM: what clients trust
    Identity identity;
    std::string public_ca; ///< PEM; this one and the next are empty without a public name
    Identity public_identity;
};

/// Subjects, validity and names as Juju's own: `localhost`, `juju-apiserver`, `anything`, on 3.6 also `juju-mongodb`, with what
/// `settings` changes. The keys are P-256, which is quicker to make than Juju's RSA 3072.
/// @throws std::runtime_error when OpenSSL fails
Certificate make_certificate(MockProfile profile, const NetworkSettings& settings = NetworkSettings());

} // namespace juju::mock
