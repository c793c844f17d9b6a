#pragma once

#include "mock/core.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace juju::test {

using Json = nlohmann::json;

inline const std::string mock_model = "deadbeef-0bad-400d-8000-4b1d0d06f00d";

/// Settings with a fixed model, a user for each access ("admin", "writer", "reader", "nobody"; password "pw") and a clock that
/// stands at 2026-03-02T10:00:00.123456789Z.
inline mock::Settings mock_settings(MockProfile profile)
{
    mock::Settings settings = MockOptions().profile(profile).settings();
    settings.state_yaml = "clock: 2026-03-02T10:00:00.123456789Z\nmodel: {uuid: " + mock_model +
                          "}\ncontroller_uuid: c0ffee00-1111-4222-8333-444444444444\nusers:\n"
                          "- {name: admin, password: pw, access: admin}\n- {name: writer, password: pw, access: write}\n"
                          "- {name: reader, password: pw, access: read}\n"
                          "- {name: nobody, password: pw, access: none, controller_access: superuser}\n";
    return settings;
}

/// The mock's brain and one connection to it, without sockets.
class Dialogue {
public:
    explicit Dialogue(const mock::Settings& settings, mock::Target target = mock::Target::model)
        : core(settings), conversation(core.with_world([&](mock::World& world) { return mock::Conversation(world, target, mock_model); }))
    {
    }
    explicit Dialogue(MockProfile profile) : Dialogue(mock_settings(profile)) { login("admin"); }

    std::vector<mock::Step> steps(const std::string& message) { return core.handle(conversation, 1, message); }

    /// The reply; null when there is not exactly one text.
    Json ask(const std::string& message)
    {
        const auto answer = steps(message);
        return answer.size() == 1 && answer[0].ending == mock::Ending::none ? Json::parse(answer[0].text) : Json();
    }

    Json login(const std::string& user, const std::string& password = "pw")
    {
        return ask(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-)" + user +
                   R"(","credentials":")" + password + R"("}})");
    }

    /// A request to facade Secrets, version 2.
    Json secrets(const std::string& method, const std::string& params)
    {
        return ask(R"({"request-id":2,"type":"Secrets","version":2,"request":")" + method + R"(","params":)" + params + "}");
    }
    /// The only result of a bulk call.
    Json item(const std::string& method, const std::string& argument)
    {
        return secrets(method, R"({"args":[)" + argument + "]}").at("response").at("results").at(0);
    }
    /// The id of a new secret.
    std::string create(const std::string& argument) { return item("CreateSecrets", argument).at("result").get<std::string>().substr(7); }
    Json list(const std::string& filter = "{}", bool reveal = false)
    {
        return secrets("ListSecrets", R"({"show-secrets":)" + std::string(reveal ? "true" : "false") + R"(,"filter":)" + filter + "}")
            .at("response")
            .at("results");
    }
    MockSecret stored(const std::string& id)
    {
        return core.with_world([&](mock::World& world) { return *world.store.find(id); });
    }
    bool exists(const std::string& id)
    {
        return core.with_world([&](mock::World& world) { return world.store.find(id) != nullptr; });
    }

    mock::Core core;
    mock::Conversation conversation;
};

/// The numbers of `revisions`, as listed.
inline std::vector<int> revision_numbers(const Json& item)
{
    std::vector<int> numbers;
    for (const Json& revision : item.at("revisions")) {
        numbers.push_back(revision.at("revision").get<int>());
    }
    return numbers;
}

} // namespace juju::test
