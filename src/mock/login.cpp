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
    std::string nonce;
    int bakery_version = 0;
    Json macaroons;
};

/// Thrown when the failure comes after authentication.
struct LateFailure {
    Failure failure;
};

LoginRequest read_login(const Json& params)
{
    const GoStruct args = GoStruct::params(params, "LoginRequest");
    const Json* macaroons = params.is_object() ? find_member(params, "macaroons") : nullptr;
    LoginRequest request;
    request.tag = args.text("auth-tag");
    request.password = args.text("credentials");
    request.token = args.text("token");
    request.nonce = args.text("nonce");
    request.bakery_version = std::clamp(args.optional_int("bakery-version").value_or(0), 0, 3);
    request.macaroons = macaroons == nullptr ? Json() : *macaroons;
    return request;
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

/// A user whose account may be used.
const UserSettings& usable_account(const World& world, const std::string& name)
{
    const UserSettings* user = world.find_user(name);
    if (user == nullptr) {
        throw bad_credentials();
    }
    if (world.is_3_6() && user->account == MockAccount::disabled) {
        throw Failure("user " + go_quoted(name) + " is disabled", "unauthorized access");
    }
    if (world.is_3_6() && user->account == MockAccount::removed) {
        throw Failure("user " + go_quoted(name) + " is permanently deleted", "unauthorized access");
    }
    if (user->account != MockAccount::active) {
        throw bad_credentials();
    }
    return *user;
}

/// Right password or token, and an account that may be used.
const UserSettings& authenticate(const World& world, const std::string& name, const std::string& credential, bool jwt)
{
    const UserSettings& user = usable_account(world, name);
    if (user.jwt != jwt || user.external || user.credential != credential) {
        throw bad_credentials();
    }
    return user;
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

/// What a login without a password gets that brings no valid macaroon.
LoginAttempt ask_for_discharge(const LoginMacaroon& macaroon, bool local)
{
    LoginAttempt attempt;
    if (local) { // external users get the newer member only
        attempt.response["discharge-required"] = macaroon.bare;
    }
    attempt.response["bakery-discharge-required"] = macaroon.bakery;
    attempt.response["discharge-required-error"] = "invalid login macaroon";
    return attempt;
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
    if (agent->nonce && (agent->nonce->empty() || *agent->nonce != request.nonce)) {
        throw Failure(tag.kind + ' ' + tag.id + " not provisioned", "not provisioned");
    }
    if (world.upgrading) {
        throw LateFailure{Failure("login for " + readable(tag) + " blocked because upgrade is in progress")};
    }
    return accepted(world, nullptr, agent->tag, model_connection);
}

std::string macaroon_name(const World& world)
{
    return "juju model " + world.store.model_uuid();
}

LoginAttempt log_in_with_local_macaroon(World& world, const std::string& name, const std::string& host, const LoginRequest& request,
                                        bool model_connection)
{
    using Audience = Bakery::Audience;
    const auto declared = world.bakery.declared_user(Audience::local, request.macaroons, world.now());
    if (!declared) {
        const std::string location = "https://" + (host.empty() ? "127.0.0.1:" + std::to_string(world.port) : host) + "/auth";
        const MockTime expiry = world.now() + world.logins.local_lifetime;
        return ask_for_discharge(world.bakery.mint(Audience::local, request.bakery_version, macaroon_name(world), location,
                                                   "is-authenticated-user " + name, expiry),
                                 true);
    }
    if (*declared != name) {
        throw permission_denied();
    }
    const UserSettings& user = usable_account(world, name);
    check_permission(world, user, model_connection);
    return accepted(world, &user, "", model_connection);
}

/// A user whom the identity provider vouches for. What `auth-tag` says does not matter.
LoginAttempt log_in_external(World& world, const LoginRequest& request, bool model_connection)
{
    using Audience = Bakery::Audience;
    if (world.logins.identity_provider == MockIdentityProvider::none) {
        throw unauthenticated();
    }
    const auto declared = world.bakery.declared_user(Audience::external, request.macaroons, world.now());
    if (!declared) {
        const MockTime expiry = world.now() + world.logins.external_lifetime;
        return ask_for_discharge(world.bakery.mint(Audience::external, request.bakery_version, macaroon_name(world), world.identity_url(),
                                                   "is-authenticated-user", expiry),
                                 false);
    }
    const std::string name = declared->find('@') == std::string::npos ? *declared + "@external" : *declared;
    const UserSettings& user = usable_account(world, name);
    if (!user.external) {
        throw bad_credentials();
    }
    check_permission(world, user, model_connection);
    if (world.upgrading && request.tag.empty()) {
        throw LateFailure{Failure("anonymous login blocked because upgrade is in progress")};
    }
    return accepted(world, &user, "", model_connection);
}

bool is_user_tag(const std::string& text)
{
    try {
        return parse_tag(text).kind == "user";
    } catch (const Failure&) {
        return false;
    }
}

/// A user's name, where "bob@local" is "bob".
std::string local_name(const Tag& tag)
{
    return tag.id.ends_with("@local") ? tag.id.substr(0, tag.id.size() - 6) : tag.id;
}

LoginAttempt attempt_login(World& world, bool model_connection, const std::string& host, const LoginRequest& request)
{
    if (request.token.empty() && request.tag.empty()) {
        return log_in_external(world, request, model_connection);
    }
    if (!request.token.empty()) {
        const UserSettings& user = authenticate_token(world, request.token);
        check_permission(world, user, model_connection);
        if (world.upgrading) {
            throw LateFailure{Failure("anonymous login blocked because upgrade is in progress")};
        }
        return accepted(world, &user, "", model_connection);
    }
    if (!is_user_tag(request.tag) && !world.agent_bucket.take(world.now())) {
        throw Failure("try again", "try again");
    }
    const Tag tag = parse_tag(request.tag);
    if (tag.kind != "user") {
        return log_in_agent(world, tag, request, model_connection);
    }
    const std::string name = local_name(tag);
    if (request.password.empty() && name.find('@') != std::string::npos) {
        return log_in_external(world, request, model_connection);
    }
    if (request.password.empty()) {
        return log_in_with_local_macaroon(world, name, host, request, model_connection);
    }
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

/// Had this user access to the model when it moved away? (The mock keeps no record of that time.)
bool had_access(const World& world, const std::string& name)
{
    const UserSettings* user = world.find_user(name);
    return user != nullptr && user->access != MockAccess::none;
}

/// Is a login to the model that has moved away told where? Decided before any password is looked at.
bool is_redirected(const World& world, const LoginRequest& request)
{
    if (world.network.redirect->jaas_style()) {
        return true;
    }
    if (request.tag.empty()) {
        return !world.is_3_6();
    }
    if (!is_user_tag(request.tag)) {
        return false;
    }
    const Tag tag = parse_tag(request.tag);
    const bool local = tag.id.find('@') == std::string::npos || tag.id.ends_with("@local");
    return tag.id == "jujuanonymous" || (!local && !world.is_3_6()) || had_access(world, local_name(tag));
}

/// A login to the model that has moved away. Those who are not redirected are authenticated, and then find no model.
LoginAttempt log_in_after_move(World& world, const std::string& host, const LoginRequest& request)
{
    if (is_redirected(world, request)) {
        return refused(redirection(*world.network.redirect), false);
    }
    LoginAttempt attempt;
    try {
        attempt = attempt_login(world, true, host, request);
    } catch (const LateFailure&) {
        attempt.accepted = true;
    }
    if (attempt.accepted) {
        throw bad_credentials();
    }
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

const UserSettings& check_password(const World& world, const std::string& name, const std::string& password)
{
    return authenticate(world, name, password, false);
}

Json login_result(const World& world, const UserSettings* user, bool model_connection)
{
    Json facades = Json::array();
    for (const Facade& facade : facades_of(world, model_connection)) {
        Json entry = Json::object();
        entry["name"] = facade.name;
        entry["versions"] = facade.versions;
        facades.push_back(std::move(entry));
    }
    Json result = Json::object();
    if (Json servers = servers_json(world.network, world.profile); !servers.empty()) {
        result["servers"] = std::move(servers);
    }
    if (!world.network.public_dns_name.empty()) {
        result["public-dns-name"] = world.network.public_dns_name;
    }
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

LoginAttempt log_in(World& world, bool model_connection, const std::string& host, const Json& params)
{
    const Failure maintenance("login failed - maintenance in progress");
    try {
        const LoginRequest request = read_login(params);
        const bool moved = model_connection && world.network.redirect;
        LoginAttempt attempt = moved ? log_in_after_move(world, host, request) : attempt_login(world, model_connection, host, request);
        attempt.by_tag = !request.tag.empty();
        return attempt;
    } catch (const LateFailure& late) {
        const bool by_upgrade = late.failure.code().empty();
        return refused(world.upgrading && !by_upgrade ? maintenance : late.failure, by_upgrade || world.is_3_6());
    } catch (const Failure& failure) {
        return refused(world.upgrading ? maintenance : failure, false);
    }
}

} // namespace juju::mock
