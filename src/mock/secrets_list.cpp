#include "mock/call.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

#include <algorithm>
#include <random>

namespace juju::mock {
namespace {

struct Filter {
    bool reveal = false;
    std::optional<std::string> uri;
    std::optional<std::string> label;
    std::optional<std::string> owner;
    std::optional<int> revision;
};

Filter read_filter(const Json& params)
{
    const GoStruct args = GoStruct::params(params, "ListSecretsArgs");
    const GoStruct given = args.object("filter", "SecretsFilter");
    Filter filter;
    filter.reveal = args.optional_flag("show-secrets").value_or(false);
    filter.uri = given.optional_text("uri");
    filter.label = given.optional_text("label");
    filter.revision = given.optional_int("revision");
    filter.owner = given.optional_text("owner-tag");
    return filter;
}

const MockRevision* find_revision(const MockSecret& secret, int number)
{
    const auto found = std::find_if(secret.revisions.begin(), secret.revisions.end(),
                                    [&](const MockRevision& revision) { return revision.number == number; });
    return found == secret.revisions.end() ? nullptr : &*found;
}

/// A secret that matched, and what is to be shown of it.
struct Hit {
    const MockSecret* secret;
    std::optional<int> only_revision;
};

std::vector<Hit> select_3_6(const World& world, const Filter& filter, const std::optional<Uri>& uri)
{
    std::vector<Hit> hits;
    const MockSecret* named = uri ? world.store.find(uri->id) : nullptr;
    for (const MockSecret* secret : uri ? std::vector<const MockSecret*>(named != nullptr ? 1 : 0, named) : world.store.all()) {
        const bool label_matches = !filter.label || secret->label == *filter.label;
        const bool owner_matches = !filter.owner || secret->owner_tag == *filter.owner;
        if (!label_matches || !owner_matches) {
            continue;
        }
        if (filter.revision && find_revision(*secret, *filter.revision) == nullptr) {
            throw Failure("revison " + std::to_string(*filter.revision) + " for secret \"secret:" + secret->id + "\" not found",
                          "not found");
        }
        hits.push_back({secret, filter.revision});
    }
    return hits;
}

Hit select_by_uri_4_0(const World& world, const Uri& uri, const std::optional<int>& revision)
{
    const MockSecret* secret = world.store.find(uri.id);
    const std::string prefix = "getting secret by URI \"" + uri.id + "\": ";
    if (revision && (secret == nullptr || find_revision(*secret, *revision) == nullptr)) {
        throw Failure(prefix + "secret revision " + std::to_string(*revision) + " for {" + uri.source + ' ' + uri.id + "} not found",
                      "secret revision not found");
    }
    if (secret == nullptr) {
        throw Failure(prefix + "querying secrets: secret {\"" + uri.source + "\" \"" + uri.id + "\"} not found", "secret not found");
    }
    return {secret, revision};
}

std::vector<Hit> select_4_0(const World& world, const Filter& filter, const std::optional<Uri>& uri)
{
    std::vector<Hit> hits;
    if (!filter.owner && uri && filter.label) {
        throw Failure("cannot specify both URI and labels");
    }
    if (!filter.owner && filter.revision && !uri && !filter.label) {
        throw Failure("cannot specify revision without URI or labels");
    }
    if (!filter.owner && uri) {
        hits.push_back(select_by_uri_4_0(world, *uri, filter.revision));
        return hits;
    }
    for (const MockSecret* secret : world.store.all()) {
        if (filter.owner ? secret->owner_tag == *filter.owner : !filter.label || secret->label == *filter.label) {
            hits.push_back({secret, filter.owner ? std::nullopt : filter.revision});
        }
    }
    return hits;
}

std::vector<const MockRevision*> shown_revisions(const World& world, const Hit& hit)
{
    std::vector<const MockRevision*> revisions;
    for (const MockRevision& revision : hit.secret->revisions) {
        if (!hit.only_revision || revision.number == *hit.only_revision) {
            revisions.push_back(&revision);
        }
    }
    if (world.is_3_6()) { // sorted by the text "<id>/<revision>": 1, 10, 2
        std::sort(revisions.begin(), revisions.end(),
                  [](const MockRevision* a, const MockRevision* b) { return std::to_string(a->number) < std::to_string(b->number); });
    }
    return revisions;
}

void shuffle(Json& list)
{
    static thread_local std::minstd_rand generator{std::random_device()()};
    for (std::size_t i = list.size(); i > 1; --i) {
        std::swap(list[i - 1], list[generator() % i]);
    }
}

Json revisions_json(const World& world, const Hit& hit)
{
    Json list = Json::array();
    for (const MockRevision* revision : shown_revisions(world, hit)) {
        Json entry = Json::object();
        entry["revision"] = revision->number;
        entry["backend-name"] = revision->backend;
        entry["create-time"] = time_text(revision->create_time);
        entry["update-time"] = time_text(revision->update_time);
        if (revision->expire_time) {
            entry["expire-time"] = time_text(*revision->expire_time);
        }
        list.push_back(std::move(entry));
    }
    if (world.shuffle_results) {
        shuffle(list);
    }
    return list.empty() ? Json(nullptr) : list;
}

Json access_json(const World& world, const MockSecret& secret)
{
    Json list = Json::array();
    for (const MockGrant& grant : secret.grants) {
        if (grant.role == "view") {
            Json entry = Json::object();
            entry["target-tag"] = grant.target_tag;
            entry["scope-tag"] = grant.scope_tag;
            entry["role"] = grant.role;
            list.push_back(std::move(entry));
        }
    }
    if (world.shuffle_results) {
        shuffle(list);
    }
    return list;
}

Json content_of(const World& world, const MockSecret& secret, int number)
{
    const auto failing = world.failing_reveals.find({secret.id, number});
    if (failing != world.failing_reveals.end()) {
        throw Failure(failing->second);
    }
    const MockRevision* revision = find_revision(secret, number);
    if (revision == nullptr && world.is_3_6()) {
        throw Failure("secret revision \"" + secret.id + '/' + std::to_string(number) + "\" not found", "not found");
    }
    if (revision == nullptr) {
        throw Failure("secret " + secret.id + " revision " + std::to_string(number) + " not found", "secret revision not found");
    }
    Json data = Json::object();
    for (const auto& [key, value] : revision->data) {
        data[key] = value;
    }
    return data;
}

Json value_json(const Call& call, const MockSecret& secret, int number, std::size_t position)
{
    Json value = Json::object();
    try {
        if (const auto fault = call.item_faults.find(position); fault != call.item_faults.end()) {
            throw Failure(fault->second);
        }
        value["data"] = content_of(call.world, secret, number);
    } catch (const Failure& failure) {
        value["error"] = failure.to_item();
    }
    return value;
}

void put_unless_empty(Json& object, const char* name, const std::string& value)
{
    if (!value.empty()) {
        object[name] = value;
    }
}

Json item_json(const Call& call, const Hit& hit)
{
    const World& world = call.world;
    const MockSecret& secret = *hit.secret;
    Json item = Json::object();
    item["uri"] = "secret:" + secret.id;
    item["version"] = 1;
    item["owner-tag"] = secret.owner_tag;
    put_unless_empty(item, "rotate-policy", secret.rotate_policy.empty() && !world.is_3_6() ? "never" : secret.rotate_policy);
    if (secret.next_rotate_time) {
        item["next-rotate-time"] = time_text(*secret.next_rotate_time);
    }
    put_unless_empty(item, "description", secret.description);
    put_unless_empty(item, "label", secret.label);
    item["latest-revision"] = secret.latest_revision;
    item["latest-revision-checksum"] = secret.checksum;
    const MockRevision* latest = find_revision(secret, secret.latest_revision);
    if (latest != nullptr && latest->expire_time) {
        item["latest-expire-time"] = time_text(*latest->expire_time);
    }
    item["create-time"] = time_text(secret.create_time);
    item["update-time"] = time_text(secret.update_time);
    item["revisions"] = revisions_json(world, hit);
    return item;
}

} // namespace

Json list_secrets(const Call& call)
{
    const Filter filter = read_filter(call.params);
    const World& world = call.world;
    filter.reveal ? check_reveal(call) : check_read(call);
    const std::optional<Uri> uri = filter.uri ? std::optional(parse_uri(*filter.uri)) : std::nullopt;
    if (filter.owner) {
        const Tag tag = parse_tag(*filter.owner);
        if (!world.is_3_6() && tag.kind != "application" && tag.kind != "unit") {
            throw Failure("secret owner tag kind \"" + tag.kind + "\" not valid", "not valid");
        }
    }
    const std::vector<Hit> hits = world.is_3_6() ? select_3_6(world, filter, uri) : select_4_0(world, filter, uri);
    Json results = Json::array();
    for (const Hit& hit : hits) {
        Json item = item_json(call, hit);
        if (filter.reveal) {
            item["value"] = value_json(call, *hit.secret, filter.revision.value_or(hit.secret->latest_revision), results.size());
        }
        if (Json access = access_json(world, *hit.secret); !access.empty()) {
            item["access"] = std::move(access);
        }
        results.push_back(std::move(item));
    }
    if (world.shuffle_results) {
        shuffle(results);
    }
    Json response = Json::object();
    response["results"] = std::move(results);
    return response;
}

} // namespace juju::mock
