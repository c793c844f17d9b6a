#pragma once

#include "wiping_allocator.hpp"
#include "wire/reply.hpp"

#include <juju/applications.hpp>
#include <juju/outcomes.hpp>
#include <juju/secret.hpp>
#include <juju/secret_draft.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_removal.hpp>
#include <juju/secret_update.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The messages of facade `Secrets`, version 2 (secrets-facade section 1): parameters out, results in.
///
/// What is not set does not go on the wire: an empty `label` or `description` would erase, an empty `revisions` remove everything.
/// Encoders check what a controller would not, and throw `Error` with the errc of the public calls before anything is sent.
namespace juju::secrets {

/// The parameters of one request, with so many of the items of a call.
struct Batch {
    WipingString params;
    std::size_t count = 0;
};

/// The items in their order, in as few batches as keep each one's parameters within `limit` bytes.
/// @throws Error also errc::message_too_large for a single item that exceeds the limit.
std::vector<Batch> encode_create(const std::vector<SecretDraft>& drafts, std::size_t limit);
std::vector<Batch> encode_update(const std::vector<std::pair<SecretRef, SecretUpdate>>& updates, std::size_t limit);
std::vector<Batch> encode_remove(const std::vector<SecretRemoval>& removals, std::size_t limit);

/// Checks what the encoders check, for calls that change something else before.
/// @throws Error errc::invalid_name, empty_content.
void check_draft(const SecretDraft& draft);

/// @throws Error errc::invalid_name, invalid_argument.
void check_application(const std::string& name);

/// For GrantSecret and RevokeSecret.
WipingString encode_access(const SecretRef& secret, const Applications& applications);

/// The part of a filter that Juju 3.6 and 4.0 understand alike: one of URI, name or a charm's owner. The rest is `matches`.
WipingString encode_list(const SecretFilter& filter);

/// @throws Error errc::invalid_owner, invalid_revision, invalid_name, invalid_argument.
void check_filter(const SecretFilter& filter);

/// Applies every term of a filter again, and narrows `revisions()` to the one asked for.
std::vector<Secret> select(std::vector<Secret> secrets, const SecretFilter& filter);

/// The results of CreateSecrets, one for each subject.
/// @throws Error the controller's refusal of the whole request; errc::malformed_reply, also when the counts differ.
Outcomes<SecretUri> decode_create(wire::Reply& reply, const std::string& request, const std::vector<std::string>& subjects);

/// The results of UpdateSecrets, RemoveSecrets, GrantSecret and RevokeSecret; throws as `decode_create`.
Outcomes<void> decode_results(wire::Reply& reply, const std::string& request, const std::vector<std::string>& subjects);

/// The results of ListSecrets, in the order in which the controller sent them.
std::vector<Secret> decode_list(wire::Reply& reply, const std::string& request);

} // namespace juju::secrets
