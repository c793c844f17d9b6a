#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

namespace juju::mock {
namespace {

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

/// `Application.Get`, the example of a facade that has nothing to do with secrets. Every application's charm has its name.
Json application_get(const Call& call)
{
    const GoStruct args = GoStruct::params(call.params, "ApplicationGet");
    const std::string name = args.text("application");
    check_is_user(call);
    check_read(call);
    const auto kind = call.world.find_application(name);
    if (!kind || *kind == MockApplication::consumed) {
        throw Failure("application " + go_quoted(name) + " not found", "not found");
    }
    Json response = Json::object();
    response["application"] = name;
    response["charm"] = name;
    response["config"] = Json::object();
    response["constraints"] = Json::object();
    response["base"] = Json::object();
    response["base"]["name"] = "ubuntu";
    response["base"]["channel"] = "22.04/stable";
    response["channel"] = "latest/stable";
    return response;
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
    if (facade == "Application" && call.method == "Get") {
        return application_get(call);
    }
    if (facade == "SecretBackends") {
        return call_secret_backends(call);
    }
    if (facade == "ModelConfig") {
        return call_model_config(call);
    }
    if (facade == "ModelManager") {
        return call_model_manager(call);
    }
    throw unknown_method(call.world, facade, call.version, call.method);
}

} // namespace juju::mock
