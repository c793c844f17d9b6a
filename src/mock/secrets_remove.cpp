#include "mock/call.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

#include <algorithm>

namespace juju::mock {
namespace {

struct Item {
    std::string uri;
    std::string label;
    std::vector<int> revisions;
};

std::vector<Item> read_items(const Json& params)
{
    std::vector<Item> items;
    for (const GoStruct& given : GoStruct::params(params, "DeleteSecretArgs").objects("args", "DeleteSecretArg")) {
        items.push_back({given.text("uri"), given.text("label"), given.ints("revisions")});
    }
    return items;
}

bool has_revision(const MockSecret& secret, int number)
{
    return std::any_of(secret.revisions.begin(), secret.revisions.end(),
                       [&](const MockRevision& revision) { return revision.number == number; });
}

/// On 3.6 an item without URI and label means the unnamed user secret, if there is just one.
const MockSecret& unnamed_3_6(const World& world)
{
    const auto unnamed = world.store.unnamed_user_secrets();
    if (unnamed.size() > 1) {
        throw Failure("more than 1 secret with label \"\" not found", "not found");
    }
    if (unnamed.empty()) {
        throw Failure("secret \"\" not found", "not found");
    }
    return *unnamed.front();
}

std::string numbers_text(const std::vector<int>& numbers)
{
    std::string text = "[";
    for (const int number : numbers) {
        text += (text.size() > 1 ? " " : "") + std::to_string(number);
    }
    return text + ']';
}

void remove_3_6(const Call& call, const Item& item)
{
    World& world = call.world;
    std::optional<Uri> uri;
    if (!item.uri.empty()) {
        uri = parse_uri(item.uri);
    } else {
        uri = Uri{"", item.label.empty() ? unnamed_3_6(world).id : user_secret_named(world, item.label).id};
    }
    check_write(call);
    const MockSecret* secret = world.store.find(uri->id);
    if (secret == nullptr) {
        throw Failure("secret " + go_quoted(uri->text()) + " not found", "not found");
    }
    if (!world.store.is_user_secret(*secret)) {
        throw permission_denied();
    }
    const bool none_exists = std::none_of(item.revisions.begin(), item.revisions.end(), [&](int n) { return has_revision(*secret, n); });
    if (!item.revisions.empty() && none_exists) {
        throw Failure("cannot delete any of revisions " + numbers_text(item.revisions) + " - revisions not found", "not found");
    }
    world.store.remove(secret->id, item.revisions, world.removal_due());
}

void remove_4_0(const Call& call, const Item& item)
{
    World& world = call.world;
    if (item.uri.empty() && item.label.empty()) {
        throw Failure("must specify either URI or label");
    }
    const Uri uri = item.uri.empty() ? Uri{"", user_secret_named(world, item.label).id} : parse_uri(item.uri);
    if (!uri.source.empty() && uri.source != world.store.model_uuid()) {
        throw Failure("secret is from a different model");
    }
    const MockSecret* secret = world.store.find(uri.id);
    if (secret == nullptr) {
        throw Failure("secret not found", "secret not found");
    }
    if (!world.store.is_user_secret(*secret)) {
        throw Failure(go_quoted(world.store.model_uuid()) + " is not allowed to manage this secret", "unauthorized access");
    }
    for (const int number : item.revisions) {
        if (!has_revision(*secret, number)) {
            throw Failure("secret revision not found: secret:" + secret->id + '/' + std::to_string(number), "secret revision not found");
        }
    }
    world.store.remove(secret->id, item.revisions, world.removal_due());
}

} // namespace

Json remove_secrets(const Call& call)
{
    const std::vector<Item> items = read_items(call.params);
    const bool is_3_6 = call.world.is_3_6();
    if (!is_3_6 && !items.empty()) {
        check_write(call);
    }
    return bulk_results(call, items.size(), [&](std::size_t i) {
        is_3_6 ? remove_3_6(call, items[i]) : remove_4_0(call, items[i]);
        return Json::object();
    });
}

} // namespace juju::mock
