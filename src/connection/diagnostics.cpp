#include "connection/diagnostics.hpp"

#include "wire/json.hpp"
#include "wire/printable.hpp"

#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

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

/// Whether somebody or a program has logged in, of a reply's tag: "user-admin", "user-alice@external", "unit-mysql-0".
const char* user_text(const std::string& tag)
{
    if (!tag.starts_with("user-"))
        return "agent";
    return tag.find('@') == std::string::npos ? "local user" : "external user";
}

/// What is told of a login has names in it.
std::string result_text(const transport::Attempt& attempt)
{
    if (attempt.error)
        return attempt.phase == transport::Phase::login ? attempt.error->code().message() : attempt.error->what();
    return attempt.phase == transport::Phase::done ? "connected" : "given up";
}

std::int64_t milliseconds(Activity::Clock::duration time)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

std::int64_t microseconds(Activity::Clock::duration time)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

Json attempts_json(const Progress& progress)
{
    const auto now = transport::Attempt::Clock::now();
    Json attempts = Json::array();
    for (const auto& report : progress.reports) {
        for (const auto& attempt : report->attempts()) {
            Json entry = Json::object();
            entry["address"] = attempt.address;
            entry["phase"] = transport::phase_text(attempt.phase);
            entry["ms"] = milliseconds(attempt.ended.value_or(now) - attempt.started);
            entry["result"] = result_text(attempt);
            attempts.push_back(std::move(entry));
        }
    }
    return attempts;
}

/// Of the connection that is in use: the last one that was opened.
Json tls_json(const Progress& progress)
{
    Json json;
    if (progress.reports.empty())
        return json;
    for (const auto& attempt : progress.reports.back()->attempts()) {
        if (attempt.phase != transport::Phase::done || !attempt.tls)
            continue;
        json = Json::object();
        json["version"] = attempt.tls->version;
        json["cipher"] = attempt.tls->cipher;
        json["certificate_sha256"] = attempt.tls->fingerprint;
        json["certificate_not_after"] = attempt.tls->not_after;
    }
    return json;
}

Json versions_json()
{
    Json json = Json::object();
    json["library"] = JUJU_VERSION;
    json["compiler"] = __VERSION__;
    json["boost"] = std::to_string(BOOST_VERSION / 100'000) + '.' + std::to_string(BOOST_VERSION / 100 % 1000);
    json["openssl"] = OPENSSL_VERSION_STR;
    json["openssl_in_use"] = OpenSSL_version(OPENSSL_VERSION_STRING);
    json["nlohmann_json"] = std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + '.' + std::to_string(NLOHMANN_JSON_VERSION_MINOR) + '.' +
                            std::to_string(NLOHMANN_JSON_VERSION_PATCH);
    json["simdjson"] = JUJU_SIMDJSON_VERSION;
    json["yaml_cpp"] = JUJU_YAML_CPP_VERSION;
    return json;
}

Json pings_json(const Activity::Pings& pings)
{
    Json json = Json::object();
    json["answered"] = pings.answered;
    const bool any = pings.answered != 0;
    json["last_us"] = any ? Json(microseconds(pings.last)) : Json();
    json["shortest_us"] = any ? Json(microseconds(pings.shortest)) : Json();
    json["longest_us"] = any ? Json(microseconds(pings.longest)) : Json();
    return json;
}

Json in_flight_json(const std::vector<Activity::InFlight>& in_flight)
{
    const auto now = Activity::Clock::now();
    Json json = Json::array();
    for (const auto& call : in_flight) {
        Json entry = Json::object();
        entry["request"] = call.request;
        entry["ms"] = milliseconds(now - call.since);
        json.push_back(std::move(entry));
    }
    return json;
}

Json connections_json(const Activity::Counters& counters)
{
    Json json = Json::object();
    json["connects"] = counters.connects;
    json["failed_connects"] = counters.failed_connects;
    json["losses"] = counters.losses;
    json["reconnects"] = counters.reconnects;
    json["failed_reconnects"] = counters.failed_reconnects;
    return json;
}

Json requests_json(const Activity::Counters& counters)
{
    Json json = Json::object();
    json["ended"] = counters.requests;
    json["succeeded"] = counters.succeeded;
    json["not_sent"] = counters.not_sent;
    json["rejected"] = counters.rejected;
    json["unknown"] = counters.unknown;
    json["timed_out"] = counters.timed_out;
    json["canceled"] = counters.canceled;
    json["repeated"] = counters.repeated;
    json["late_replies"] = counters.late_replies;
    json["bytes_sent"] = counters.bytes_sent;
    json["bytes_received"] = counters.bytes_received;
    return json;
}

Json last_errors_json(const std::deque<Activity::Failure>& failures)
{
    const auto now = Activity::Clock::now();
    Json json = Json::array();
    for (const auto& failure : failures) {
        Json entry = Json::object();
        entry["error"] = failure.error;
        entry["request"] = failure.request;
        entry["ms_ago"] = milliseconds(now - failure.when);
        json.push_back(std::move(entry));
    }
    return json;
}

template <class Number>
Json numbers_json(const std::map<std::string, Number>& numbers)
{
    Json json = Json::object();
    for (const auto& [name, number] : numbers)
        json[WipingString(name)] = number;
    return json;
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
    const auto& facades = login.facades.all();
    const auto secrets = facades.find("Secrets");
    Json json = Json::object();
    json["address"] = established.logged_in.endpoint.authority();
    json["ip"] = established.logged_in.ip;
    json["tls"] = tls_json(progress);
    json["controller"] = wire::printable(login.controller_tag);
    json["model"] = wire::printable(login.model_tag);
    json["juju"] = wire::printable(login.server_version);
    json["secrets_versions"] = secrets == facades.end() ? Json(Json::array()) : Json(secrets->second);
    json["login"] = kind_text(established.plan.credentials.kind);
    json["user"] = user_text(login.identity);
    json["store"] = established.plan.store.has_value();
    json["attempts"] = attempts_json(progress);
    return text_of(json);
}

std::string describe_failure(const Progress& progress, const Error& failure)
{
    Json json = Json::object();
    json["error"] = failure.code().message();
    json["step"] = progress.step;
    json["attempts"] = attempts_json(progress);
    return text_of(json);
}

std::string describe(const std::string& last_attempt, bool is_connected, const Activity::Snapshot& activity)
{
    Json json = Json::object();
    json["versions"] = versions_json();
    json["connected"] = is_connected;
    json.update(wire::parse_json(last_attempt));
    json["facades"] = numbers_json(activity.facades);
    json["connections"] = connections_json(activity.counters);
    json["pings"] = pings_json(activity.pings);
    json["in_flight"] = in_flight_json(activity.in_flight);
    json["requests"] = requests_json(activity.counters);
    json["errors"] = numbers_json(activity.errors);
    json["last_errors"] = last_errors_json(activity.last_errors);
    return text_of(json);
}

} // namespace juju::connection
