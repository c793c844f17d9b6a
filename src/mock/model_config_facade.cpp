#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"

namespace juju::mock {
namespace {

constexpr const char* backend_key = "secret-backend";

Json config_value(const Json& value, const char* source)
{
    Json entry = Json::object();
    entry["value"] = value;
    entry["source"] = source;
    return entry;
}

/// `ModelGet`: python-libjuju asks for it as soon as it has logged in.
Json model_get(const Call& call)
{
    const World& world = call.world;
    check_read(call);
    std::map<std::string, Json> config;
    for (const auto& [name, value] : world.model_config) {
        config[name] = config_value(value, "model");
    }
    config["agent-version"] = config_value(world.server_version(), "model");
    config["name"] = config_value(world.model_name, "model");
    config[backend_key] = config_value(world.model_backend, world.model_backend == "auto" ? "default" : "model");
    config["type"] = config_value("manual", "model");
    config["uuid"] = config_value(world.store.model_uuid(), "model");
    Json response = Json::object();
    response["config"] = config;
    return response;
}

/// The backend that 3.6 is to use for the model, checked.
std::string backend_3_6(const World& world, const Json& value)
{
    if (!value.is_string()) {
        throw Failure(R"("secret-backend" config value is not a string)", "not valid");
    }
    auto name = value.get<std::string>();
    if (name.empty()) {
        throw Failure(R"(empty "secret-backend" config value not valid)", "not valid");
    }
    const bool built_in = name == "auto" || name == "internal";
    if (!built_in && world.backends.find(name) == nullptr) {
        throw Failure("secret backend " + go_quoted(name) + " not found", "not found");
    }
    if (!built_in && !world.backends.reachable(name)) {
        throw Failure("cannot ping backend " + go_quoted(name) + ": " + unreachable_backend().message());
    }
    return name;
}

/// `ModelSet`. Settings are kept as they come; the one of the secret backend counts on 3.6 only.
Json model_set(const Call& call)
{
    World& world = call.world;
    std::map<std::string, Json> config = GoStruct::params(call.params, "ModelSet").any_map("config");
    check_write(call);
    if (const auto backend = config.find(backend_key); backend != config.end()) {
        if (world.is_3_6()) {
            world.use_backend(backend_3_6(world, backend->second));
        }
        config.erase(backend);
    }
    for (auto& [name, value] : config) {
        world.model_config[name] = std::move(value);
    }
    return Json::object();
}

/// `GetModelSecretBackend`, of version 4.
Json get_backend(const Call& call)
{
    check_read(call);
    Json response = Json::object();
    response["result"] = call.world.model_backend;
    return response;
}

void set_backend_4_0(World& world, const std::string& name)
{
    if (name.empty()) {
        throw Failure("missing backend name");
    }
    if (name == "internal" || name == "kubernetes" || name.ends_with("-local")) {
        throw Failure("secret backend name " + go_quoted(name) + " not valid", "secret backend not valid");
    }
    if (name != "auto" && world.backends.find(name) == nullptr) {
        throw Failure("setting model secret backend for " + go_quoted(world.store.model_uuid()) + ": cannot get secret backend " +
                          go_quoted(name) + ": secret backend not found",
                      "secret backend not found");
    }
    world.use_backend(name);
}

/// `SetModelSecretBackend`, of version 4.
Json set_backend(const Call& call)
{
    const std::string name = GoStruct::params(call.params, "SetModelSecretBackendArg").text("secret-backend-name");
    check_write(call);
    Json response = Json::object();
    try {
        set_backend_4_0(call.world, name);
    } catch (const Failure& failure) {
        response["error"] = failure.to_item();
    }
    return response;
}

} // namespace

Json call_model_config(const Call& call)
{
    check_is_user(call);
    if (call.method == "ModelGet") {
        return model_get(call);
    }
    if (call.caller.model_connection && call.method == "ModelSet") {
        return model_set(call);
    }
    if (call.caller.model_connection && call.version >= 4 && call.method == "GetModelSecretBackend") {
        return get_backend(call);
    }
    if (call.caller.model_connection && call.version >= 4 && call.method == "SetModelSecretBackend") {
        return set_backend(call);
    }
    throw unknown_method(call.world, "ModelConfig", call.version, call.method);
}

} // namespace juju::mock
