#include "secrets/secrets_codec.hpp"

#include "local_error.hpp"
#include "secrets/in_quotes.hpp"
#include "wire/json.hpp"
#include "wire/tags.hpp"

#include <simdjson.h>

#include <optional>

namespace juju::secrets {
namespace {

using detail::in_quotes;
using detail::local_error;
using wire::Json;

/// Text that goes on the wire must be UTF-8: the controller would replace what is not.
void check_utf8(std::string_view text, const std::string& what)
{
    if (!simdjson::validate_utf8(text))
        throw local_error(errc::invalid_name, what + " is not valid UTF-8");
}

void check_revision(int revision)
{
    if (revision < 1)
        throw local_error(errc::invalid_revision, "revision " + std::to_string(revision) + " not valid: revisions start at 1");
}

void check_content(const SecretContent& content, std::string_view secret)
{
    if (content.empty())
        throw local_error(errc::empty_content,
                          "secret " + in_quotes(secret) + ": empty secret value not valid: give at least one key=value");
}

Json encode_content(const SecretContent& content)
{
    Json data = Json::object();
    for (const auto& [key, value] : content)
        data[WipingString(key)] = value.base64().text();
    Json result = Json::object();
    result["data"] = std::move(data);
    return result;
}

/// The members that say which secret: only the one that is set.
void put_ref(Json& object, const SecretRef& secret, const char* name_member)
{
    if (secret.uri() && !secret.uri()->empty())
        object["uri"] = secret.uri()->str();
    else if (!secret.name().empty())
        object[name_member] = secret.name();
    else
        throw local_error(errc::invalid_argument, "a secret needs a name or a URI");
}

std::string subject_of(const SecretDraft& draft)
{
    return draft.name();
}

std::string subject_of(const std::pair<SecretRef, SecretUpdate>& update)
{
    return update.first.str();
}

std::string subject_of(const SecretRemoval& removal)
{
    return removal.secret().str();
}

/// The error of a request on several items, one of which is unusable.
template <class Items>
Error unusable_item(const Items& items, std::size_t index, const Error& error)
{
    detail::ErrorDetails details("item " + std::to_string(index) + ": " + error.what());
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i == index)
            details.items.emplace_back(subject_of(items[i]), error);
        else
            details.items.emplace_back(subject_of(items[i]));
    }
    return Error(error.code(), std::move(details));
}

constexpr std::string_view batch_start = R"({"args":[)";
constexpr std::string_view batch_end = "]}";

/// Adds an item to the last batch, or to a new one where it would grow too large.
void append(std::vector<Batch>& batches, const WipingString& item, std::size_t limit)
{
    const std::size_t alone = batch_start.size() + item.size() + batch_end.size();
    if (alone > limit)
        throw local_error(errc::message_too_large, "a request of " + std::to_string(alone) + " bytes exceeds the limit of " +
                                                       std::to_string(limit) + " (ConnectOptions::max_request_size)");
    if (batches.empty() || batches.back().params.size() + 1 + item.size() + batch_end.size() > limit) {
        batches.emplace_back();
        batches.back().params = batch_start;
    } else {
        batches.back().params += ',';
    }
    batches.back().params += item;
    ++batches.back().count;
}

/// Names the item that made a request unusable, when there are several.
template <class Items, class Encode>
std::vector<Batch> encode_items(const Items& items, std::size_t limit, Encode encode)
{
    if (items.empty())
        throw local_error(errc::invalid_argument, "an empty list of secrets");
    std::vector<Batch> batches;
    for (std::size_t i = 0; i < items.size(); ++i) {
        try {
            append(batches, wire::dump(encode(items[i])), limit);
        } catch (const Error& error) {
            if (items.size() == 1)
                throw;
            throw unusable_item(items, i, error);
        }
    }
    for (Batch& batch : batches)
        batch.params += batch_end;
    return batches;
}

Json encode_draft(const SecretDraft& draft)
{
    check_draft(draft);
    Json item = Json::object();
    if (!draft.info().empty())
        item["description"] = draft.info();
    if (!draft.name().empty())
        item["label"] = draft.name();
    item["content"] = encode_content(draft.content());
    return item;
}

