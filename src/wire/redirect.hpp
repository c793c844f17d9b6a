#pragma once

#include "wire/login.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <string>
#include <vector>

namespace juju::wire {

/// Where a model has gone (wire-protocol 3.11).
struct Redirect {
    std::vector<std::vector<HostPort>> servers;
    std::string ca_cert; ///< PEM; empty when none was given
};

/// What `error-info` of a refused login says; no servers when it is empty, as from JAAS controllers of old.
/// @throws Error errc::malformed_reply
Redirect read_redirect(const std::string& error_info);

/// Admin.RedirectInfo.
Request redirect_info_request();

/// @throws Error the controller's refusal, errc::malformed_reply.
Redirect decode_redirect_info(Reply& reply);

} // namespace juju::wire
