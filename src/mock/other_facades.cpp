#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

#include <string_view>

namespace juju::mock {
namespace {

Json config_value(const Json& value, const char* source)
{
    Json entry = Json::object();
    entry["value"] = value;
    entry["source"] = source;
    return entry;
}

/// `ModelConfig.ModelGet`: python-libjuju asks for it as soon as it has logged in.
Json model_get(const Call& call)
{
    check_is_user(call);
    check_read(call);
    Json config = Json::object();
    config["agent-version"] = config_value(call.world.server_version(), "model");
    config["name"] = config_value(call.world.model_name, "model");
    config["secret-backend"] = config_value("auto", "default");
    config["type"] = config_value("manual", "model");
    config["uuid"] = config_value(call.world.store.model_uuid(), "model");
    Json response = Json::object();
    response["config"] = std::move(config);
    return response;
}

/// The members of `ModelManager.ModelInfo` that describe the one model there is.
Json model_info(const Call& call)
{
    const World& world = call.world;
    Json info = Json::object();
    info["name"] = world.model_name;
    info["type"] = "iaas";
    info["uuid"] = world.store.model_uuid();
    info["controller-uuid"] = world.controller_uuid;
    info["is-controller"] = false;
    info["provider-type"] = "manual";
    info["cloud-tag"] = "cloud-mock";
    if (!world.is_3_6() && call.version >= 11) {
        info["qualifier"] = world.model_owner;
    } else {
        info["owner-tag"] = "user-" + world.model_owner;
    }
    info["life"] = "alive";
    info["status"] = Json::object();
    info["status"]["status"] = "available";
    info["status"]["info"] = "";
    info["status"]["since"] = time_text(world.now());
    info["users"] = Json::array();
    info["machines"] = Json::array();
    info["secret-backends"] = nullptr;
    if (world.is_3_6()) {
        info["sla"] = Json::object();
        info["sla"]["level"] = "unsupported";
        info["sla"]["owner"] = world.model_owner;
    }
    info["agent-version"] = world.server_version();
    return info;
}

Json model_infos(const Call& call)
{
    check_is_user(call);
    const auto entities = GoStruct::params(call.params, "Entities").objects("entities", "Entity");
    const UserSettings* user = call.world.find_user(call.caller.user);
    const bool superuser = user != nullptr && user->controller_access == MockControllerAccess::superuser;
    return bulk_results(call, entities.size(), [&](std::size_t i) {
        const std::string tag = entities[i].text("tag");
        const bool known = tag == call.world.store.model_tag();
        if (!known && superuser && !call.world.is_3_6()) {
            throw Failure("model not found", "not found");
        }
        if (!known || (!superuser && (user == nullptr || user->access == MockAccess::none))) {
            throw permission_denied();
        }
        Json entry = Json::object();
        entry["result"] = model_info(call);
        return entry;
    });
}

/// `SecretsManager`, which answers unit agents only.
Json call_secrets_manager(const Call& call)
{
    if (!call.caller.agent.starts_with("unit-")) {
        throw permission_denied();
    }
    if (call.method != "CreateSecretURIs") {
        throw unknown_method(call.world, "SecretsManager", call.version, call.method);
    }
    const int count = GoStruct::params(call.params, "CreateSecretURIsArg").optional_int("count").value_or(0);
    if (count <= 0) {
        throw Failure("secret URI count " + std::to_string(count) + " not valid", "not valid");
    }
    return bulk_results(call, static_cast<std::size_t>(count), [&](std::size_t) {
        Json entry = Json::object();
        entry["result"] = Uri{call.world.store.model_uuid(), call.world.store.take_id()}.text();
        return entry;
    });
}

} // namespace

Json call_other_facade(const Call& call, const std::string& facade)
{
    if (facade == "SecretsManager") {
        return call_secrets_manager(call);
    }
    if (facade == "Pinger" && call.method == "Ping") {
        return Json::object();
    }
    if (facade == "ModelConfig" && call.method == "ModelGet") {
        return model_get(call);
    }
    if (facade == "ModelManager" && call.method == "ModelInfo") {
        return model_infos(call);
    }
    throw unknown_method(call.world, facade, call.version, call.method);
}

} // namespace juju::mock