Json encode_one_update(const SecretRef& secret, const SecretUpdate& update)
{
    Json item = Json::object();
    if (update.info()) {
        check_utf8(*update.info(), "the description of secret " + in_quotes(secret.str()));
        item["description"] = *update.info();
    }
    if (update.name()) {
        check_utf8(*update.name(), "the new name of secret " + in_quotes(secret.str()));
        item["label"] = *update.name();
    }
    if (const auto content = update.content()) {
        check_content(*content, secret.str());
        item["content"] = encode_content(*content);
    }
    if (update.auto_prune())
        item["auto-prune"] = *update.auto_prune();
    if (item.empty())
        throw local_error(errc::nothing_to_update,
                          "secret " + in_quotes(secret.str()) +
                              ": at least one attribute to update must be specified: new_name, data, file, info or auto_prune");
    put_ref(item, secret, "existing-label");
    return item;
}

Json encode_removal(const SecretRemoval& removal)
{
    Json item = Json::object();
    put_ref(item, removal.secret(), "label");
    if (removal.is_all())
        return item;
    if (removal.revisions().empty())
        throw local_error(errc::invalid_revision, "secret " + in_quotes(removal.secret().str()) +
                                                      ": an empty list of revisions; to remove the whole secret use SecretRemoval::all");
    Json revisions = Json::array();
    for (const int revision : removal.revisions()) {
        check_revision(revision);
        revisions.push_back(revision);
    }
    item["revisions"] = std::move(revisions);
    return item;
}

} // namespace

std::vector<Batch> encode_create(const std::vector<SecretDraft>& drafts, std::size_t limit)
{
    return encode_items(drafts, limit, encode_draft);
}

std::vector<Batch> encode_update(const std::vector<std::pair<SecretRef, SecretUpdate>>& updates, std::size_t limit)
{
    return encode_items(updates, limit, [](const auto& item) { return encode_one_update(item.first, item.second); });
}

std::vector<Batch> encode_remove(const std::vector<SecretRemoval>& removals, std::size_t limit)
{
    return encode_items(removals, limit, encode_removal);
}

void check_draft(const SecretDraft& draft)
{
    check_utf8(draft.info(), "the description of secret " + in_quotes(draft.name()));
    check_utf8(draft.name(), "the name of the secret");
    check_content(draft.content(), draft.name());
}

void check_application(const std::string& name)
{
    if (wire::is_application_name(name))
        return;
    check_utf8(name, "the application name");
    throw local_error(errc::invalid_argument, in_quotes(name) + " is not a valid application name");
}

WipingString encode_access(const SecretRef& secret, const Applications& applications)
{
    if (applications.names().empty())
        throw local_error(errc::no_applications, "secret " + in_quotes(secret.str()) + ": missing application name: give at least one");
    Json params = Json::object();
    put_ref(params, secret, "label");
    Json names = Json::array();
    for (const auto& name : applications.names()) {
        check_application(name);
        names.push_back(name);
    }
    params["applications"] = std::move(names);
    return wire::dump(params);
}

WipingString encode_list(const SecretFilter& filter)
{
    Json terms = Json::object();
    // Juju 4.0 refuses a URI together with a name, ignores both beside an owner, and refuses a model as owner.
    if (filter.uri()) {
        terms["uri"] = filter.uri()->str();
    } else if (filter.name()) {
        terms["label"] = *filter.name();
    } else if (filter.owner() && !filter.owner()->starts_with("model-")) {
        terms["owner-tag"] = *filter.owner();
    }
    if (filter.revision())
        terms["revision"] = *filter.revision();
    Json params = Json::object();
    params["show-secrets"] = filter.show_secrets();
    params["filter"] = std::move(terms);
    return wire::dump(params);
}

void check_filter(const SecretFilter& filter)
{
    if (filter.uri() && filter.uri()->empty())
        throw local_error(errc::invalid_uri, "secret URI \"\" not valid");
    if (filter.name())
        check_utf8(*filter.name(), "the name in the filter");
    if (filter.owner() && !wire::is_secret_owner(*filter.owner())) {
        check_utf8(*filter.owner(), "the owner in the filter");
        throw local_error(errc::invalid_owner,
                          in_quotes(*filter.owner()) + " is not a valid owner: use application-NAME, unit-NAME-NUMBER or model-UUID");
    }
    if (filter.revision()) {
        check_revision(*filter.revision());
        if (!filter.uri() && !filter.name())
            throw local_error(errc::invalid_argument, "cannot specify revision without URI or name");
    }
}

} // namespace juju::secrets
