#include "store/choose.hpp"
#include "unit/store_support.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace juju {
namespace {

using store::Environment;
using store::Model;
using test::StoreDirectory;
using test::thrown_by;
using Variables = std::map<std::string, std::string>;

/// What is chosen, as "CONTROLLER|MODEL", or the error's text.
std::string chosen(const StoreDirectory& directory, const Variables& variables, const std::string& model, const std::string& controller)
{
    try {
        const auto choice = store::choose_model(directory.store(), Environment(variables), model, controller);
        return choice.controller + '|' + choice.model;
    } catch (const Error& error) {
        return error.what();
    }
}

std::string chosen_controller(const StoreDirectory& directory, const Variables& variables, const std::string& controller)
{
    try {
        return store::choose_controller(directory.store(), Environment(variables), controller);
    } catch (const Error& error) {
        return error.what();
    }
}

const std::string no_controllers = "No controllers registered.\n\n"
                                   "Please either create a new controller using \"juju bootstrap\" or connect to\n"
                                   "another controller that you have been given access to using \"juju register\".";
const std::string no_selected_controller = "No selected controller.\n\n"
                                           "Use \"juju switch\" to select from the following controllers:\n\n"
                                           "  - jaas\n"
                                           "  - k8s-east\n"
                                           "  - lxd";

TEST(ChooseModel, ReadsEverySpelling)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "lxd|admin/web"},
        {"web", "lxd|web"},
        {"alice@example.com/web", "lxd|alice@example.com/web"},
        {"lxd:web", "lxd|web"},
        {"k8s-east:web", "k8s-east|web"},
        {"lxd:", "lxd|admin/web"},
        {"k8s-east:", "k8s-east|bob/app"},
        {":web", "lxd|web"},
        {":", "lxd|admin/web"},
        {"0b1f6a", "lxd|0b1f6a"},
        {"lxd:0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01", "lxd|0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01"},
        {"gone:web", "controller gone not found"},
        {"lxd:a:b", "model name \"a:b\" not valid"},
        {"admin/Web", "model name \"admin/Web\" not valid"},
        {"Web", "model name \"Web\" not valid"},
        {"admin/", "model name \"admin/\" not valid"},
        {"-web", "model name \"-web\" not valid"},
        {"admin/web/x", "model name \"admin/web/x\" not valid"},
        {"!/web", "validating model name \"!/web\": user name \"!\" not valid"},
        {"/web", "validating model name \"/web\": user name \"\" not valid"},
        {"lxd:a_b/web", "validating model name \"a_b/web\": user name \"a_b\" not valid"},
        {"web-", "lxd|web-"},
        {"123", "lxd|123"},
    };
    for (const auto& [spelling, expected] : cases)
        EXPECT_EQ(chosen(directory, {}, spelling, ""), expected) << spelling;
}

struct Precedence {
    std::string model;
    std::string controller;
    std::string juju_model;
    std::string juju_controller;
    std::string expected;
};

