#include "mock/jaas_login.hpp"

#include "mock/facade_table.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

namespace juju::mock {
namespace {

Failure unauthorized(const std::string& text)
{
    return Failure(text, "unauthorized access");
}

/// "ABCD-EFGH"
std::string random_user_code()
{
    std::string code;
    for (const char digit : random_hex(8)) { // 16 letters
        code += digit >= 'a' ? static_cast<char>(digit - 'a' + 'Q') : static_cast<char>(digit - '0' + 'B');
    }
    return code.insert(4, "-");
}

LoginAttempt plain_reply(Json response)
{
    LoginAttempt attempt;
    attempt.response = std::move(response);
    return attempt;
}

LoginAttempt start_device_login(World& world, std::string& user_code)
{
    world.device_logins.erase(user_code);
    user_code = world.device_logins.start(random_user_code()).code;
    Json response = Json::object();
    response["verification-uri"] = "https://idp.example.com/device";
    response["user-code"] = user_code;
    return plain_reply(std::move(response));
}

LoginAttempt logged_in(const World& world, const std::string& name, bool model_connection)
{
    const UserSettings* user = world.find_user(name);
    if (user == nullptr || user->account != MockAccount::active) {
        throw unauthorized("unauthorized");
    }
    const bool on_model = user->access != MockAccess::none || user->controller_access == MockControllerAccess::superuser;
    if (model_connection && !on_model) {
        throw permission_denied();
    }
    LoginAttempt attempt;
    attempt.accepted = true;
    attempt.caller = {model_connection, user->name, ""};
    attempt.response = login_result(world, user, model_connection);
    attempt.response.erase("servers");
    return attempt;
}

std::string service_account_of(const World& world, const GoStruct& args)
{
    const UserSettings* account = world.find_user(args.text("client-id") + "@serviceaccount");
    const std::string secret = args.text("client-secret");
    if (account == nullptr || !account->external || secret.empty() || account->credential != secret) {
        throw unauthorized("invalid client credentials");
    }
    return account->name;
}

[[noreturn]] void refuse_old_login(bool model_connection)
{
    if (model_connection) {
        throw Failure("JIMM does not support login from old clients", "not supported");
    }
    throw Failure("JIMM does not support login from old clients (not supported)");
}

} // namespace

std::optional<LoginAttempt> JaasLogin::handle(World& world, bool model_connection, const Request& request)
{
    if (request.method == "Login") {
        refuse_old_login(model_connection);
    }
    if (request.version != 4) {
        throw unknown_facade(world, "Admin", request.version);
    }
    if (request.method == "LoginDevice") {
        return start_device_login(world, user_code_);
    }
    if (request.method == "GetDeviceSessionToken") {
        return wait_for_device(world);
    }
    if (request.method == "LoginWithSessionToken") {
        const GoStruct args = GoStruct::params(request.params, "LoginWithSessionTokenRequest");
        return logged_in(world, world.session_tokens.user_of(args.text("session-token")), model_connection);
    }
    if (request.method == "LoginWithClientCredentials") {
        const GoStruct args = GoStruct::params(request.params, "LoginWithClientCredentialsRequest");
        return logged_in(world, service_account_of(world, args), model_connection);
    }
    if (request.method == "LoginWithSessionCookie") {
        throw unauthorized("unauthorized"); // no browser's cookie comes with a connection to the mock
    }
    throw unknown_method(world, "Admin", request.version, request.method);
}

std::optional<LoginAttempt> JaasLogin::wait_for_device(World& world)
{
    const PendingLogin* login = world.device_logins.find(user_code_);
    if (login == nullptr) {
        throw unauthorized("no device login was started");
    }
    if (login->state == PendingLogin::State::waiting) {
        return std::nullopt;
    }
    const PendingLogin ended = *login;
    world.device_logins.erase(ended.code);
    if (ended.state == PendingLogin::State::refused) {
        throw unauthorized("device access token call failed");
    }
    Json response = Json::object();
    response["session-token"] = world.session_tokens.make(ended.user);
    return plain_reply(std::move(response));
}

} // namespace juju::mock
