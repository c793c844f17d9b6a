#include "store/choose.hpp"

#include "local_error.hpp"
#include "store/names.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <utility>

namespace juju::store {
namespace {

struct Spelling {
    std::string controller;
    std::string model;
};

Spelling split(const std::string& text)
{
    const auto colon = text.find(':');
    if (colon == std::string::npos)
        return {std::string(), text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string bullet_list(std::vector<std::string> lines)
{
    std::ranges::sort(lines);
    std::string text;
    for (const auto& line : lines)
        text += "\n  - " + wire::printable(line);
    return text;
}

bool exists(const ClientStore& store, const std::string& controller)
{
    const auto names = store.controller_names();
    return std::ranges::find(names, controller) != names.end();
}

void need_controller(const ClientStore& store, const std::string& name)
{
    if (!exists(store, name))
        throw detail::local_error(errc::controller_not_found, "controller " + wire::printable(name) + " not found");
}

[[noreturn]] void fail_no_controller(const std::vector<std::string>& names)
{
    if (names.empty())
        throw detail::local_error(errc::no_controller, "No controllers registered.\n\n"
                                                       "Please either create a new controller using \"juju bootstrap\" or connect to\n"
                                                       "another controller that you have been given access to using \"juju register\".");
    throw detail::local_error(errc::no_controller, "No selected controller.\n\n"
                                                   "Use \"juju switch\" to select from the following controllers:\n" +
                                                       bullet_list(names));
}

/// The controller when none is given.
std::string determine_controller(const ClientStore& store, const Environment& environment)
{
    auto name = split(environment.get("JUJU_MODEL")).controller;
    const auto variable = environment.get("JUJU_CONTROLLER");
    if (!name.empty() && !variable.empty() && name != variable)
        throw detail::local_error(errc::invalid_argument, "controller name from JUJU_MODEL (" + wire::printable(name) +
                                                              ") conflicts with value in JUJU_CONTROLLER (" + wire::printable(variable) +
                                                              ')');
    if (name.empty())
        name = variable;
    if (name.empty())
        name = store.current_controller().value_or("");
    const auto names = store.controller_names();
    if (std::ranges::find(names, name) == names.end())
        fail_no_controller(names);
    return name;
}

[[noreturn]] void fail_no_model(const ClientStore& store, const std::string& controller)
{
    std::vector<std::string> names;
    bool has_controller_model = false;
    for (const auto& model : store.models(controller)) {
        const bool is_controller_model = model.name.ends_with("/controller");
        has_controller_model = has_controller_model || is_controller_model;
        if (!is_controller_model)
            names.push_back(controller + ':' + model.name);
    }
    if (!names.empty())
        throw detail::local_error(errc::no_model, "No selected model.\n\n"
                                                  "Use \"juju switch\" to select one of the following models:\n" +
                                                      bullet_list(std::move(names)));
    if (has_controller_model)
        throw detail::local_error(errc::no_model, "No selected model.\n\n"
                                                  "Only the controller model exists. Use \"juju add-model\" to create an initial model.");
    throw detail::local_error(errc::no_model, "current model for controller " + wire::printable(controller) + " not found");
}

/// The model's spelling, from the argument or the environment.
Spelling spelling_of(const Environment& environment, const std::string& given_model, const std::string& given_controller)
{
    auto chosen = split(given_model);
    if (!given_model.empty() && !chosen.controller.empty() && !given_controller.empty() && chosen.controller != given_controller)
        throw detail::local_error(errc::invalid_argument,
                                  "model " + in_quotes(given_model) + " is of another controller than " + in_quotes(given_controller));
    if (given_model.empty()) {
        chosen = split(environment.get("JUJU_MODEL"));
        if (!given_controller.empty() && !chosen.controller.empty() && chosen.controller != given_controller)
            chosen.model.clear();
    }
    if (!given_controller.empty())
        chosen.controller = given_controller;
    return chosen;
}

} // namespace

std::string choose_controller(const ClientStore& store, const Environment& environment, const std::string& given)
{
    if (given.empty())
        return determine_controller(store, environment);
    need_controller(store, given);
    return given;
}

Choice choose_model(const ClientStore& store, const Environment& environment, const std::string& given_model,
                    const std::string& given_controller)
{
    auto chosen = spelling_of(environment, given_model, given_controller);
    Choice choice;
    choice.controller = choose_controller(store, environment, chosen.controller);
    choice.model = std::move(chosen.model);
    if (choice.model.empty()) {
        auto current = store.current_model(choice.controller);
        if (!current)
            fail_no_model(store, choice.controller);
        choice.model = *std::move(current);
    }
    check_model_name(choice.model);
    return choice;
}

std::optional<Model> find_model(const std::vector<Model>& models, const std::string& text, const std::string& user)
{
    constexpr std::size_t shortest_prefix = 6;
    const bool has_owner = text.find('/') != std::string::npos;
    const auto name = without_local_owner(has_owner || user.empty() ? text : user + '/' + text);
    check_model_name(name);
    const auto exact = std::ranges::find(models, name, [](const Model& model) { return without_local_owner(model.name); });
    if (exact != models.end())
        return *exact;
    if (has_owner || text.size() < shortest_prefix)
        return std::nullopt;

    std::vector<const Model*> found;
    for (const auto& model : models)
        if (model.uuid.starts_with(text))
            found.push_back(&model);
    if (found.empty())
        return std::nullopt;
    const bool all_the_same = std::ranges::all_of(found, [&](const Model* model) { return model->uuid == found.front()->uuid; });
    if (all_the_same)
        return *found.front();
    std::vector<std::string> candidates;
    candidates.reserve(found.size());
    for (const Model* model : found)
        candidates.push_back(model->name + " (" + model->uuid + ')');
    throw detail::local_error(errc::ambiguous_model,
                              "model UUID prefix " + in_quotes(text) + " is ambiguous:" + bullet_list(std::move(candidates)));
}

bool is_model_uuid(std::string_view text)
{
    return wire::is_uuid(text);
}

} // namespace juju::store