TEST(ChooseModel, FollowsThePrecedence)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    const std::string conflict = "controller name from JUJU_MODEL (k8s-east) conflicts with value in JUJU_CONTROLLER (jaas)";
    const std::vector<Precedence> cases{
        // The model: argument, JUJU_MODEL, current.
        {"web", "", "k8s-east:app", "", "k8s-east|web"},
        {"lxd:web", "", "k8s-east:app", "jaas", "lxd|web"},
        {"", "", "app", "", "lxd|app"},
        {"", "", "k8s-east:app", "", "k8s-east|app"},
        {"", "", "k8s-east:", "", "k8s-east|bob/app"},
        {"", "", "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01", "", "lxd|0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01"},
        {"", "", "", "k8s-east", "k8s-east|bob/app"},
        // The controller: of the argument, of JUJU_MODEL, JUJU_CONTROLLER, current.
        {"web", "", "", "k8s-east", "k8s-east|web"},
        {"web", "", "app", "k8s-east", "k8s-east|web"},
        {"", "", "app", "k8s-east", "k8s-east|app"},
        {"web", "", "k8s-east:app", "k8s-east", "k8s-east|web"},
        // The conflict counts only where the controller is not known otherwise.
        {"web", "", "k8s-east:app", "jaas", conflict},
        {":web", "", "k8s-east:app", "jaas", conflict},
        {"", "", "k8s-east:app", "jaas", "k8s-east|app"},
        // None of that name.
        {"gone:web", "", "", "", "controller gone not found"},
        {"", "", "gone:web", "", "controller gone not found"},
        {"web", "", "gone:web", "", no_selected_controller},
        {"web", "", "", "gone", no_selected_controller},
        // A controller that is given.
        {"", "k8s-east", "", "", "k8s-east|bob/app"},
        {"web", "k8s-east", "", "jaas", "k8s-east|web"},
        {"k8s-east:web", "k8s-east", "", "", "k8s-east|web"},
        {"lxd:web", "k8s-east", "", "", "model \"lxd:web\" is of another controller than \"k8s-east\""},
        {"", "k8s-east", "lxd:web", "jaas", "k8s-east|bob/app"},
        {"", "k8s-east", "k8s-east:web", "", "k8s-east|web"},
        {"", "k8s-east", "web", "", "k8s-east|web"},
        {"", "gone", "", "", "controller gone not found"},
    };
    for (const auto& c : cases) {
        Variables variables{{"JUJU_MODEL", c.juju_model}, {"JUJU_CONTROLLER", c.juju_controller}};
        EXPECT_EQ(chosen(directory, variables, c.model, c.controller), c.expected)
            << c.model << ", " << c.controller << ", " << c.juju_model << ", " << c.juju_controller;
    }
}

TEST(ChooseController, FollowsThePrecedence)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    EXPECT_EQ(chosen_controller(directory, {}, ""), "lxd");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_CONTROLLER", "jaas"}}, ""), "jaas");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_MODEL", "jaas:x"}}, ""), "jaas");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_MODEL", "jaas:x"}, {"JUJU_CONTROLLER", "jaas"}}, ""), "jaas");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_MODEL", "x"}, {"JUJU_CONTROLLER", "jaas"}}, ""), "jaas");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_MODEL", "a:x"}, {"JUJU_CONTROLLER", "b"}}, ""),
              "controller name from JUJU_MODEL (a) conflicts with value in JUJU_CONTROLLER (b)");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_MODEL", "a:x"}, {"JUJU_CONTROLLER", "b"}}, "k8s-east"), "k8s-east");
    EXPECT_EQ(chosen_controller(directory, {}, "gone"), "controller gone not found");
    EXPECT_EQ(chosen_controller(directory, {{"JUJU_CONTROLLER", "gone"}}, ""), no_selected_controller);
}

TEST(ChooseModel, SaysWhatThereIsToChooseFrom)
{
    const StoreDirectory directory;
    const auto store = directory.store();
    const Environment environment(Variables{});
    const auto thrown_for = [&](const std::string& model) {
        return thrown_by([&] { static_cast<void>(store::choose_model(store, environment, model, "")); });
    };
    EXPECT_EQ(thrown_for("").code, errc::no_controller);
    EXPECT_EQ(thrown_for("").text, no_controllers);
    EXPECT_EQ(chosen_controller(directory, {}, ""), no_controllers);
    EXPECT_EQ(thrown_for("lxd:").code, errc::controller_not_found);

    directory.write("controllers.yaml", "controllers:\n    lxd: {}\n    k8s-east: {}\n    jaas: {}\n");
    EXPECT_EQ(thrown_for("").code, errc::no_controller);
    EXPECT_EQ(thrown_for("").text, no_selected_controller);
    directory.write("controllers.yaml", "controllers:\n    lxd: {}\n    k8s-east: {}\n    jaas: {}\ncurrent-controller: gone\n");
    EXPECT_EQ(thrown_for("").text, no_selected_controller);

    EXPECT_EQ(thrown_for("lxd:").code, errc::no_model);
    EXPECT_EQ(thrown_for("lxd:").text, "current model for controller lxd not found");
    directory.write("models.yaml", "controllers:\n  lxd: {}\n");
    EXPECT_EQ(thrown_for("lxd:").text, "current model for controller lxd not found");
    const std::string uuid = "{uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b01}";
    directory.write("models.yaml", "controllers:\n  lxd:\n    models:\n      admin/controller: " + uuid + '\n');
    EXPECT_EQ(thrown_for("lxd:").code, errc::no_model);
    EXPECT_EQ(thrown_for("lxd:").text, "No selected model.\n\n"
                                       "Only the controller model exists. Use \"juju add-model\" to create an initial model.");
    directory.write("models.yaml", "controllers:\n  lxd:\n    models:\n      admin/controller: " + uuid + "\n      bob/b: " + uuid +
                                       "\n      admin/web: " + uuid + '\n');
    EXPECT_EQ(thrown_for("lxd:").code, errc::no_model);
    EXPECT_EQ(thrown_for("lxd:").text, "No selected model.\n\n"
                                       "Use \"juju switch\" to select one of the following models:\n\n"
                                       "  - lxd:admin/web\n"
                                       "  - lxd:bob/b");
}

