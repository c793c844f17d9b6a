#include "connection/diagnostics.hpp"

#include "wire/json.hpp"
#include "wire/printable.hpp"

#include <chrono>

namespace juju::connection {
namespace {

using wire::Json;

const char* kind_text(login::Credentials::Kind kind)
{
    using Kind = login::Credentials::Kind;
    switch (kind) {
    case Kind::password: return "password";
    case Kind::macaroons: return "macaroons";
    case Kind::session_token: return "session token";
    case Kind::client_credentials: return "client credentials";
    case Kind::agent: return "agent";
    }
    return "";
}

std::string result_text(const transport::Attempt& attempt)
{
    if (attempt.error)
        return attempt.error->what();
    return attempt.phase == transport::Phase::done ? "connected" : "given up";
}

Json attempts_json(const Progress& progress)
{
    const auto now = transport::Attempt::Clock::now();
    Json attempts = Json::array();
    for (const auto& report : progress.reports) {
        for (const auto& attempt : report->attempts()) {
            const auto time = attempt.ended.value_or(now) - attempt.started;
            Json entry = Json::object();
            entry["address"] = attempt.address;
            entry["phase"] = transport::phase_text(attempt.phase);
            entry["ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
            entry["result"] = result_text(attempt);
            attempts.push_back(std::move(entry));
        }
    }
    return attempts;
}

std::string text_of(const Json& json)
{
    const auto text = json.dump(2, ' ', false, Json::error_handler_t::replace);
    return {text.begin(), text.end()};
}

} // namespace

std::string describe_success(const Progress& progress, const Established& established)
{
    const auto& login = established.logged_in.result.login;
    Json json = Json::object();
    json["connected"] = true;
    json["address"] = established.logged_in.endpoint.authority();
    json["ip"] = established.logged_in.ip;
    json["controller"] = wire::printable(login.controller_tag);
    json["model"] = wire::printable(login.model_tag);
    json["juju"] = wire::printable(login.server_version);
    json["login"] = kind_text(established.plan.credentials.kind);
    json["user"] = wire::printable(login.identity);
    json["store"] = established.plan.store ? Json(established.plan.store->directory) : Json();
    json["attempts"] = attempts_json(progress);
    return text_of(json);
}

std::string describe_failure(const Progress& progress, const Error& failure)
{
    Json json = Json::object();
    json["connected"] = false;
    json["error"] = failure.what();
    json["step"] = progress.step;
    json["attempts"] = attempts_json(progress);
    return text_of(json);
}

} // namespace juju::connection
