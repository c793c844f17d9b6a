#include "mock/http_route.hpp"

#include "mock/discharger.hpp"
#include "mock/names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace juju::mock {
namespace {

HttpRoute answer(unsigned status, const std::string& body)
{
    HttpRoute result;
    result.status = status;
    result.body = body + '\n';
    return result;
}

/// Is `word` one of the comma-separated words of a header's value?
bool has_word(std::string_view value, std::string_view word)
{
    while (!value.empty()) {
        std::string_view part = value.substr(0, value.find(','));
        value.remove_prefix(std::min(value.size(), part.size() + 1));
        part.remove_prefix(std::min(part.size(), part.find_first_not_of(" \t")));
        part = part.substr(0, part.find_last_not_of(" \t") + 1);
        if (same_member(part, word)) {
            return true;
        }
    }
    return false;
}

/// Why a request is no WebSocket handshake.
std::optional<HttpRoute> handshake_problem(const HttpRequest& request)
{
    std::optional<HttpRoute> problem;
    if (!has_word(request.connection, "upgrade")) { // NOLINT(bugprone-branch-clone): the order is Juju's
        problem = answer(400, "Bad Request");
    } else if (!has_word(request.upgrade, "websocket")) {
        problem = answer(426, "Upgrade Required");
        problem->headers.emplace_back("Upgrade", "websocket");
    } else if (request.method != "GET") {
        problem = answer(405, "Method Not Allowed");
    } else if (request.websocket_version != "13" || request.websocket_key.size() != 24) {
        problem = answer(400, "Bad Request");
    }
    if (problem) {
        problem->headers.emplace_back("Sec-Websocket-Version", "13");
    }
    return problem;
}

/// What the controller says instead of looking at the request, when it is told to.
std::optional<HttpRoute> refusal(const Network& network)
{
    if (network.handshake == MockHandshake::shutting_down) {
        return answer(503, "apiserver shutdown in progress");
    }
    if (network.handshake == MockHandshake::offer_auth_failure) {
        return answer(500, "failed to create offer auth context: " + network.handshake_reason);
    }
    return std::nullopt;
}

bool has_model(const World& world, const std::string& uuid)
{
    return uuid == world.store.model_uuid() && (!world.network.model_gone || world.network.redirect);
}

} // namespace

HttpRoute route(World& world, const HttpRequest& request)
{
    static constexpr std::array<std::string_view, 6> methods{"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"};
    const std::string path = request.target.substr(0, request.target.find('?'));
    const bool is_model = path.starts_with("/model/") && path.ends_with("/api") && path.size() > 11;
    const std::string uuid = is_model ? path.substr(7, path.size() - 11) : "";
    const bool known_path = path == "/api" || path == "/" || path == "/health" || (is_model && uuid.find('/') == std::string::npos);
    if (auto discharged = answer_discharger(world, request)) {
        return std::move(*discharged);
    }
    if (!known_path) {
        return answer(404, "404 page not found");
    }
    if (std::find(methods.begin(), methods.end(), request.method) == methods.end()) {
        HttpRoute refusal = answer(405, "Method Not Allowed");
        refusal.headers.emplace_back("Allow", "GET, POST, HEAD, PUT, DELETE, OPTIONS");
        return refusal;
    }
    if (path == "/health") {
        return answer(200, "running");
    }
    if (is_model && !(world.is_3_6() ? contains_uuid(uuid) : is_uuid(uuid))) {
        return answer(400, "invalid model UUID " + go_quoted(uuid));
    }
    if (auto refused = refusal(world.network)) {
        return std::move(*refused);
    }
    if (auto problem = handshake_problem(request)) {
        return std::move(*problem);
    }
    HttpRoute result;
    result.websocket = true;
    result.silent = world.network.handshake == MockHandshake::silent;
    result.model_uuid = uuid;
    result.host = request.host;
    if (is_model) {
        result.target = has_model(world, uuid) ? Target::model : Target::unknown_model;
    }
    return result;
}

} // namespace juju::mock
