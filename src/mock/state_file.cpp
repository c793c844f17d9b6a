#include "mock/state_file.hpp"

#include "mock/time_text.hpp"
#include "mock/world.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string_view>

namespace juju::mock {
namespace {

[[noreturn]] void fail(const YAML::Node& node, const std::string& reason)
{
    const int line = node.Mark().line;
    throw std::runtime_error("mock controller: state" + (line < 0 ? std::string() : ", line " + std::to_string(line + 1)) + ": " + reason);
}

/// Checks that `node` is a mapping with known keys only.
void check_keys(const YAML::Node& node, const std::string& what, std::initializer_list<std::string_view> known)
{
    if (!node.IsMap()) {
        fail(node, what + " is not a mapping");
    }
    for (const auto& entry : node) {
        const std::string key = entry.first.as<std::string>("");
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            fail(entry.first, std::string(what).append(" has an unknown key \"").append(key).append("\""));
        }
    }
}

std::vector<YAML::Node> list_of(const YAML::Node& parent, const std::string& key)
{
    const YAML::Node node = parent[key];
    if (!node || node.IsNull()) {
        return {};
    }
    if (!node.IsSequence()) {
        fail(node, key + " is not a list");
    }
    return {node.begin(), node.end()};
}

std::string text_of(const YAML::Node& parent, const std::string& key, const std::string& fallback = "")
{
    const YAML::Node node = parent[key];
    if (!node || node.IsNull()) {
        return fallback;
    }
    if (!node.IsScalar()) {
        fail(node, key + " is not a text");
    }
    return node.Scalar();
}

std::vector<std::string> texts_of(const YAML::Node& parent, const std::string& key)
{
    std::vector<std::string> texts;
    for (const YAML::Node& node : list_of(parent, key)) {
        if (!node.IsScalar()) {
            fail(node, key + " holds something that is not a text");
        }
        texts.push_back(node.Scalar());
    }
    return texts;
}

template <typename T>
T value_of(const YAML::Node& parent, const std::string& key, T fallback, const char* what)
{
    const YAML::Node node = parent[key];
    if (!node || node.IsNull()) {
        return fallback;
    }
    try {
        return node.as<T>();
    } catch (const YAML::Exception&) {
        fail(node, key + " is not " + what);
    }
}

std::optional<MockTime> time_of(const YAML::Node& parent, const std::string& key)
{
    const std::string text = text_of(parent, key);
    if (text.empty()) {
        return std::nullopt;
    }
    const auto time = parse_time(text);
    if (!time) {
        fail(parent[key], key + " is not a time such as 2026-03-02T10:15:30Z");
    }
    return time;
}

template <typename Enum>
Enum choice_of(const YAML::Node& parent, const std::string& key, std::string_view fallback,
               std::initializer_list<std::pair<std::string_view, Enum>> choices)
{
    const std::string text = text_of(parent, key, std::string(fallback));
    for (const auto& [name, value] : choices) {
        if (text == name) {
            return value;
        }
    }
    fail(parent[key] ? parent[key] : parent, key + " \"" + text + "\" is not known");
}

UserSettings read_user(const YAML::Node& node)
{
    check_keys(node, "a user", {"name", "password", "token", "external", "client_secret", "access", "controller_access", "account"});
    UserSettings user;
    user.name = text_of(node, "name");
    user.jwt = static_cast<bool>(node["token"]);
    user.external = node["client_secret"] || value_of<bool>(node, "external", false, "true or false");
    user.credential = text_of(node, user.jwt ? "token" : user.external ? "client_secret" : "password");
    user.access = choice_of<MockAccess>(
        node, "access", "none",
        {{"none", MockAccess::none}, {"read", MockAccess::read}, {"write", MockAccess::write}, {"admin", MockAccess::admin}});
    user.controller_access = choice_of<MockControllerAccess>(
        node, "controller_access", user.name == "admin" ? "superuser" : "login",
        {{"none", MockControllerAccess::none}, {"login", MockControllerAccess::login}, {"superuser", MockControllerAccess::superuser}});
    user.account =
        choice_of<MockAccount>(node, "account", "active",
                               {{"active", MockAccount::active}, {"disabled", MockAccount::disabled}, {"removed", MockAccount::removed}});
    if (user.name.empty() || (user.credential.empty() && !user.external)) {
        fail(node, "a user has no name, or neither password nor token");
    }
    return user;
}

AgentSettings read_agent(const YAML::Node& node)
{
    check_keys(node, "an agent", {"tag", "password", "nonce"});
    AgentSettings agent;
    agent.tag = text_of(node, "tag");
    agent.password = text_of(node, "password");
    if (node["nonce"]) {
        agent.nonce = text_of(node, "nonce");
    }
    return agent;
}

MockGrant read_grant(const YAML::Node& node)
{
    check_keys(node, "a grant", {"target", "scope", "role"});
    MockGrant grant(text_of(node, "target"), text_of(node, "scope"));
    grant.role = text_of(node, "role", "view");
    return grant;
}

MockRevision read_revision(const YAML::Node& node)
{
    check_keys(node, "a revision", {"number", "backend", "create_time", "update_time", "expire_time", "data", "tracked_by"});
    MockRevision revision;
    revision.number = value_of<int>(node, "number", 0, "a number");
    revision.backend = text_of(node, "backend", "internal");
    revision.create_time = time_of(node, "create_time").value_or(MockTime::min());
    revision.update_time = time_of(node, "update_time").value_or(MockTime::min());
    revision.expire_time = time_of(node, "expire_time");
    revision.tracked_by = texts_of(node, "tracked_by");
    if (const YAML::Node data = node["data"]; data && !data.IsNull()) {
        if (!data.IsMap()) {
            fail(data, "data is not a mapping");
        }
        for (const auto& entry : data) {
            const std::string key = entry.first.as<std::string>("");
            revision.data[key] = text_of(data, key);
        }
    }
    if (revision.number < 1) {
        fail(node, "a revision has no number above 0");
    }
    return revision;
}

MockSecret read_secret(const YAML::Node& node, const std::string& model_uuid)
{
    check_keys(node, "a secret",
               {"id", "owner", "label", "description", "rotate_policy", "next_rotate_time", "auto_prune", "latest_revision", "checksum",
                "create_time", "update_time", "revisions", "grants"});
    MockSecret secret;
    secret.id = text_of(node, "id");
    secret.owner_tag = text_of(node, "owner", "model");
    if (secret.owner_tag == "model" || secret.owner_tag == "model-" + model_uuid) {
        secret.owner_tag.clear();
    }
    secret.label = text_of(node, "label");
    secret.description = text_of(node, "description");
    secret.rotate_policy = text_of(node, "rotate_policy");
    secret.next_rotate_time = time_of(node, "next_rotate_time");
    secret.auto_prune = value_of<bool>(node, "auto_prune", false, "true or false");
    secret.latest_revision = value_of<int>(node, "latest_revision", 0, "a number");
    secret.checksum = text_of(node, "checksum");
    secret.create_time = time_of(node, "create_time").value_or(MockTime::min());
    secret.update_time = time_of(node, "update_time").value_or(MockTime::min());
    for (const YAML::Node& revision : list_of(node, "revisions")) {
        secret.revisions.push_back(read_revision(revision));
    }
    for (const YAML::Node& grant : list_of(node, "grants")) {
        secret.grants.push_back(read_grant(grant));
    }
    return secret;
}

/// A text, `true` or `false` without quotes as a flag, or a list of texts.
Json read_setting(const YAML::Node& config, const std::string& name)
{
    const YAML::Node node = config[name];
    if (node.IsSequence()) {
        return texts_of(config, name);
    }
    const std::string text = text_of(config, name);
    const bool plain = node.Tag() == "?";
    return plain && (text == "true" || text == "false") ? Json(text == "true") : Json(text);
}

std::pair<Backend, bool> read_backend(const YAML::Node& node)
{
    check_keys(node, "a secret backend", {"id", "name", "type", "config", "token_rotate_interval", "reachable"});
    Backend backend;
    backend.id = text_of(node, "id");
    backend.name = text_of(node, "name");
    backend.type = text_of(node, "type", backend.name == "internal" ? "controller" : "vault");
    if (const YAML::Node config = node["config"]; config && !config.IsNull()) {
        if (!config.IsMap()) {
            fail(config, "config is not a mapping");
        }
        for (const auto& entry : config) {
            const std::string name = entry.first.as<std::string>("");
            backend.config[name] = read_setting(config, name);
        }
    }
    if (node["token_rotate_interval"]) {
        backend.rotate_interval = value_of<std::int64_t>(node, "token_rotate_interval", 0, "a number of nanoseconds");
    }
    return {std::move(backend), value_of<bool>(node, "reachable", true, "true or false")};
}

void read_backends(const YAML::Node& root, StateFile& state)
{
    for (const YAML::Node& node : list_of(root, "secret_backends")) {
        auto [backend, reachable] = read_backend(node);
        if (backend.name == "internal") {
            state.internal_backend_id = backend.id;
        } else {
            state.backends.emplace_back(std::move(backend), reachable);
        }
    }
}

StateFile read_root(const YAML::Node& root)
{
    StateFile state;
    if (root.IsNull()) {
        return state;
    }
    check_keys(root, "the state",
               {"clock", "controller_uuid", "model", "applications", "users", "agents", "next_ids", "empty_name_taken", "secret_backends",
                "secrets"});
    state.clock = time_of(root, "clock");
    state.controller_uuid = text_of(root, "controller_uuid");
    if (const YAML::Node model = root["model"]; model && !model.IsNull()) {
        check_keys(model, "the model", {"uuid", "name", "owner", "secret_backend"});
        state.model_uuid = text_of(model, "uuid");
        state.model_name = text_of(model, "name");
        state.model_owner = text_of(model, "owner");
        state.model_backend = text_of(model, "secret_backend", "auto");
    }
    if (root["applications"]) {
        state.applications = texts_of(root, "applications");
    }
    for (const YAML::Node& user : list_of(root, "users")) {
        state.users.push_back(read_user(user));
    }
    for (const YAML::Node& agent : list_of(root, "agents")) {
        state.agents.push_back(read_agent(agent));
    }
    state.next_ids = texts_of(root, "next_ids");
    read_backends(root, state);
    state.empty_name_taken = value_of<bool>(root, "empty_name_taken", false, "true or false");
    for (const YAML::Node& secret : list_of(root, "secrets")) {
        state.secrets.push_back(read_secret(secret, state.model_uuid));
    }
    return state;
}

} // namespace

StateFile read_state(const std::string& yaml)
{
    YAML::Node root;
    try {
        root = YAML::Load(yaml);
    } catch (const YAML::ParserException& error) {
        throw std::runtime_error("mock controller: state, line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
    }
    return read_root(root);
}

} // namespace juju::mock
