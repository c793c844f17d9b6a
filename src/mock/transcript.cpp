#include "mock/transcript.hpp"

#include "mock/json.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace juju::mock {
namespace {

constexpr const char* replacement = "REDACTED";

void redact_members(Json& object)
{
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (!member.value().is_null()) {
            member.value() = replacement;
        }
    }
}

/// An error about settings of a secret backend may quote one of them.
void redact_quoted_setting(Json& text)
{
    std::string& message = text.get_ref<std::string&>();
    const auto detail = message.find("config for provider ");
    const auto value = detail == std::string::npos ? detail : message.find('(', detail);
    if (value != std::string::npos) {
        message.replace(value, std::string::npos, "(REDACTED)");
    }
}

/// Secret values stand in `data` members, the settings of secret backends in `config` members, everything that logs in under
/// fixed names.
/// @param backends is this part of a request that sets up secret backends?
void redact(Json& value, bool backends)
{
    static constexpr std::array<std::string_view, 9> secret_members{
        "credentials",   "token",    "macaroons",          "session-token",
        "client-secret", "password", "discharge-required", "bakery-discharge-required",
        "user-code"};
    if (value.is_array()) {
        for (Json& element : value) {
            redact(element, backends);
        }
    }
    if (!value.is_object()) {
        return;
    }
    const bool backend = backends || find_member(value, "backend-type") != nullptr;
    for (auto member = value.begin(); member != value.end(); ++member) {
        const auto is_name = [&](std::string_view name) { return same_member(name, member.key()); };
        const bool settings = backend && is_name("config");
        const bool is_object = member.value().is_object();
        const bool secret = std::any_of(secret_members.begin(), secret_members.end(), is_name) || (settings && !is_object);
        if (secret && !member.value().is_null()) {
            member.value() = replacement;
        } else if (is_object && (settings || is_name("data"))) {
            redact_members(member.value());
        } else if (is_name("message") && member.value().is_string()) {
            redact_quoted_setting(member.value());
        } else {
            redact(member.value(), backends);
        }
    }
}

} // namespace

std::string redacted(std::string_view message)
{
    auto json = parse_first(message);
    if (!json) {
        return "(" + std::to_string(message.size()) + " bytes that are no JSON)";
    }
    const Json* facade = find_member(*json, "type");
    redact(*json, facade != nullptr && *facade == "SecretBackends");
    return go_json(*json);
}

Transcript::Transcript(bool keep, const std::filesystem::path& file, bool redact_file) : keep_(keep), redact_file_(redact_file)
{
    if (file.empty()) {
        return;
    }
    file_.open(file, std::ios::binary | std::ios::trunc);
    if (!file_) {
        throw std::runtime_error("mock controller: cannot write the transcript " + file.string());
    }
}

void Transcript::record(std::size_t connection, MockDirection direction, std::string_view text)
{
    if (file_.is_open()) {
        Json line = Json::object();
        line["connection"] = connection;
        line["direction"] = direction == MockDirection::from_client ? "from-client" : "to-client";
        line["text"] = redact_file_ ? redacted(text) : std::string(text);
        file_ << go_json(line) << '\n' << std::flush;
    }
    if (keep_) {
        MockMessage message;
        message.connection = connection;
        message.direction = direction;
        message.text = std::string(text);
        messages_.push_back(std::move(message));
    }
}

void Transcript::record(const HttpRequest& request, const HttpRoute& answer)
{
    if (!keep_) {
        return;
    }
    MockHttpRequest exchange;
    exchange.method = request.method;
    exchange.target = request.target;
    exchange.body = request.body;
    exchange.status = answer.status;
    exchange.answer = answer.body;
    http_requests_.push_back(std::move(exchange));
}

void Transcript::clear()
{
    messages_.clear();
    http_requests_.clear();
}

} // namespace juju::mock
