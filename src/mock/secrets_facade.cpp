#include "mock/call.hpp"
#include "mock/facade_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace juju::mock {
namespace {

/// A refusal names the missing right only to users who logged in with a token.
Failure access_refused(const Call& call, const std::string& access)
{
    const UserSettings* user = call.world.find_user(call.caller.user);
    if (user == nullptr || !user->jwt) {
        return permission_denied();
    }
    const std::string tag = call.world.store.model_tag();
    Json info = Json::object();
    info[tag] = access;
    return Failure("access permissions required: map[" + tag + ":" + access + "]", "access required", info);
}

void check_access(const Call& call, MockAccess needed, const std::string& name)
{
    const UserSettings* user = call.world.find_user(call.caller.user);
    if (user == nullptr || user->access < needed) {
        throw access_refused(call, name);
    }
}

using Method = Json (*)(const Call&);

Method find_method(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, Method>, 6> methods{{{"ListSecrets", list_secrets},
                                                                                 {"CreateSecrets", create_secrets},
                                                                                 {"UpdateSecrets", update_secrets},
                                                                                 {"RemoveSecrets", remove_secrets},
                                                                                 {"GrantSecret", grant_secret},
                                                                                 {"RevokeSecret", revoke_secret}}};
    const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& entry) { return entry.first == name; });
    return found == methods.end() ? nullptr : found->second;
}

/// Does version 1 work, as it did before Juju 3.3?
bool is_old_server(const World& world)
{
    return world.secrets_versions &&
           std::find(world.secrets_versions->begin(), world.secrets_versions->end(), 2) == world.secrets_versions->end();
}

} // namespace

void check_read(const Call& call)
{
    check_access(call, MockAccess::read, "read");
}

void check_write(const Call& call)
{
    check_access(call, MockAccess::write, "write");
}

void check_reveal(const Call& call)
{
    const UserSettings* user = call.world.find_user(call.caller.user);
    if (!is_superuser(call) && (user == nullptr || user->access != MockAccess::admin)) {
        throw permission_denied();
    }
}

void check_is_user(const Call& call)
{
    if (call.caller.user.empty()) {
        throw permission_denied();
    }
}

bool is_superuser(const Call& call)
{
    const UserSettings* user = call.world.find_user(call.caller.user);
    return user != nullptr && !user->jwt && user->controller_access == MockControllerAccess::superuser;
}

void check_superuser(const Call& call)
{
    if (!is_superuser(call)) {
        throw permission_denied();
    }
}

Json bulk_results(const Call& call, std::size_t count, const std::function<Json(std::size_t)>& item)
{
    Json results = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
        Json entry = Json::object();
        try {
            if (const auto fault = call.item_faults.find(i); fault != call.item_faults.end()) {
                throw Failure(fault->second);
            }
            entry = item(i);
        } catch (const Failure& failure) {
            entry["error"] = failure.to_item();
        }
        results.push_back(std::move(entry));
    }
    Json response = Json::object();
    response["results"] = std::move(results);
    return response;
}

const MockSecret& user_secret_named(const World& world, const std::string& label)
{
    if (const MockSecret* secret = world.store.find_named(label)) {
        return *secret;
    }
    const std::string name = go_quoted(label);
    if (world.is_3_6()) {
        throw Failure("secret " + name + " not found", "not found");
    }
    throw Failure("getting user secret for label " + name + ": secret with label " + name + " not found", "secret not found");
}

Json call_secrets(const Call& call)
{
    const Method method = find_method(call.method);
    const bool first_version = call.version == 1;
    const bool old_server = is_old_server(call.world);
    if (method == nullptr || (first_version && old_server && call.method != "ListSecrets")) {
        throw unknown_method(call.world, "Secrets", call.version, call.method);
    }
    if (first_version && !old_server) {
        throw Failure("internal error, Secrets(1) claimed to return *secrets.SecretsAPI but returned *secrets.SecretsAPIV1");
    }
    check_is_user(call);
    return method(call);
}

} // namespace juju::mock
