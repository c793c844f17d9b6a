#include "mock/call.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

#include <algorithm>

namespace juju::mock {
namespace {

/// An item of CreateSecrets or UpdateSecrets.
struct Item {
    SecretChange change;
    bool other = false;  ///< rotate-policy, expire-time or a value-ref: counts as a change, does nothing
    bool params = false; ///< non-empty `params`
    std::optional<std::string> uri;
    std::string owner;
    std::string existing_label;
};

Item read_item(const GoStruct& given)
{
    Item item;
    const bool rotates = given.optional_text("rotate-policy", "secrets.RotatePolicy").has_value();
    const bool expires = given.optional_text("expire-time", "time.Time").has_value();
    item.change.description = given.optional_text("description");
    item.change.label = given.optional_text("label");
    item.params = given.any_object("params");
    const GoStruct content = given.object("content", "SecretContentParams");
    item.change.data = content.text_map("data");
    item.change.checksum = content.optional_text("checksum");
    item.other = rotates || expires || content.any_object("value-ref");
    item.uri = given.optional_text("uri");
    return item;
}

std::vector<Item> read_create(const Json& params)
{
    std::vector<Item> items;
    for (const GoStruct& given : GoStruct::params(params, "CreateSecretArgs").objects("args", "CreateSecretArg")) {
        items.push_back(read_item(given));
        items.back().owner = given.text("owner-tag");
    }
    return items;
}

std::vector<Item> read_update(const Json& params)
{
    std::vector<Item> items;
    for (const GoStruct& given : GoStruct::params(params, "UpdateUserSecretArgs").objects("args", "UpdateUserSecretArg")) {
        items.push_back(read_item(given));
        items.back().existing_label = given.text("existing-label");
        items.back().change.auto_prune = given.optional_flag("auto-prune");
    }
    return items;
}

/// What is wrong with an item of CreateSecrets, before its name is looked at. On 3.6 the last finding counts.
std::optional<Failure> create_problem(const World& world, const Item& item)
{
    std::optional<Failure> problem;
    if (world.is_3_6() && item.uri) {
        problem = Failure("secret uri cannot be set on user secret create not valid", "not valid");
    }
    if (!item.owner.empty() && item.owner != world.store.model_uuid()) {
        problem = Failure("owner tag " + go_quoted(item.owner) + " not valid", "not valid");
        if (!world.is_3_6()) {
            return problem;
        }
    }
    if (item.change.data.empty()) {
        problem = Failure("empty secret value not valid", "not valid");
    }
    return problem;
}

/// 3.6.28 collects the URIs of the batch first; an id that cannot be resolved leaves a hole that the next step falls into.
bool leaves_hole(const World& world, const Item& item)
{
    const std::string uri = item.uri.value_or("");
    if (!uri.empty()) {
        try {
            (void)parse_uri(uri);
            return false;
        } catch (const Failure&) {
            return true;
        }
    }
    if (!item.existing_label.empty()) {
        return world.store.find_named(item.existing_label) == nullptr;
    }
    return world.store.unnamed_user_secrets().size() != 1;
}

void crash_if(const World& world, bool bad)
{
    if (world.is_3_6() && world.crash_on_bad_batch && bad) {
        throw Failure("runtime error: invalid memory address or nil pointer dereference");
    }
}

void check_has_change(const World& world, const Item& item)
{
    const SecretChange& change = item.change;
    const bool metadata = change.auto_prune || change.description || change.label;
    if (!metadata && !item.other && change.data.empty() && (world.is_3_6() || !item.params)) {
        throw Failure("at least one attribute to update must be specified");
    }
}

/// The secret that an item of UpdateSecrets means.
MockSecret& resolve(World& world, const Item& item)
{
    const std::string text = item.uri.value_or("");
    if (text.empty() && item.existing_label.empty()) {
        throw Failure("must specify either URI or label");
    }
    if (!text.empty() && !item.existing_label.empty()) {
        throw Failure("must specify either URI or label but not both");
    }
    if (text.empty()) {
        return *world.store.find(user_secret_named(world, item.existing_label).id);
    }
    const Uri uri = parse_uri(text);
    if (!world.is_3_6() && !uri.source.empty() && uri.source != world.store.model_uuid()) {
        throw Failure("secret is from a different model");
    }
    MockSecret* secret = world.store.find(uri.id);
    if (secret == nullptr && world.is_3_6()) {
        throw Failure("secret " + go_quoted(uri.text()) + " not found", "not found");
    }
    if (secret == nullptr) {
        throw Failure("secret not found", "secret not found");
    }
    return *secret;
}

void update_one(World& world, const Item& item)
{
    check_has_change(world, item);
    MockSecret& secret = resolve(world, item);
    if (!world.is_3_6() && !world.store.is_user_secret(secret)) {
        throw Failure(go_quoted(world.store.model_uuid()) + " is not allowed to manage this secret", "unauthorized access");
    }
    const SecretChange& change = item.change;
    if (!change.auto_prune && !change.description && !change.label && change.data.empty()) {
        const std::string prefix = world.is_3_6() ? "" : "updating user secret \"" + secret.id + "\": ";
        throw Failure(prefix + "must specify a new value or metadata to update a secret");
    }
    world.store.update(secret, change, world.now(), world.removal_due());
}

} // namespace

Json create_secrets(const Call& call)
{
    const std::vector<Item> items = read_create(call.params);
    World& world = call.world;
    check_write(call);
    crash_if(world, std::any_of(items.begin(), items.end(), [&](const Item& item) { return create_problem(world, item).has_value(); }));
    Json response = bulk_results(call, items.size(), [&](std::size_t i) {
        if (const auto problem = create_problem(world, items[i])) {
            throw Failure(*problem);
        }
        Json entry = Json::object();
        entry["result"] = "secret:" + world.store.create(items[i].change, world.now());
        return entry;
    });
    for (Json& entry : response["results"]) {
        if (entry.contains("error")) {
            entry["result"] = "";
        }
    }
    return response;
}

Json update_secrets(const Call& call)
{
    const std::vector<Item> items = read_update(call.params);
    World& world = call.world;
    check_write(call);
    crash_if(world, std::any_of(items.begin(), items.end(), [&](const Item& item) { return leaves_hole(world, item); }));
    return bulk_results(call, items.size(), [&](std::size_t i) {
        update_one(world, items[i]);
        return Json::object();
    });
}

} // namespace juju::mock
