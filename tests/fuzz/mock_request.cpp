#include "fuzz/fuzz.hpp"
#include "mock/core.hpp"
#include "mock/envelope.hpp"
#include "mock/json.hpp"
#include "unit/mock_support.hpp"

#include <algorithm>
#include <string>

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
        juju::test::Dialogue dialogue(juju::test::mock_settings(profile), mock::Target::model);
        if (logs_in)
            require(dialogue.login("admin").is_object(), "the administrator can log in");
        constexpr int most = 8;
        std::string_view rest = input;
        for (int count = 0; count < most && !rest.empty(); ++count) {
            const auto end = std::min(rest.find('\n'), rest.size());
            const std::string line(rest.substr(0, end));
            check_reading(profile, line);
            for (const auto& step : dialogue.steps(line))
                check_reply(step, profile);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
}
