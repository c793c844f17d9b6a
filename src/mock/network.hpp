#pragma once

#include "mock/failure.hpp"
#include "mock/json.hpp"

#include <juju/mock_controller.hpp>

#include <optional>
#include <string>
#include <vector>

namespace juju::mock {

/// How the controller is reached, and where its model has gone.
struct Network {
    std::vector<unsigned short> ports;                                ///< of the nodes, in order
    std::optional<std::vector<std::vector<MockAddress>>> api_servers; ///< what replies list instead of the nodes
    std::string public_dns_name;
    MockHandshake handshake = MockHandshake::normal;
    std::string handshake_reason;
    std::optional<MockRedirect> redirect;
    bool model_gone = false; ///< moved away or removed
};

/// `servers` of a login reply: a list for each node. 4.0 leaves local-machine addresses out.
Json servers_json(const Network& network, MockProfile profile);

/// The refusal of a login to a model that has moved away.
Failure redirection(const MockRedirect& redirect);
/// The answer of `Admin.RedirectInfo`.
Json redirect_info(const MockRedirect& redirect);

} // namespace juju::mock
