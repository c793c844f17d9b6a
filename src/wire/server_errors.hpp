#pragma once

#include "wire/reply.hpp"

#include <juju/error.hpp>

#include <string>
#include <string_view>

namespace juju::wire {

/// What a controller's refusal means (wire-protocol 8, secrets-facade 1.2).
errc classify(std::string_view code, std::string_view message) noexcept;

/// The error for a refusal in the words of the controller.
/// @param request the request's name, such as "Secrets.CreateSecrets".
/// @param connection_usable whether the connection outlives this refusal.
Error refusal(const std::string& request, std::string message, std::string code, std::string info = {}, bool connection_usable = true);

/// Throws the error of a reply that refuses the whole request.
void throw_if_refused(const Reply& reply, const std::string& request);

} // namespace juju::wire
