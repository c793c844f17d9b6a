#include "differential/driver.hpp"

#include "support/client.hpp"

#include <utility>

namespace juju::differential {
namespace {

SecretRef ref(const Subject& subject)
{
    switch (subject.spelling) {
    case Spelling::name: return SecretRef(subject.name);
    case Spelling::by_name: return SecretRef::by_name(subject.name);
    case Spelling::uri: return SecretRef(subject.id.empty() ? SecretUri() : SecretUri::parse(subject.uri()));
    case Spelling::bare_id: return subject.id.empty() ? SecretRef(SecretUri()) : SecretRef(subject.id);
    case Spelling::uri_object: break;
    }
    return SecretRef(subject.id.empty() ? SecretUri() : SecretUri::parse(subject.uri()));
}

SecretContent content(const Bytes& bytes)
{
    SecretContent result;
    for (const auto& [key, value] : bytes)
        result.set(key, value);
    return result;
}

SecretUpdate update(const Change& change)
{
    SecretUpdate result;
    if (change.new_name)
        result.new_name(*change.new_name);
    if (change.clear_name)
        result.clear_name();
    if (change.info)
        result.info(*change.info);
    if (change.clear_info)
        result.clear_info();
    if (change.auto_prune)
        result.auto_prune(*change.auto_prune);
    if (change.data)
        result.data(content(*change.data));
    return result;
}

SecretDraft secret_draft(const Draft& draft)
{
    SecretDraft result(draft.name, content(draft.bytes));
    result.info(draft.info);
    return result;
}

SecretRemoval secret_removal(const Removal& removal)
{
    return removal.revisions ? SecretRemoval(ref(removal.subject), *removal.revisions) : SecretRemoval::all(ref(removal.subject));
}

SecretView view(const Secret& secret)
{
    SecretView view;
    view.uri = secret.uri().str();
    view.name = secret.name();
    view.label = secret.label();
    view.info = secret.info();
    view.owner = secret.owner();
    view.is_user_secret = secret.is_user_secret();
    view.latest_revision = secret.latest_revision();
    view.checksum = secret.checksum();
    view.rotate_policy = secret.rotate_policy();
    view.next_rotate_time = secret.next_rotate_time();
    view.latest_expire_time = secret.latest_expire_time();
    view.create_time = secret.create_time();
    view.update_time = secret.update_time();
    for (const SecretRevision& revision : secret.revisions())
        view.revisions.push_back(
            {revision.number(), revision.backend(), revision.create_time(), revision.update_time(), revision.expire_time()});
    for (const SecretAccess& access : secret.access())
        view.access.push_back({access.target(), access.scope(), access.role(), access.application()});
    if (secret.has_content()) {
        view.content.emplace();
        for (const auto& [key, value] : secret.content())
            view.content->emplace(key, std::string(value.base64().text()));
    }
    if (secret.content_error())
        view.content_error = secret.content_error()->code();
    return view;
}

std::vector<SecretView> views(const std::vector<Secret>& secrets)
{
    std::vector<SecretView> result;
    for (const Secret& secret : secrets)
        result.push_back(view(secret));
    return result;
}

/// An outcome, or an entry of `Error::items()`.
template <class Item>
ItemView item_view(const Item& item)
{
    ItemView result;
    result.subject = item.subject();
    if (!item.ok())
        result.error = item.error()->code();
    return result;
}

Result failed(const Error& error)
{
    Result result;
    result.error = error.code();
    result.outcome = error.outcome();
    for (const ErrorItem& item : error.items())
        result.items.push_back(item_view(item));
    return result;
}

template <class T>
Result of_items(const Outcomes<T>& outcomes)
{
    Result result;
    for (const auto& item : outcomes)
        result.items.push_back(item_view(item));
    return result;
}

Result of_secret(const Secret& secret)
{
    Result result;
    result.secrets.push_back(view(secret));
    return result;
}

/// What is said of one application stands in the error itself.
Result of_access(const Error& error, std::size_t applications)
{
    Result result = failed(error);
    if (applications == 1)
        result.items.clear();
    return result;
}

} // namespace

Result Driver::carry_out(const Operation& operation)
{
    created_.clear();
    try {
        return std::visit([this](const auto& item) { return call(item); }, operation);
    } catch (const Error& error) {
        return failed(error);
    }
}

Result Driver::call(const AddSecret& call)
{
    created_.push_back(client_.run(client_.model.add_secret(call.draft.name, content(call.draft.bytes), call.draft.info)).id());
    return Result();
}

Result Driver::call(const UpdateSecret& call)
{
    client_.run(client_.model.update_secret(ref(call.subject), update(call.change)));
    return Result();
}

Result Driver::call(const RemoveSecret& call)
{
    if (call.revision)
        client_.run(client_.model.remove_secret(ref(call.subject), *call.revision));
    else
        client_.run(client_.model.remove_secret(ref(call.subject)));
    return Result();
}

Result Driver::call(const GrantSecret& call)
{
    try {
        client_.run(client_.model.grant_secret(ref(call.subject), call.applications));
    } catch (const Error& error) {
        return of_access(error, call.applications.size());
    }
    return Result();
}

Result Driver::call(const RevokeSecret& call)
{
    try {
        client_.run(client_.model.revoke_secret(ref(call.subject), call.applications));
    } catch (const Error& error) {
        return of_access(error, call.applications.size());
    }
    return Result();
}

Result Driver::call(const ListSecrets& call)
{
    SecretFilter filter;
    if (call.uri)
        filter.uri(call.uri->id.empty() ? SecretUri() : SecretUri::parse(call.uri->uri()));
    if (call.name)
        filter.name(*call.name);
    if (call.owner)
        filter.owner(*call.owner);
    if (call.revision)
        filter.revision(*call.revision);
    filter.show_secrets(call.show_secrets);
    Result result;
    result.secrets = views(client_.run(client_.model.list_secrets(filter)));
    return result;
}

Result Driver::call(const GetSecret& call)
{
    return of_secret(client_.run(client_.model.get_secret(ref(call.subject))));
}

Result Driver::call(const RevealSecret& call)
{
    if (call.revision)
        return of_secret(client_.run(client_.model.reveal_secret(ref(call.subject), *call.revision)));
    return of_secret(client_.run(client_.model.reveal_secret(ref(call.subject))));
}

Result Driver::call(const CreateSeveral& call)
{
    std::vector<SecretDraft> drafts;
    for (const Draft& draft : call.drafts)
        drafts.push_back(secret_draft(draft));
    const auto outcomes = client_.run(client_.model.secrets_manager().create(std::move(drafts)));
    for (const auto& item : outcomes) {
        if (item.ok())
            created_.push_back(item.value().id());
    }
    return of_items(outcomes);
}

Result Driver::call(const UpdateSeveral& call)
{
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    for (const auto& [subject, change] : call.updates)
        updates.emplace_back(ref(subject), update(change));
    return of_items(client_.run(client_.model.secrets_manager().update(std::move(updates))));
}

Result Driver::call(const RemoveSeveral& call)
{
    std::vector<SecretRemoval> removals;
    for (const Removal& removal : call.removals)
        removals.push_back(secret_removal(removal));
    return of_items(client_.run(client_.model.secrets_manager().remove(std::move(removals))));
}

std::string Driver::carry_out(const Event& event)
{
    MockController& mock = client_.mock;
    if (!event.remove_application.empty())
        mock.remove_application(event.remove_application);
    if (!event.add_application.empty())
        mock.add_application(event.add_application);
    if (!event.track_id.empty())
        mock.track_revision(event.track_id, event.track_revision, event.track_unit);
    if (!event.charm_secret)
        return {};
    MockSecret secret;
    secret.owner_tag = event.charm_secret->owner;
    secret.label = event.charm_secret->label;
    secret.description = event.charm_secret->info;
    secret.rotate_policy = event.charm_secret->rotate_policy;
    secret.next_rotate_time = event.charm_secret->next_rotate_time;
    for (const StoredRevision& revision : event.charm_secret->revisions) {
        MockRevision stored(revision.number, revision.data);
        stored.expire_time = revision.expire_time;
        secret.revisions.push_back(std::move(stored));
    }
    for (const StoredGrant& grant : event.charm_secret->grants)
        secret.grants.emplace_back("application-" + grant.application, grant.scope);
    return mock.add_secret(std::move(secret));
}

} // namespace juju::differential
