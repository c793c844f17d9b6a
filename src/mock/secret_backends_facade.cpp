#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace juju::mock {
namespace {

using Interval = std::optional<std::int64_t>;
using Method = Json (*)(const Call&);

Failure not_valid_4_0(const std::string& reason)
{
    return Failure("secret backend not valid: " + reason, "secret backend not valid");
}

Failure not_found(const World& world, const std::string& name)
{
    return world.is_3_6() ? Failure("secret backend " + go_quoted(name) + " not found", "not found")
                          : Failure("secret backend not found: " + go_quoted(name), "secret backend not found");
}

Failure name_exists(const World& world, const std::string& name)
{
    return world.is_3_6() ? Failure("secret backend " + go_quoted(name) + " already exists", "already exists")
                          : Failure("secret backend already exists: name " + go_quoted(name), "secret backend already exists");
}

Failure immutable(const std::string& id)
{
    return Failure("secret backend " + go_quoted(id) + " is immutable", "secret backend forbidden");
}

/// What 3.6 says of names, in every method.
void check_name_3_6(const std::string& name)
{
    if (name.empty()) {
        throw Failure("missing backend name not valid", "not valid");
    }
    if (name == "internal" || name == "auto") { // the name is missing in the format's arguments
        throw Failure("backend \"not valid\" %!w(MISSING)");
    }
}

/// What 4.0 says of a name that a backend is to have.
void check_new_name_4_0(const std::string& name)
{
    if (name == "internal" || name == "auto" || name == "kubernetes" || name.ends_with("-local")) {
        throw not_valid_4_0("reserved name " + go_quoted(name));
    }
}

void check_no_empty_setting(const BackendConfig& config, const std::string& backend)
{
    if (config.contains("")) {
        throw not_valid_4_0("empty config key for " + go_quoted(backend));
    }
    if (std::any_of(config.begin(), config.end(), [](const auto& entry) { return entry.second == ""; })) {
        throw not_valid_4_0("empty config value for " + go_quoted(backend));
    }
}

void check_config(const World& world, const BackendProvider& provider, const BackendConfig* old, const BackendConfig& config)
{
    const auto problem = config_problem(provider, old, config);
    if (!problem) {
        return;
    }
    const std::string where = "config for provider " + go_quoted(provider.type) + ": " + problem->message();
    if (world.is_3_6()) {
        throw Failure("invalid " + where, problem->code());
    }
    throw Failure("secret backend not valid: " + where, problem->code().empty() ? "secret backend not valid" : problem->code());
}

void check_reachable(const World& world, const std::string& name)
{
    if (!world.backends.reachable(name)) {
        throw unreachable_backend();
    }
}

/// Is there an interval that asks for tokens to be refreshed, and may it?
bool check_rotation(const BackendProvider& provider, const Interval& interval, const Failure& unsupported)
{
    if (interval.value_or(0) <= 0) {
        return false;
    }
    if (!provider.refreshes_token) {
        throw Failure(unsupported);
    }
    if (std::chrono::nanoseconds(*interval) < std::chrono::hours(1)) {
        throw Failure("token rotate interval " + go_quoted(duration_text(*interval)) + " less than 1h not valid", "not valid");
    }
    return true;
}

std::string no_refresh(const BackendProvider& provider)
{
    return "token refresh on secret backend of type " + go_quoted(provider.type);
}

// AddSecretBackends

std::vector<Backend> read_additions(const Json& params)
{
    std::vector<Backend> backends;
    for (const GoStruct& given : GoStruct::params(params, "AddSecretBackendArgs").objects("args", "AddSecretBackendArg")) {
        backends.push_back({given.text("id"), given.text("name"), given.text("backend-type"), given.any_map("config"),
                            given.optional_duration("token-rotate-interval")});
    }
    return backends;
}

void add_3_6(World& world, const Backend& backend)
{
    check_name_3_6(backend.name);
    const std::string type = go_quoted(backend.type);
    const BackendProvider* provider = find_provider(backend.type);
    if (provider == nullptr) {
        throw Failure("creating backend provider type " + type + ": no registered provider for " + type, "not found");
    }
    check_config(world, *provider, nullptr, backend.config);
    check_reachable(world, backend.name);
    const bool rotates =
        check_rotation(*provider, backend.rotate_interval, Failure(no_refresh(*provider) + " not supported", "not supported"));
    const Failure exists("secret backend with ID " + go_quoted(backend.id) + " already exists", "already exists");
    if (!backend.id.empty() && (world.backends.find_id(backend.id) != nullptr || backend.id == world.backends.internal_id())) {
        throw Failure(exists);
    }
    if (backend.rotate_interval && !rotates) {
        throw Failure("secret backend missing next rotate time not valid", "not valid");
    }
    if (world.backends.find(backend.name) != nullptr) {
        throw Failure(exists);
    }
    world.backends.add(backend);
}

void add_4_0(World& world, const Backend& backend)
{
    if (backend.name.empty()) {
        throw not_valid_4_0("missing name");
    }
    check_new_name_4_0(backend.name);
    const std::string type = go_quoted(backend.type);
    const BackendProvider* provider = find_provider(backend.type);
    if (provider == nullptr) {
        throw Failure("getting backend provider type " + type + ": no registered provider for " + type, "not found");
    }
    check_config(world, *provider, nullptr, backend.config);
    check_reachable(world, backend.name);
    check_rotation(*provider, backend.rotate_interval,
                   Failure("secret backend not supported: " + no_refresh(*provider), "secret backend not supported"));
    check_no_empty_setting(backend.config, backend.name);
    if (world.backends.built_in_id("internal") == backend.id || world.backends.built_in_id("kubernetes") == backend.id) {
        throw immutable(backend.id);
    }
    Backend* same_id = world.backends.find_id(backend.id);
    const Backend* same_name = world.backends.find(backend.name);
    if (same_name != nullptr && same_name != same_id) {
        throw name_exists(world, backend.name);
    }
    if (same_id == nullptr) {
        world.backends.add(backend);
        return;
    }
    world.rename_backend(*same_id, backend.name);
    same_id->config = backend.config;
    same_id->rotate_interval = backend.rotate_interval;
}

Json add_backends(const Call& call)
{
    const std::vector<Backend> backends = read_additions(call.params);
    check_superuser(call);
    return bulk_results(call, backends.size(), [&](std::size_t i) {
        call.world.is_3_6() ? add_3_6(call.world, backends[i]) : add_4_0(call.world, backends[i]);
        return Json::object();
    });
}

// UpdateSecretBackends

struct Update {
    std::string name;
    std::optional<std::string> new_name;
    Interval interval;
    BackendConfig config;
    std::vector<std::string> reset;
    bool force = false;
};

std::vector<Update> read_updates(const Json& params)
{
    std::vector<Update> updates;
    for (const GoStruct& given : GoStruct::params(params, "UpdateSecretBackendArgs").objects("args", "UpdateSecretBackendArg")) {
        updates.push_back({given.text("name"), given.optional_text("name-change"), given.optional_duration("token-rotate-interval"),
                           given.any_map("config"), given.texts("reset"), given.optional_flag("force").value_or(false)});
    }
    return updates;
}

/// The stored settings, then those that are given, then without those that are reset (none has a default).
BackendConfig merged(const BackendConfig& stored, const Update& update)
{
    BackendConfig config = stored;
    for (const auto& [name, value] : update.config) {
        config[name] = value;
    }
    for (const std::string& name : update.reset) {
        config.erase(name);
    }
    return config;
}

void check_rename_3_6(const World& world, const Backend& backend, const std::string& name)
{
    if (world.store.count_in_backend(backend.name) > 0) {
        throw Failure("cannot rename a secret backend that is in use", "not valid");
    }
    const Backend* same = world.backends.find(name);
    if (same != nullptr && same != &backend) {
        throw name_exists(world, name);
    }
}

void check_rename_4_0(const World& world, const Backend& backend, const std::string& name)
{
    if (name.empty()) {
        throw not_valid_4_0("name is missing");
    }
    const Backend* same = world.backends.find(name);
    if (same != nullptr && same != &backend) {
        throw name_exists(world, name);
    }
}

/// Checks an update of a backend that exists, and makes it.
void update_existing(World& world, Backend& backend, const Update& update)
{
    const BackendProvider& provider = *find_provider(backend.type);
    const BackendConfig config = merged(backend.config, update);
    check_config(world, provider, &backend.config, config);
    if (!update.force) {
        check_reachable(world, backend.name);
    }
    check_rotation(provider, update.interval, Failure(no_refresh(provider) + " not supported", "not supported"));
    if (update.new_name && world.is_3_6()) {
        check_rename_3_6(world, backend, *update.new_name);
    } else if (update.new_name) {
        check_rename_4_0(world, backend, *update.new_name);
    }
    backend.config = config;
    if (update.interval) {
        backend.rotate_interval = world.is_3_6() && *update.interval == 0 ? std::nullopt : update.interval;
    }
    if (update.new_name) {
        world.rename_backend(backend, *update.new_name);
    }
}

void check_update_4_0(const World& world, const Update& update)
{
    if (update.name.empty()) {
        throw not_valid_4_0("both ID and name are missing");
    }
    check_no_empty_setting(update.config, "");
    if (update.new_name) {
        check_new_name_4_0(*update.new_name);
    }
    if (const auto id = world.backends.built_in_id(update.name)) {
        throw immutable(*id);
    }
}

void update_one(World& world, const Update& update)
{
    world.is_3_6() ? check_name_3_6(update.name) : check_update_4_0(world, update);
    Backend* backend = world.backends.find(update.name);
    if (backend == nullptr) {
        throw not_found(world, update.name);
    }
    update_existing(world, *backend, update);
}

Json update_backends(const Call& call)
{
    const std::vector<Update> updates = read_updates(call.params);
    check_superuser(call);
    return bulk_results(call, updates.size(), [&](std::size_t i) {
        update_one(call.world, updates[i]);
        return Json::object();
    });
}

// RemoveSecretBackends

struct Removal {
    std::string name;
    bool force = false;
};

std::vector<Removal> read_removals(const Json& params)
{
    std::vector<Removal> removals;
    for (const GoStruct& given : GoStruct::params(params, "RemoveSecretBackendArgs").objects("args", "RemoveSecretBackendArg")) {
        removals.push_back({given.text("name"), given.optional_flag("force").value_or(false)});
    }
    return removals;
}

void remove_3_6(World& world, const Removal& removal)
{
    check_name_3_6(removal.name);
    const std::size_t revisions = world.store.count_in_backend(removal.name);
    if (world.backends.find(removal.name) == nullptr) {
        return;
    }
    if (revisions > 0 && !removal.force) {
        throw Failure("removing backend with " + std::to_string(revisions) + " stored secret revisions not supported", "not supported");
    }
    world.remove_backend(removal.name);
}

void remove_4_0(World& world, const Removal& removal)
{
    if (removal.name.empty()) {
        throw not_valid_4_0("both ID and name are missing");
    }
    const bool built_in = world.backends.built_in_id(removal.name).has_value();
    if (!built_in && world.backends.find(removal.name) == nullptr) {
        throw not_found(world, removal.name);
    }
    if (built_in || (!removal.force && world.store.count_in_backend(removal.name) > 0)) {
        throw Failure("deleting in use secret backend not supported", "not supported");
    }
    world.remove_backend(removal.name);
}

Json remove_backends(const Call& call)
{
    const std::vector<Removal> removals = read_removals(call.params);
    check_superuser(call);
    return bulk_results(call, removals.size(), [&](std::size_t i) {
        call.world.is_3_6() ? remove_3_6(call.world, removals[i]) : remove_4_0(call.world, removals[i]);
        return Json::object();
    });
}

// ListSecretBackends

Json config_json(const World& world, const Backend& backend, bool reveal)
{
    if (!world.is_3_6() && backend.config.empty()) {
        return nullptr;
    }
    Json config = Json::object();
    for (const auto& [name, value] : shown_config(*find_provider(backend.type), backend.config, reveal)) {
        config[name] = value;
    }
    return config;
}

Json backend_json(const World& world, const Backend& backend, bool reveal)
{
    Json result = Json::object();
    result["name"] = backend.name;
    result["backend-type"] = backend.type;
    if (backend.rotate_interval) {
        result["token-rotate-interval"] = *backend.rotate_interval;
    }
    result["config"] = config_json(world, backend, reveal);
    const bool reachable = world.backends.reachable(backend.name);
    Json entry = Json::object();
    entry["result"] = std::move(result);
    entry["id"] = backend.id;
    entry["num-secrets"] = world.store.count_in_backend(backend.name);
    entry["status"] = reachable ? "active" : "error";
    if (!reachable) {
        entry["message"] = unreachable_backend().message();
    }
    return entry;
}

Json list_backends(const Call& call)
{
    const GoStruct args = GoStruct::params(call.params, "ListSecretBackendsArgs");
    const std::vector<std::string> names = args.texts("names");
    const bool reveal = args.optional_flag("reveal").value_or(false);
    if (reveal) {
        check_superuser(call);
    }
    Json results = backends_json(call.world, names, reveal);
    Json response = Json::object();
    response["results"] = call.world.is_3_6() && results.empty() ? Json() : std::move(results);
    return response;
}

} // namespace