Model model(std::string name, std::string uuid)
{
    Model result;
    result.name = std::move(name);
    result.uuid = std::move(uuid);
    return result;
}

TEST(FindModel, LooksForTheNameAndThenTheUuid)
{
    const std::vector<Model> models{
        model("admin/web", "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01"),
        model("bob/web", "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c02"),
        model("admin/0b1f6a", "2f4d6b8a-1357-4bdf-9bdf-02468ace1357"),
        model("alice@local/db", "c4b1d2e3-5a6b-4c7d-8e9f-0a1b2c3d4e5f"),
    };
    const auto found = [&](const std::string& text, const std::string& user) {
        const auto result = store::find_model(models, text, user);
        return result ? result->name : std::string("none");
    };
    EXPECT_EQ(found("web", "admin"), "admin/web");
    EXPECT_EQ(found("web", "bob"), "bob/web");
    EXPECT_EQ(found("web", "eve"), "none");
    EXPECT_EQ(found("web", ""), "none");
    EXPECT_EQ(found("bob/web", "admin"), "bob/web");
    EXPECT_EQ(found("bob@local/web", "admin"), "bob/web");
    EXPECT_EQ(found("alice/db", "admin"), "alice@local/db");
    EXPECT_EQ(found("0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c02", "admin"), "bob/web");
    EXPECT_EQ(found("c4b1d2", "admin"), "alice@local/db");
    EXPECT_EQ(found("c4b1d2", ""), "alice@local/db");
    EXPECT_EQ(found("c4b1d", "admin"), "none");
    EXPECT_EQ(found("0b1f6a", "admin"), "admin/0b1f6a");
    EXPECT_EQ(found("admin/c4b1d2", "admin"), "none");
    EXPECT_EQ(found("ffffff", "admin"), "none");

    auto thrown = thrown_by([&] { static_cast<void>(store::find_model(models, "0b1f6a", "bob")); });
    EXPECT_EQ(thrown.code, errc::ambiguous_model);
    EXPECT_EQ(thrown.text, "model UUID prefix \"0b1f6a\" is ambiguous:\n"
                           "  - admin/web (0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01)\n"
                           "  - bob/web (0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c02)");
    thrown = thrown_by([&] { static_cast<void>(store::find_model(models, "Web", "admin")); });
    EXPECT_EQ(thrown.code, errc::invalid_name);
    EXPECT_EQ(thrown.text, "model name \"admin/Web\" not valid");
    thrown = thrown_by([&] { static_cast<void>(store::find_model(models, "C4B1D2E3", "admin")); });
    EXPECT_EQ(thrown.text, "model name \"admin/C4B1D2E3\" not valid");
}

TEST(IsModelUuid, TakesTheWholeOneOnly)
{
    EXPECT_TRUE(store::is_model_uuid("0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01"));
    for (const char* text : {"", "0b1f6a", "0B1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01", "x0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01",
                             "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c010", "0b1f6a5c08d3e04c5508a2b01f0f3d8a7c01"})
        EXPECT_FALSE(store::is_model_uuid(text)) << text;
}

} // namespace
} // namespace juju
