#pragma once

#include "mock/backend_store.hpp"
#include "mock/bakery.hpp"
#include "mock/failure.hpp"
#include "mock/json.hpp"
#include "mock/network.hpp"
#include "mock/pending_logins.hpp"
#include "mock/secret_store.hpp"

#include <juju/mock_controller.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::mock {

struct StateFile;

/// Everything that one controller with one model is, apart from its connections. Not thread-safe; Core guards it.
struct World {
    /// @throws std::runtime_error when the settings' state is not valid
    explicit World(const Settings& settings);

    bool is_3_6() const noexcept { return profile == MockProfile::juju_3_6; }
    std::string server_version() const { return is_3_6() ? "3.6.28" : "4.0.15"; }
    /// Whole seconds on 3.6.
    MockTime now() const;
    /// Where external users are vouched for.
    std::string identity_url() const { return "https://127.0.0.1:" + std::to_string(port) + "/identity"; }
    /// When a 4.0 removal that is asked for now takes effect.
    SecretStore::Clock::time_point removal_due() const { return SecretStore::Clock::now() + removal_delay; }

    UserSettings* find_user(std::string_view name);
    const UserSettings* find_user(std::string_view name) const;
    const AgentSettings* find_agent(std::string_view tag) const;
    std::optional<MockApplication> find_application(const std::string& name) const;

    /// Makes a backend the model's ("auto": the controller's own): new contents go there, and those that exist move at once.
    void use_backend(const std::string& name);
    /// Takes an added backend away. Contents that are in it are lost, and the model goes back to "auto".
    void remove_backend(const std::string& name);
    void rename_backend(Backend& backend, const std::string& name);

    MockProfile profile;
    unsigned short port = 0;
    std::string controller_uuid;
    std::string model_name;
    std::string model_owner;
    std::map<std::string, MockApplication> applications;
    std::vector<UserSettings> users;
    std::vector<AgentSettings> agents;
    std::optional<MockTime> clock;
    Network network;
    LoginSettings logins;
    Bakery bakery;
    OneTimeTokens discharge_tokens;
    PendingLogins browser_logins;
    PendingLogins device_logins;
    SessionTokens session_tokens;
    TokenBucket agent_bucket;
    std::chrono::milliseconds removal_delay;
    bool crash_on_bad_batch;
    bool shuffle_results;
    std::optional<std::vector<int>> secrets_versions;
    bool upgrading = false;
    bool migrating = false;
    bool importing = false;
    std::map<std::pair<std::string, int>, Failure> failing_reveals; ///< by id and revision
    BackendStore backends;
    std::string model_backend = "auto";       ///< or a name
    std::map<std::string, Json> model_config; ///< what clients set, without the secret backend
    SecretStore store;

private:
    void read_backends(const StateFile& state);
    void set_model_backend(const std::string& name);
};

} // namespace juju::mock
