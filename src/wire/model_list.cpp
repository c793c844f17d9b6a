#include "wire/model_list.hpp"

#include "wire/json.hpp"
#include "wire/json_reader.hpp"
#include "wire/server_errors.hpp"
#include "wire/tags.hpp"

#include <utility>

namespace juju::wire {
namespace {

ListedModel read_model(Value value)
{
    ListedModel model;
    std::string name;
    std::string owner;
    for_each_member(value, "model", [&](std::string_view key, Value member) {
        if (key == "name")
            name = read_string(member, "model name");
        else if (key == "uuid")
            model.uuid = read_string(member, "model uuid");
        else if (key == "type")
            model.type = read_string(member, "model type");
        else if (key == "qualifier") // version 11
            owner = read_string(member, "model qualifier");
        else if (key == "owner-tag") // before
            owner = user_of_tag(read_string(member, "model owner-tag")).value_or("");
    });
    if (name.empty() || owner.empty() || !is_uuid(model.uuid))
        fail_malformed("a listed model has no name, owner or UUID");
    model.name = owner + '/' + name;
    if (model.type.empty())
        model.type = "iaas";
    return model;
}

} // namespace

Request list_models_request(int version, const std::string& user_tag)
{
    Json params = Json::object();
    params["tag"] = user_tag;
    return {"ModelManager", version, "ListModels", wire::dump(params)};
}

std::vector<ListedModel> decode_models(Reply& reply)
{
    throw_if_refused(reply, "ModelManager.ListModels");
    std::vector<ListedModel> models;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key != "user-models")
            return;
        for_each_element(value, "user-models", [&](Value entry) {
            for_each_member(entry, "user-models entry", [&](std::string_view member, Value model) {
                if (member == "model")
                    models.push_back(read_model(model));
            });
        });
    });
    return models;
}

} // namespace juju::wire
