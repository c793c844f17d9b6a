#include "mock/world.hpp"

#include "mock/names.hpp"
#include "mock/state_file.hpp"

#include <algorithm>
#include <stdexcept>

namespace juju::mock {
namespace {

template <typename Users>
auto find_by_name(Users& users, std::string_view name)
{
    const auto found = std::find_if(users.begin(), users.end(), [&](const UserSettings& user) { return user.name == name; });
    return found == users.end() ? nullptr : &*found;
}

std::string or_random_uuid(const std::string& uuid)
{
    return uuid.empty() ? random_uuid() : uuid;
}

std::string or_default(const std::string& text, const std::string& fallback)
{
    return text.empty() ? fallback : text;
}

UserSettings random_admin()
{
    UserSettings admin;
    admin.name = "admin";
    admin.credential = random_hex(32);
    admin.access = MockAccess::admin;
    admin.controller_access = MockControllerAccess::superuser;
    return admin;
}

/// Users of the state come before those of the options; one of the same name replaces it.
std::vector<UserSettings> merged_users(const std::vector<UserSettings>& options, const std::vector<UserSettings>& state)
{
    std::vector<UserSettings> users = state;
    for (const UserSettings& user : options) {
        if (find_by_name(users, user.name) == nullptr) {
            users.push_back(user);
        }
    }
    if (find_by_name(users, "admin") == nullptr) {
        users.insert(users.begin(), random_admin());
    }
    return users;
}

} // namespace

World::World(const Settings& settings)
    : profile(settings.profile),
      port(settings.port),
      users(),
      agents(settings.agents),
      clock(settings.clock),
      logins(settings.logins),
      agent_bucket(settings.logins.agent_rate_limit, settings.logins.agent_rate),
      removal_delay(settings.removal_delay),
      crash_on_bad_batch(settings.crash_on_bad_batch),
      shuffle_results(settings.shuffle_results),
      secrets_versions(settings.secrets_versions),
      backends(settings.profile),
      store(settings.profile, "")
{
    const StateFile state = settings.state_yaml.empty() ? StateFile() : read_state(settings.state_yaml);
    network.ports = {port};
    network.public_dns_name = settings.network.public_dns_name;
    controller_uuid = or_random_uuid(state.controller_uuid);
    model_name = or_default(state.model_name, "demo");
    model_owner = or_default(state.model_owner, "admin");
    clock = state.clock ? state.clock : clock;
    for (const std::string& name : state.applications.value_or(settings.applications)) {
        applications[name] = MockApplication::alive;
    }
    users = merged_users(settings.users, state.users);
    agents.insert(agents.begin(), state.agents.begin(), state.agents.end());
    store = SecretStore(profile, or_random_uuid(state.model_uuid));
    store.set_empty_name_taken(state.empty_name_taken);
    for (const MockSecret& secret : state.secrets) {
        try {
            store.add(secret, now());
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error(error.what());
        }
    }
    store.set_next_ids(state.next_ids);
    read_backends(state);
}

void World::read_backends(const StateFile& state)
{
    if (is_3_6()) {
        backends.set_internal_id(controller_uuid);
    } else if (!state.internal_backend_id.empty()) {
        backends.set_internal_id(state.internal_backend_id);
    }
    for (const auto& [backend, reachable] : state.backends) {
        try {
            backends.add(backend);
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error(error.what());
        }
        backends.set_reachable(backend.name, reachable);
    }
    const bool known = state.model_backend == "auto" || backends.find(state.model_backend) != nullptr;
    if (!known && !(is_3_6() && state.model_backend == "internal")) {
        throw std::runtime_error("mock controller: the model's secret backend \"" + state.model_backend + "\" is not in the state");
    }
    set_model_backend(state.model_backend);
}

void World::set_model_backend(const std::string& name)
{
    model_backend = name;
    store.set_backend(name == "auto" ? "internal" : name);
}

void World::use_backend(const std::string& name)
{
    set_model_backend(name);
    const std::string target = name == "auto" ? "internal" : name;
    store.move_contents("internal", target);
    for (const Backend& backend : backends.added()) {
        store.move_contents(backend.name, target);
    }
}

void World::remove_backend(const std::string& name)
{
    backends.erase(name);
    store.move_contents(name, is_3_6() ? "unknown" : "<unknown>");
    if (model_backend == name) {
        set_model_backend("auto");
    }
}

void World::rename_backend(Backend& backend, const std::string& name)
{
    const std::string old = backend.name;
    backend.name = name;
    if (!backends.reachable(old)) {
        backends.set_reachable(old, true);
        backends.set_reachable(name, false);
    }
    store.move_contents(old, name);
    if (model_backend == old) {
        set_model_backend(name);
    }
}

MockTime World::now() const
{
    const MockTime time = clock.value_or(std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()));
    return is_3_6() ? MockTime(std::chrono::floor<std::chrono::seconds>(time)) : time;
}

UserSettings* World::find_user(std::string_view name)
{
    return find_by_name(users, name);
}

const UserSettings* World::find_user(std::string_view name) const
{
    return find_by_name(users, name);
}

const AgentSettings* World::find_agent(std::string_view tag) const
{
    const auto found = std::find_if(agents.begin(), agents.end(), [&](const AgentSettings& agent) { return agent.tag == tag; });
    return found == agents.end() ? nullptr : &*found;
}

std::optional<MockApplication> World::find_application(const std::string& name) const
{
    const auto found = applications.find(name);
    return found == applications.end() ? std::nullopt : std::optional(found->second);
}

} // namespace juju::mock
