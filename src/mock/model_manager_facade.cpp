#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/login.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

namespace juju::mock {
namespace {

/// Who owns the model: by name from version 11 of 4.0, by tag before.
void put_owner(const Call& call, Json& model)
{
    const World& world = call.world;
    if (!world.is_3_6() && call.version >= 11) {
        model["qualifier"] = world.model_owner;
    } else {
        model["owner-tag"] = "user-" + world.model_owner;
    }
}

/// The backends that hold contents of the model, for those who may write to it. ModelInfo leaves their ids empty.
Json used_backends(const Call& call)
{
    const UserSettings* user = call.world.find_user(call.caller.user);
    if (user == nullptr || user->access < MockAccess::write) {
        return nullptr;
    }
    Json used = Json::array();
    for (Json& entry : backends_json(call.world, {}, false)) {
        if (entry["num-secrets"] != 0) {
            entry["id"] = "";
            used.push_back(std::move(entry));
        }
    }
    return used.empty() ? Json() : used;
}

/// What `ModelInfo` and `ListModelSummaries` both say about the one model there is.
Json describe_model(const Call& call)
{
    const World& world = call.world;
    Json model = Json::object();
    model["name"] = world.model_name;
    model["type"] = "iaas";
    model["uuid"] = world.store.model_uuid();
    model["controller-uuid"] = world.controller_uuid;
    model["is-controller"] = false;
    model["provider-type"] = "manual";
    model["cloud-tag"] = "cloud-mock";
    put_owner(call, model);
    model["life"] = "alive";
    model["status"] = Json::object();
    model["status"]["status"] = "available";
    model["status"]["info"] = "";
    model["status"]["since"] = time_text(world.now());
    if (world.is_3_6()) {
        model["sla"] = Json::object();
        model["sla"]["level"] = "unsupported";
        model["sla"]["owner"] = world.model_owner;
    }
    model["agent-version"] = world.server_version();
    return model;
}

Json model_info(const Call& call)
{
    Json info = describe_model(call);
    info["users"] = Json::array();
    info["machines"] = Json::array();
    info["secret-backends"] = used_backends(call);
    return info;
}

Json model_infos(const Call& call)
{
    const auto entities = GoStruct::params(call.params, "Entities").objects("entities", "Entity");
    const UserSettings* user = call.world.find_user(call.caller.user);
    const bool superuser = is_superuser(call);
    return bulk_results(call, entities.size(), [&](std::size_t i) {
        const std::string tag = entities[i].text("tag");
        const bool known = tag == call.world.store.model_tag() && !call.world.network.model_gone;
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

/// The name of a local or external user from a tag.
std::string user_of(const std::string& text)
{
    const Tag tag = parse_tag(text);
    if (tag.kind != "user") {
        throw Failure(go_quoted(text) + " is not a valid user tag");
    }
    return tag.id.ends_with("@local") ? tag.id.substr(0, tag.id.size() - 6) : tag.id;
}

/// The name of the user whose models are asked for: the caller's own, unless a superuser asks.
std::string user_asked_for(const Call& call, const std::string& tag)
{
    std::string name = user_of(tag);
    if (name != call.caller.user && !is_superuser(call)) {
        throw permission_denied();
    }
    return name;
}

MockAccess access_of(const World& world, const std::string& name)
{
    const UserSettings* user = world.find_user(name);
    return user == nullptr ? MockAccess::none : user->access;
}

/// What ListModels gives when there is none.
Json no_models(const Call& call)
{
    return call.world.is_3_6() || call.version >= 11 ? Json() : Json::array();
}

/// `ListModels`: the one model, for those who may see it.
Json list_models(const Call& call)
{
    const World& world = call.world;
    const std::string name = user_asked_for(call, GoStruct::params(call.params, "Entity").text("tag"));
    Json response = Json::object();
    response["user-models"] = no_models(call);
    if (world.network.model_gone || (!is_superuser(call) && access_of(world, name) == MockAccess::none)) {
        return response;
    }
    Json entry = Json::object();
    entry["model"]["name"] = world.model_name;
    entry["model"]["uuid"] = world.store.model_uuid();
    entry["model"]["type"] = "iaas";
    put_owner(call, entry["model"]);
    entry["last-connection"] = world.is_3_6() ? Json(time_text(MockTime::min())) : Json();
    response["user-models"] = Json::array();
    response["user-models"].push_back(std::move(entry));
    return response;
}

/// `ListModelSummaries`, which python-libjuju asks for as soon as it has logged in to a controller.
Json list_summaries(const Call& call)
{
    const World& world = call.world;
    const GoStruct args = GoStruct::params(call.params, "ModelSummariesRequest");
    const bool all = args.optional_flag("all").value_or(false);
    const std::string name = user_asked_for(call, args.text("user-tag"));
    if (all && !is_superuser(call) && !world.is_3_6()) {
        throw Failure("permission denied: cannot list all models as non-admin user", "unauthorized access");
    }
    const MockAccess access = access_of(world, name);
    Json response = Json::object();
    response["results"] = world.is_3_6() ? Json() : Json::array();
    if (world.network.model_gone || (access == MockAccess::none && !(all && is_superuser(call)))) {
        return response;
    }
    Json entry = Json::object();
    entry["result"] = describe_model(call);
    entry["result"]["user-access"] = access_text(access);
    entry["result"]["last-connection"] = nullptr;
    entry["result"]["counts"] = Json::array();
    response["results"] = Json::array();
    response["results"].push_back(std::move(entry));
    return response;
}

} // namespace

Json call_model_manager(const Call& call)
{
    check_is_user(call);
    if (call.method == "ListModels") {
        return list_models(call);
    }
    if (call.method == "ListModelSummaries") {
        return list_summaries(call);
    }
    if (call.method == "ModelInfo") {
        return model_infos(call);
    }
    throw unknown_method(call.world, "ModelManager", call.version, call.method);
}

} // namespace juju::mock
