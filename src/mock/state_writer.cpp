#include "mock/state_file.hpp"
#include "mock/time_text.hpp"
#include "mock/world.hpp"

#include <yaml-cpp/yaml.h>

#include <string_view>

namespace juju::mock {
namespace {

using YAML::BeginMap;
using YAML::BeginSeq;
using YAML::EndMap;
using YAML::EndSeq;

/// Texts are quoted, so that "5", "true" and "" stay texts.
void put(YAML::Emitter& out, const char* key, const std::string& value)
{
    out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
}

void put(YAML::Emitter& out, const char* key, const std::optional<MockTime>& time)
{
    if (time) {
        out << YAML::Key << key << YAML::Value << time_text(*time);
    }
}

void put(YAML::Emitter& out, const char* key, int value)
{
    out << YAML::Key << key << YAML::Value << value;
}

void put(YAML::Emitter& out, const char* key, bool value)
{
    out << YAML::Key << key << YAML::Value << value;
}

void put(YAML::Emitter& out, const char* key, const std::vector<std::string>& values)
{
    out << YAML::Key << key << YAML::Value << YAML::Flow << BeginSeq;
    for (const std::string& value : values) {
        out << YAML::DoubleQuoted << value;
    }
    out << EndSeq;
}

const char* access_name(MockAccess access)
{
    switch (access) {
    case MockAccess::none: return "none";
    case MockAccess::read: return "read";
    case MockAccess::write: return "write";
    case MockAccess::admin: return "admin";
    }
    return "";
}

const char* controller_access_name(MockControllerAccess access)
{
    switch (access) {
    case MockControllerAccess::none: return "none";
    case MockControllerAccess::login: return "login";
    case MockControllerAccess::superuser: return "superuser";
    }
    return "";
}

const char* account_name(MockAccount account)
{
    switch (account) {
    case MockAccount::active: return "active";
    case MockAccount::disabled: return "disabled";
    case MockAccount::removed: return "removed";
    }
    return "";
}

void put_user(YAML::Emitter& out, const UserSettings& user)
{
    out << BeginMap;
    put(out, "name", user.name);
    if (user.external && user.credential.empty()) {
        put(out, "external", true);
    } else {
        put(out, user.external ? "client_secret" : user.jwt ? "token" : "password", user.credential);
    }
    put(out, "access", std::string(access_name(user.access)));
    put(out, "controller_access", std::string(controller_access_name(user.controller_access)));
    put(out, "account", std::string(account_name(user.account)));
    out << EndMap;
}

void put_revision(YAML::Emitter& out, const MockRevision& revision)
{
    out << BeginMap;
    put(out, "number", revision.number);
    put(out, "backend", revision.backend);
    put(out, "create_time", std::optional(revision.create_time));
    put(out, "update_time", std::optional(revision.update_time));
    put(out, "expire_time", revision.expire_time);
    out << YAML::Key << "data" << YAML::Value << BeginMap;
    for (const auto& [key, value] : revision.data) {
        out << YAML::Key << YAML::DoubleQuoted << key << YAML::Value << YAML::DoubleQuoted << value;
    }
    out << EndMap;
    put(out, "tracked_by", revision.tracked_by);
    out << EndMap;
}

void put_grant(YAML::Emitter& out, const MockGrant& grant)
{
    out << BeginMap;
    put(out, "target", grant.target_tag);
    put(out, "scope", grant.scope_tag);
    put(out, "role", grant.role);
    out << EndMap;
}

void put_secret(YAML::Emitter& out, const MockSecret& secret)
{
    out << BeginMap;
    put(out, "id", secret.id);
    put(out, "owner", secret.owner_tag);
    put(out, "label", secret.label);
    put(out, "description", secret.description);
    put(out, "rotate_policy", secret.rotate_policy);
    put(out, "next_rotate_time", secret.next_rotate_time);
    put(out, "auto_prune", secret.auto_prune);
    put(out, "latest_revision", secret.latest_revision);
    put(out, "checksum", secret.checksum);
    put(out, "create_time", std::optional(secret.create_time));
    put(out, "update_time", std::optional(secret.update_time));
    out << YAML::Key << "revisions" << YAML::Value << BeginSeq;
    for (const MockRevision& revision : secret.revisions) {
        put_revision(out, revision);
    }
    out << EndSeq << YAML::Key << "grants" << YAML::Value << BeginSeq;
    for (const MockGrant& grant : secret.grants) {
        put_grant(out, grant);
    }
    out << EndSeq << EndMap;
}

void put_setting(YAML::Emitter& out, const Json& value)
{
    if (value.is_string()) {
        out << YAML::DoubleQuoted << value.get<std::string>();
    } else if (value.is_array()) {
        out << YAML::Flow << BeginSeq;
        for (const Json& element : value) {
            put_setting(out, element);
        }
        out << EndSeq;
    } else if (value.is_boolean()) {
        out << value.get<bool>();
    } else {
        out << go_json(value);
    }
}

void put_backend(YAML::Emitter& out, const World& world, const Backend& backend)
{
    out << BeginMap;
    put(out, "id", backend.id);
    put(out, "name", backend.name);
    put(out, "type", backend.type);
    out << YAML::Key << "config" << YAML::Value << BeginMap;
    for (const auto& [name, value] : backend.config) {
        out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value;
        put_setting(out, value);
    }
    out << EndMap;
    if (backend.rotate_interval) {
        out << YAML::Key << "token_rotate_interval" << YAML::Value << *backend.rotate_interval;
    }
    put(out, "reachable", world.backends.reachable(backend.name));
    out << EndMap;
}

void put_backends(YAML::Emitter& out, const World& world)
{
    out << YAML::Key << "secret_backends" << YAML::Value << BeginSeq << BeginMap;
    put(out, "id", world.backends.internal_id());
    put(out, "name", std::string("internal"));
    out << EndMap;
    for (const Backend& backend : world.backends.added()) {
        put_backend(out, world, backend);
    }
    out << EndSeq;
}

void put_people(YAML::Emitter& out, const World& world)
{
    out << YAML::Key << "users" << YAML::Value << BeginSeq;
    for (const UserSettings& user : world.users) {
        put_user(out, user);
    }
    out << EndSeq << YAML::Key << "agents" << YAML::Value << BeginSeq;
    for (const AgentSettings& agent : world.agents) {
        out << BeginMap;
        put(out, "tag", agent.tag);
        put(out, "password", agent.password);
        if (agent.nonce) {
            put(out, "nonce", *agent.nonce);
        }
        out << EndMap;
    }
    out << EndSeq;
}

} // namespace

std::string write_state(const World& world)
{
    std::vector<std::string> applications;
    applications.reserve(world.applications.size());
    for (const auto& [name, kind] : world.applications) {
        applications.push_back(name);
    }
    YAML::Emitter out;
    out << BeginMap;
    put(out, "clock", world.clock);
    put(out, "controller_uuid", world.controller_uuid);
    out << YAML::Key << "model" << YAML::Value << BeginMap;
    put(out, "uuid", world.store.model_uuid());
    put(out, "name", world.model_name);
    put(out, "owner", world.model_owner);
    put(out, "secret_backend", world.model_backend);
    out << EndMap;
    put(out, "applications", applications);
    put_people(out, world);
    put(out, "next_ids", world.store.next_ids());
    put(out, "empty_name_taken", world.store.empty_name_taken());
    put_backends(out, world);
    out << YAML::Key << "secrets" << YAML::Value << BeginSeq;
    for (const MockSecret* secret : world.store.all_as_created()) {
        put_secret(out, *secret);
    }
    out << EndSeq << EndMap;
    return std::string(out.c_str()) + '\n';
}

} // namespace juju::mock
