#pragma once

#include "wire/json_reader.hpp"

#include <juju/error.hpp>

#include <optional>
#include <string>

namespace juju::wire {

/// The error object of one item of a response: `{"message","code","info"?}` (wire-protocol 2.13). Empty for null.
/// @param request the request's name, such as "SecretBackends.ListSecretBackends".
std::optional<Error> read_item_error(Value value, const std::string& request);

/// What a response's `error`, or the first of its `results` that has one, says: what was refused. Empty when there is none, or the response
/// has another form.
std::optional<errc> first_refusal(Reply& reply);

} // namespace juju::wire
