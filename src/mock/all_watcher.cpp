#include "mock/all_watcher.hpp"

#include "mock/facade_table.hpp"

namespace juju::mock {
namespace {

/// The delta with which an all-watcher begins: the model itself.
Json model_delta(const World& world)
{
    Json model = Json::object();
    model["model-uuid"] = world.store.model_uuid();
    model["name"] = world.model_name;
    model["life"] = "alive";
    model["owner"] = world.model_owner;
    model["controller-uuid"] = world.controller_uuid;
    model["is-controller"] = false;
    model["config"] = Json::object();
    Json delta = Json::array();
    delta.push_back("model");
    delta.push_back("change");
    delta.push_back(std::move(model));
    Json response = Json::object();
    response["deltas"] = Json::array();
    response["deltas"].push_back(std::move(delta));
    return response;
}

} // namespace

bool AllWatchers::concerns(const Request& request)
{
    return request.type == "AllWatcher" || (request.type == "Client" && request.method == "WatchAll");
}

bool AllWatchers::known(const std::string& id) const
{
    for (std::size_t number = 1; number <= made_; ++number) {
        if (id == std::to_string(number)) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> AllWatchers::handle(const World& world, const Request& request)
{
    if (request.type == "Client") {
        fresh_.push_back(std::to_string(++made_));
        Json response = Json::object();
        response["watcher-id"] = fresh_.back();
        return {reply_text(request, response)};
    }
    if (!known(request.object_id)) {
        throw Failure("unknown watcher id", "not found");
    }
    if (request.method == "Next" && std::erase(fresh_, request.object_id) > 0) {
        return {reply_text(request, model_delta(world))};
    }
    if (request.method == "Next") {
        waiting_.push_back(request);
        return {};
    }
    if (request.method != "Stop") {
        throw unknown_method(world, request.type, request.version, request.method);
    }
    std::vector<std::string> replies;
    replies.reserve(waiting_.size() + 1);
    for (const Request& next : waiting_) {
        replies.push_back(failure_text(next, Failure("watcher has been stopped", "stopped")));
    }
    waiting_.clear();
    replies.push_back(reply_text(request, Json::object()));
    return replies;
}

} // namespace juju::mock
