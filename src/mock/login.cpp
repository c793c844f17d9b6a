#include "mock/login.hpp"

#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

#include <algorithm>
#include <array>

namespace juju::mock {
namespace {

struct LoginRequest {
    std::string tag;
    std::string password;
    std::string token;
};

/// Thrown when the failure comes after authentication.
struct LateFailure {
    Failure failure;
};

LoginRequest read_login(const Json& params)
{
    const GoStruct args = GoStruct::params(params, "LoginRequest");
    return {args.text("auth-tag"), args.text("credentials"), args.text("token")};
}

Failure bad_credentials()
{
    return Failure("invalid entity name or password", "unauthorized access");
}

Failure unauthenticated()
{
    return Failure("failed to authenticate request: unauthorized", "unauthorized access");
}

const char* controller_access_text(MockControllerAccess access)
{
    switch (access) {
    case MockControllerAccess::none: return "";
    case MockControllerAccess::login: return "login";
    case MockControllerAccess::superuser: return "superuser";
    }
    return "";
}

/// Right password or token, and an account that may be used.
const UserSettings& authenticate(const World& world, const std::string& name, const std::string& credential, bool jwt)
{
    const UserSettings* user = world.find_user(name);
    if (user == nullptr || user->jwt != jwt) {
        throw bad_credentials();
    }
    if (world.is_3_6() && user->account == MockAccount::disabled) {
        throw Failure("user " + go_quoted(name) + " is disabled", "unauthorized access");
    }
    if (world.is_3_6() && user->account == MockAccount::removed) {
        throw Failure("user " + go_quoted(name) + " is permanently deleted", "unauthorized access");
    }
    if (user->account != MockAccount::active || user->credential != credential) {
        throw bad_credentials();
    }
    return *user;
}

const UserSettings& authenticate_token(const World& world, const std::string& token)
{
    const bool any_jwt = std::any_of(world.users.begin(), world.users.end(), [](const UserSettings& user) { return user.jwt; });
    if (!any_jwt) {
        throw unauthenticated();
    }
    const auto found = std::find_if(world.users.begin(), world.users.end(),
                                    [&](const UserSettings& user) { return user.jwt && user.credential == token; });
    if (found == world.users.end()) {
        throw Failure("parsing login access token: invalid JWT");
    }
    return authenticate(world, found->name, token, true);
}

void check_permission(const World& world, const UserSettings& user, bool model_connection)
{
    const bool on_controller = user.jwt || user.controller_access != MockControllerAccess::none;
    const bool on_model = user.access != MockAccess::none || user.controller_access == MockControllerAccess::superuser;
    if (world.is_3_6() && !on_controller && !on_model) {
        throw bad_credentials();
    }
    if (!on_controller || (model_connection && !on_model)) {
        throw LateFailure{permission_denied()};
    }
}

Json user_info(const UserSettings& user, bool model_connection)
{
    const bool superuser = user.controller_access == MockControllerAccess::superuser;
    const MockAccess shown = user.access == MockAccess::none && superuser ? MockAccess::admin : user.access;
    Json info = Json::object();
    info["display-name"] = "";
    info["identity"] = "user-" + user.name;
    info["controller-access"] = controller_access_text(user.controller_access);
    info["model-access"] = model_connection ? access_text(shown) : "";
    return info;
}

Json login_result(const World& world, const UserSettings* user, bool model_connection)
{
    Json address = Json::object();
    address["value"] = "127.0.0.1";
    address["type"] = "ipv4";
    address["scope"] = "local-cloud";
    address["port"] = world.port;
    Json facades = Json::array();
    for (const Facade& facade : facades_of(world, model_connection)) {
        Json entry = Json::object();
        entry["name"] = facade.name;
        entry["versions"] = facade.versions;
        facades.push_back(std::move(entry));
    }
    Json result = Json::object();
    result["servers"] = Json::array();
    result["servers"].push_back(Json::array());
    result["servers"][0].push_back(std::move(address));
    if (model_connection) {
        result["model-tag"] = world.store.model_tag();
    }
    result["controller-tag"] = "controller-" + world.controller_uuid;
    if (user != nullptr) {
        result["user-info"] = user_info(*user, model_connection);
    }
    result["facades"] = std::move(facades);
    result["server-version"] = world.server_version();
    return result;
}

/// Asks a local user without a password for a macaroon. (Nothing here would discharge it.)
Json discharge_required(const World& world)
{
    Json caveat = Json::object();
    caveat["i64"] = "AwA";
    caveat["v64"] = "AAAA";
    caveat["l"] = "https://127.0.0.1:" + std::to_string(world.port) + "/auth";
    Json macaroon = Json::object();
    macaroon["c"] = Json::array();
    macaroon["c"].push_back(std::move(caveat));
    macaroon["l"] = "juju model " + world.store.model_uuid();
    macaroon["i64"] = "AwA";
    macaroon["s64"] = "AAAA";
    Json bakery = Json::object();
    bakery["m"] = macaroon;
    bakery["v"] = 3;
    bakery["cdata"] = Json::object();
    bakery["ns"] = "std:";
    Json result = Json::object();
    result["discharge-required"] = std::move(macaroon);
    result["bakery-discharge-required"] = std::move(bakery);
    result["discharge-required-error"] = "no macaroons";
    return result;
}

std::string readable(const Tag& tag)
{
    const auto dash = tag.id.rfind('-');
    const std::string id =
        tag.kind == "unit" && dash != std::string::npos ? tag.id.substr(0, dash) + '/' + tag.id.substr(dash + 1) : tag.id;
    return tag.kind + ' ' + id;
}

LoginAttempt accepted(const World& world, const UserSettings* user, const std::string& agent, bool model_connection)
{
    LoginAttempt attempt;
    attempt.accepted = true;
    attempt.caller = {model_connection, user == nullptr ? "" : user->name, agent};
    attempt.response = login_result(world, user, model_connection);
    return attempt;
}

LoginAttempt log_in_agent(const World& world, const Tag& tag, const LoginRequest& request, bool model_connection)
{
    static constexpr std::array<std::string_view, 5> kinds{"unit", "machine", "application", "controller", "model"};
    if (std::find(kinds.begin(), kinds.end(), tag.kind) == kinds.end()) {
        throw Failure("unexpected login entity tag: invalid request", "unauthorized access");
    }
    const AgentSettings* agent = world.find_agent(request.tag);
    if (agent == nullptr || agent->password != request.password) {
        throw bad_credentials();
    }
    if (world.upgrading) {
        throw LateFailure{Failure("login for " + readable(tag) + " blocked because upgrade is in progress")};
    }
    return accepted(world, nullptr, agent->tag, model_connection);
}

LoginAttempt attempt_login(const World& world, bool model_connection, const LoginRequest& request)
{
    if (request.token.empty() && request.tag.empty()) {
        throw unauthenticated();
    }
    if (!request.token.empty()) {
        const UserSettings& user = authenticate_token(world, request.token);
        check_permission(world, user, model_connection);
        if (world.upgrading) {
            throw LateFailure{Failure("anonymous login blocked because upgrade is in progress")};
        }
        return accepted(world, &user, "", model_connection);
    }
    const Tag tag = parse_tag(request.tag);
    if (tag.kind != "user") {
        return log_in_agent(world, tag, request, model_connection);
    }
    if (request.password.empty()) {
        LoginAttempt attempt;
        attempt.response = discharge_required(world);
        return attempt;
    }
    const std::string name = tag.id.ends_with("@local") ? tag.id.substr(0, tag.id.size() - 6) : tag.id;
    const UserSettings& user = authenticate(world, name, request.password, false);
    check_permission(world, user, model_connection);
    return accepted(world, &user, "", model_connection);
}

LoginAttempt refused(const Failure& failure, bool late)
{
    LoginAttempt attempt;
    attempt.refusal = failure;
    attempt.late = late;
    return attempt;
}

} // namespace

const char* access_text(MockAccess access)
{
    switch (access) {
    case MockAccess::none: return "";
    case MockAccess::read: return "read";
    case MockAccess::write: return "write";
    case MockAccess::admin: return "admin";
    }
    return "";
}

LoginAttempt log_in(const World& world, bool model_connection, const Json& params)
{
    const Failure maintenance("login failed - maintenance in progress");
    try {
        return attempt_login(world, model_connection, read_login(params));
    } catch (const LateFailure& late) {
        const bool by_upgrade = late.failure.code().empty();
        return refused(world.upgrading && !by_upgrade ? maintenance : late.failure, by_upgrade || world.is_3_6());
    } catch (const Failure& failure) {
        return refused(world.upgrading ? maintenance : failure, false);
    }
}

} // namespace juju::mock
