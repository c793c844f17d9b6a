#include "fuzz/fuzz.hpp"
#include "mock/core.hpp"
#include "mock/envelope.hpp"
#include "mock/json.hpp"
#include "unit/mock_support.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

// Messages from a client to the mock controller: one for each line, after a login unless the first line is empty.

namespace {

namespace mock = juju::mock;
using fuzz::require;
using juju::MockProfile;

void check_json(std::string_view text)
{
    const auto json = mock::parse_first(text);
    if (!json)
        return;
    const auto written = mock::go_json(*json);
    const auto again = mock::parse_first(written);
    require(again && *again == *json, "JSON that is written says the same");
    require(mock::go_json(*again) == written, "JSON that is written stays as it is");
    mock::redacted(text);
}

void check_reply(const mock::Step& step, MockProfile profile)
{
    if (step.ending != mock::Ending::none) {
        require(step.text.empty(), "an end is no message");
        return;
    }
    const auto reply = nlohmann::json::parse(step.text, nullptr, false);
    require(reply.is_object(), "a reply is a JSON object");
    const bool capitalised = reply.contains("RequestId");
    require(capitalised ? profile == MockProfile::juju_3_6 : reply.contains("request-id"), "a reply has a request id");
    require(reply.contains(capitalised ? "Response" : "response"), "a reply has a response");
}

/// A controller that every run finds as new: to make one takes longer than most runs.
class Controller {
public:
    explicit Controller(MockProfile profile)
        : dialogue_(juju::test::mock_settings(profile), mock::Target::model), stranger_(dialogue_.conversation)
    {
        require(dialogue_.login("admin").is_object(), "the administrator can log in");
        world_.emplace(dialogue_.core.with_world([](const mock::World& world) { return world; }));
    }

    /// A connection on which the administrator has logged in, or nobody.
    mock::Conversation connect(bool logs_in)
    {
        dialogue_.core.with_world([this](mock::World& world) { world = *world_; });
        dialogue_.core.clear_transcript();
        return logs_in ? dialogue_.conversation : stranger_;
    }

    std::vector<mock::Step> handle(mock::Conversation& conversation, const std::string& message)
    {
        return dialogue_.core.handle(conversation, 1, message);
    }

private:
    juju::test::Dialogue dialogue_;
    const mock::Conversation stranger_;
    std::optional<mock::World> world_;
};

Controller& controller(MockProfile profile)
{
    static Controller juju_3_6(MockProfile::juju_3_6);
    static Controller juju_4_0(MockProfile::juju_4_0);
    return profile == MockProfile::juju_3_6 ? juju_3_6 : juju_4_0;
}

void check_reading(MockProfile profile, std::string_view line)
{
    const auto reading = mock::read_message(profile, line);
    if (reading.kind != mock::Reading::Kind::request)
        return;
    const auto& request = reading.request;
    require(!request.type.empty() || !request.method.empty(), "a request asks for something");
    require(request.params.is_null() || !mock::go_json(request.params).empty(), "parameters can be written");
}

} // namespace

void fuzz::run(std::string_view input)
{
    check_json(input);
    const bool logs_in = !input.starts_with('\n');
    for (const auto profile : {MockProfile::juju_3_6, MockProfile::juju_4_0}) {
        auto conversation = controller(profile).connect(logs_in);
        constexpr int most = 8;
        std::string_view rest = input;
        for (int count = 0; count < most && !rest.empty(); ++count) {
            const auto end = std::min(rest.find('\n'), rest.size());
            const std::string line(rest.substr(0, end));
            check_reading(profile, line);
            for (const auto& step : controller(profile).handle(conversation, line))
                check_reply(step, profile);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
}
