#pragma once

#include "wire/json_reader.hpp"

#include <juju/error.hpp>

#include <optional>
#include <string>

namespace juju::wire {

/// The error object of one item of a response: `{"message","code","info"?}` (wire-protocol 2.13). Empty for null.
/// @param request the request's name, such as "SecretBackends.ListSecretBackends".
std::optional<Error> read_item_error(Value value, const std::string& request);

/// What the first item of a response's `results` was refused for; empty when none was, or the response has another form.
std::optional<errc> first_refusal(Reply& reply);

} // namespace juju::wire
