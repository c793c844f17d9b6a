#pragma once

#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <string>
#include <vector>

namespace juju::wire {

/// The newest version of facade `ModelManager` whose `ListModels` this library reads (wire-protocol 7.1).
constexpr int known_model_manager_version = 11;

/// A model as the controller lists it.
struct ListedModel {
    std::string name; ///< "owner/model"
    std::string uuid;
    std::string type; ///< "iaas" or "caas"
};

/// ModelManager.ListModels of one user.
Request list_models_request(int version, const std::string& user_tag);

/// @throws Error the controller's refusal, errc::malformed_reply.
std::vector<ListedModel> decode_models(Reply& reply);

} // namespace juju::wire
