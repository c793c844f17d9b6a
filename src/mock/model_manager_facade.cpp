#include "mock/call.hpp"
#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
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
    put_owner(call, info);
    info["life"] = "alive";
    info["status"] = Json::object();
    info["status"]["status"] = "available";
    info["status"]["info"] = "";
    info["status"]["since"] = time_text(world.now());
    info["users"] = Json::array();
    info["machines"] = Json::array();
    info["secret-backends"] = used_backends(call);
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
    const auto entities = GoStruct::params(call.params, "Entities").objects("entities", "Entity");
    const UserSettings* user = call.world.find_user(call.caller.user);
    const bool superuser = is_superuser(call);
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

/// The name of a local or external user from a tag.
std::string user_of(const std::string& text)
{
    const Tag tag = parse_tag(text);
    if (tag.kind != "user") {
        throw Failure(go_quoted(text) + " is not a valid user tag");
    }
    return tag.id.ends_with("@local") ? tag.id.substr(0, tag.id.size() - 6) : tag.id;
}

/// What an empty list of models is.
Json no_models(const Call& call)
{
    return call.world.is_3_6() || call.version >= 11 ? Json() : Json::array();
}

/// `ListModels`: the one model, for those who may see it.
Json list_models(const Call& call)
{
    const World& world = call.world;
    const std::string name = user_of(GoStruct::params(call.params, "Entity").text("tag"));
    if (name != call.caller.user && !is_superuser(call)) {
        throw permission_denied();
    }
    const UserSettings* user = world.find_user(name);
    Json response = Json::object();
    response["user-models"] = no_models(call);
    if (!is_superuser(call) && (user == nullptr || user->access == MockAccess::none)) {
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

} // namespace

Json call_model_manager(const Call& call)
{
    check_is_user(call);
    if (call.method == "ListModels") {
        return list_models(call);
    }
    if (call.method == "ModelInfo") {
        return model_infos(call);
    }
    throw unknown_method(call.world, "ModelManager", call.version, call.method);
}

} // namespace juju::mock