Failure unreachable_backend()
{
    return Failure("backend not reachable: connection refused");
}

Json backends_json(const World& world, const std::vector<std::string>& names, bool reveal)
{
    std::vector<Backend> backends = world.backends.added();
    backends.push_back({world.backends.internal_id(), "internal", "controller", {}, std::nullopt});
    std::sort(backends.begin(), backends.end(),
              [&](const Backend& a, const Backend& b) { return world.is_3_6() ? a.id < b.id : a.name < b.name; });
    Json list = Json::array();
    for (const Backend& backend : backends) {
        if (names.empty() || std::find(names.begin(), names.end(), backend.name) != names.end()) {
            list.push_back(backend_json(world, backend, reveal));
        }
    }
    return list;
}

Json call_secret_backends(const Call& call)
{
    static constexpr std::array<std::pair<std::string_view, Method>, 4> methods{{{"ListSecretBackends", list_backends},
                                                                                 {"AddSecretBackends", add_backends},
                                                                                 {"UpdateSecretBackends", update_backends},
                                                                                 {"RemoveSecretBackends", remove_backends}}};
    const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& entry) { return entry.first == call.method; });
    if (found == methods.end()) {
        throw unknown_method(call.world, "SecretBackends", call.version, call.method);
    }
    check_is_user(call);
    return found->second(call);
}

} // namespace juju::mock
