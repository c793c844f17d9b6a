#pragma once

#include "wiping_allocator.hpp"
#include "wire/reply.hpp"

#include <juju/secret_backend.hpp>

#include <string>
#include <vector>

/// The messages of facade `SecretBackends`, version 1, and those of `ModelConfig` on a model's secret backend (secrets-facade section 6).
///
/// What is not set does not go on the wire. Encoders check names and texts, and throw `Error` with the errc of the public calls before
/// anything is sent.
namespace juju::secrets {

WipingString encode_add_backend(const SecretBackendDraft& draft);
WipingString encode_update_backend(const std::string& name, const SecretBackendUpdate& update);
WipingString encode_remove_backend(const std::string& name, bool force);
WipingString encode_list_backends(const SecretBackendFilter& filter);

/// The results of ListSecretBackends, ordered by name.
/// @throws Error the controller's refusal, errc::malformed_reply.
std::vector<SecretBackend> decode_backends(wire::Reply& reply, const std::string& request);

/// For SetModelSecretBackend (Juju 4.0).
WipingString encode_model_backend(const std::string& name);

/// For ModelSet (Juju 3.6).
WipingString encode_model_config_backend(const std::string& name);

/// The result of GetModelSecretBackend (Juju 4.0).
/// @throws Error the controller's refusal, errc::malformed_reply.
std::string decode_model_backend(wire::Reply& reply, const std::string& request);

/// The same out of the model's configuration, as ModelGet gives it (Juju 3.6).
std::string decode_model_config_backend(wire::Reply& reply, const std::string& request);

/// The response of SetModelSecretBackend or ModelSet: empty, or an error.
/// @throws Error the controller's refusal, errc::malformed_reply.
void decode_done(wire::Reply& reply, const std::string& request);

} // namespace juju::secrets
