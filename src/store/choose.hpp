#pragma once

#include "store/client_store.hpp"
#include "store/environment.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which controller and model are meant (client-store 2).
namespace juju::store {

struct Choice {
    std::string controller;
    std::string model; ///< As it was spelt, without the controller: a name with or without owner, a UUID, or the start of one.
};

/// The controller `given`, else that of `JUJU_MODEL`, else `JUJU_CONTROLLER`, else the current one.
/// @throws Error errc::controller_not_found when there is none of the `given` name; errc::no_controller, with those to choose from, when
/// nothing is given and none is found; errc::invalid_argument when `JUJU_MODEL` and `JUJU_CONTROLLER` name different ones.
std::string choose_controller(const ClientStore& store, const Environment& environment, const std::string& given);

/// The model `given_model`, else that of `JUJU_MODEL`, else the current one of its controller. The controller is the one that the spelling
/// names (`CONTROLLER:MODEL`), else as for `choose_controller`. With a `given_controller`, a `JUJU_MODEL` of another controller does not
/// count.
/// @throws Error as `choose_controller`, for a controller in the spelling as for a given one; errc::invalid_argument when `given_model`
/// names another controller than `given_controller`; errc::no_model, with those to choose from, when none is selected;
/// errc::invalid_name for what no model can be called.
Choice choose_model(const ClientStore& store, const Environment& environment, const std::string& given_model,
                    const std::string& given_controller);

/// The one of `models` that `text` means: "OWNER/MODEL"; a MODEL of `user`; a UUID or the first 6 or more characters of one. A name goes
/// before a UUID. Empty when there is none.
/// @throws Error errc::ambiguous_model, with all that fit, when several UUIDs start so; errc::invalid_name for what no model can be called.
std::optional<Model> find_model(const std::vector<Model>& models, const std::string& text, const std::string& user);

/// Lower-case hex in the 8-4-4-4-12 shape.
bool is_model_uuid(std::string_view text);

} // namespace juju::store
