#include "wire/login.hpp"

#include "local_error.hpp"
#include "wire/json.hpp"
#include "wire/json_reader.hpp"
#include "wire/printable.hpp"
#include "wire/server_errors.hpp"
#include "wire/tags.hpp"

#include <juju/error.hpp>

#include <utility>
#include <vector>

namespace juju::wire {
namespace {

const std::string login_name = "Admin.Login";

[[noreturn]] void fail_login(errc code, std::string message)
{
    detail::ErrorDetails details(login_name + ": " + std::move(message));
    details.request = login_name;
    details.outcome = Outcome::rejected;
    details.connection_usable = false;
    throw Error(make_error_code(code), std::move(details));
}

void read_facades(Value facades, FacadeTable& table)
{
    for_each_element(facades, "facades", [&](Value entry) {
        std::string name;
        std::vector<int> versions;
        for_each_member(entry, "facades entry", [&](std::string_view key, Value value) {
            if (key == "name")
                name = read_string(value, "facades name");
            else if (key == "versions")
                for_each_element(value, "facades versions", [&](Value v) { versions.push_back(read_count(v, "facades version")); });
        });
        table.add(std::move(name), std::move(versions));
    });
}

void read_user_info(Value info, LoginResult& result)
{
    for_each_member(info, "user-info", [&](std::string_view key, Value value) {
        if (key == "identity")
            result.identity = read_string(value, "identity");
        else if (key == "controller-access")
            result.controller_access = read_string(value, "controller-access");
    });
}

HostPort read_host_port(Value entry)
{
    HostPort address;
    for_each_member(entry, "servers entry", [&](std::string_view key, Value value) {
        if (key == "value")
            address.value = read_string(value, "server value");
        else if (key == "type")
            address.type = read_string(value, "server type");
        else if (key == "scope")
            address.scope = read_string(value, "server scope");
        else if (key == "port")
            address.port = read_count(value, "server port");
    });
    return address;
}

/// What cannot be an address is left out: it is of use for a later connection only.
void read_servers(Value servers, LoginResult& result)
{
    for_each_element(servers, "servers", [&](Value node) {
        auto& addresses = result.servers.emplace_back();
        for_each_element(node, "servers entry", [&](Value entry) {
            auto address = read_host_port(entry);
            if (!address.value.empty() && address.port > 0 && address.port <= 65535)
                addresses.push_back(std::move(address));
        });
    });
}

void check_text(const SecretValue& secret, const char* what)
{
    if (!simdjson::validate_utf8(secret.text()))
        throw detail::local_error(errc::invalid_argument, std::string(what) + " is not valid UTF-8");
}

std::string discharge_text(const std::string& reason)
{
    return "the controller asks for a macaroon discharge" + (reason.empty() ? "" : " (" + printable(reason) + ')') +
           "; give the user's password, or run \"juju login\"";
}

/// Where the macaroons themselves do not say it.
std::string local_user_tag(std::string_view user_name)
{
    if (user_name.empty())
        return {};
    const auto user = user_of_tag("user-" + std::string(user_name));
    if (!user)
        throw detail::local_error(errc::invalid_argument, "user name \"" + printable(user_name) + "\" not valid");
    return user->find('@') == std::string::npos ? "user-" + *user : std::string();
}

WipingString raw_text(Value value)
{
    if (is_null(value))
        return {};
    simdjson::ondemand::json_type type = value.type();
    std::string_view text;
    if (type == simdjson::ondemand::json_type::object) {
        Object object = value.get_object();
        text = object.raw_json();
    } else if (type == simdjson::ondemand::json_type::string) {
        text = value.raw_json_token();
    } else {
        fail_malformed("what is to be discharged is no macaroon");
    }
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1); // what stands between it and the next member
    return WipingString(text);
}

} // namespace

Request login_request(std::string_view user_name, const SecretValue& password)
{
    check_text(password, "the password");
    Json params = Json::object();
    params["auth-tag"] = "user-" + std::string(user_name);
    params["credentials"] = password.text();
    return {"Admin", 3, "Login", wire::dump(params)};
}

Request macaroon_login_request(std::string_view user_name, const std::vector<SecretValue>& slices)
{
    WipingString params = R"({"auth-tag":")";
    params.append(local_user_tag(user_name)); // nothing in a tag needs an escape
    params += R"(","credentials":"","nonce":"","macaroons":[)";
    for (const auto& slice : slices) {
        if (params.back() != '[')
            params += ',';
        params += slice.text();
    }
    params += R"(],"bakery-version":3,"user-data":""})";
    return {"Admin", 3, "Login", std::move(params)};
}

Request agent_login_request(std::string_view tag, const SecretValue& password, std::string_view nonce)
{
    check_text(password, "the agent's password");
    Json params = Json::object();
    params["auth-tag"] = tag;
    params["credentials"] = password.text();
    params["nonce"] = nonce;
    params["macaroons"] = nullptr;
    params["bakery-version"] = 3;
    params["user-data"] = "";
    return {"Admin", 3, "Login", wire::dump(params)};
}

Request session_token_request(const SecretValue& token)
{
    check_text(token, "the session token");
    Json params = Json::object();
    params["session-token"] = token.text();
    return {"Admin", 4, "LoginWithSessionToken", wire::dump(params)};
}

Request client_credentials_request(std::string_view client_id, const SecretValue& client_secret)
{
    check_text(client_secret, "the client secret");
    Json params = Json::object();
    params["client-id"] = client_id;
    params["client-secret"] = client_secret.text();
    return {"Admin", 4, "LoginWithClientCredentials", wire::dump(params)};
}

Request device_login_request()
{
    return {"Admin", 4, "LoginDevice", "{}"};
}

Request device_token_request()
{
    return {"Admin", 4, "GetDeviceSessionToken", "{}"};
}

DeviceLogin decode_device_login(Reply& reply)
{
    throw_if_refused(reply, "Admin.LoginDevice");
    DeviceLogin result;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "verification-uri")
            result.verification_uri = read_string(value, "verification-uri");
        else if (key == "user-code")
            result.user_code = read_string(value, "user-code");
    });
    if (result.verification_uri.empty() || result.user_code.empty())
        fail_malformed("the device login has no URI or code");
    return result;
}

SecretValue decode_device_token(Reply& reply)
{
    throw_if_refused(reply, "Admin.GetDeviceSessionToken");
    SecretValue token;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        WipingString scratch;
        if (key == "session-token")
            token = SecretValue(read_secret_string(reply.parsed(), value, scratch, "session-token"));
    });
    if (token.empty())
        fail_malformed("there is no session token");
    return token;
}

LoginResult decode_login(Reply& reply)
{
    // The next attempt needs a new connection (wire-protocol 3.1).
    if (reply.is_error())
        throw refusal(login_name, reply.error(), reply.error_code(), reply.error_info(), false);
    LoginResult result;
    bool discharge = false;
    std::string reason;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "discharge-required" || key == "bakery-discharge-required")
            discharge = discharge || !is_null(value);
        else if (key == "discharge-required-error")
            reason = read_string(value, "discharge-required-error");
        else if (key == "servers")
            read_servers(value, result);
        else if (key == "public-dns-name")
            result.public_dns_name = read_string(value, "public-dns-name");
        else if (key == "model-tag")
            result.model_tag = read_string(value, "model-tag");
        else if (key == "controller-tag")
            result.controller_tag = read_string(value, "controller-tag");
        else if (key == "server-version")
            result.server_version = read_string(value, "server-version");
        else if (key == "user-info")
            read_user_info(value, result);
        else if (key == "facades")
            read_facades(value, result.facades);
    });
    if (discharge)
        fail_login(errc::discharge_required, discharge_text(reason));
    return result;
}

std::optional<DischargeDemand> read_discharge_demand(Reply& reply)
{
    DischargeDemand demand;
    WipingString bare;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "bakery-discharge-required")
            demand.macaroon = raw_text(value);
        else if (key == "discharge-required")
            bare = raw_text(value);
        else if (key == "discharge-required-error")
            demand.reason = read_string(value, "discharge-required-error");
    });
    if (demand.macaroon.empty())
        demand.macaroon = std::move(bare);
    if (demand.macaroon.empty())
        return std::nullopt;
    return demand;
}

void check_login(const LoginResult& result, std::string_view model_uuid, std::string_view user_name)
{
    const std::string model_tag = model_uuid.empty() ? "" : "model-" + std::string(model_uuid);
    if (result.model_tag != model_tag)
        fail_login(errc::login_mismatch, "the controller logged in to \"" + printable(result.model_tag) + "\" instead of " +
                                             (model_uuid.empty() ? "the controller" : "model " + std::string(model_uuid)) +
                                             "; check the endpoint and the model UUID");
    const auto controller = tag_id(result.controller_tag, "controller");
    if (!controller || !is_uuid(*controller))
        fail_login(errc::login_mismatch, "\"" + printable(result.controller_tag) + "\" is not a controller's tag; check the endpoint");
    if (user_name.empty())
        return;
    const auto identity = user_of_tag(result.identity);
    if (!identity || *identity != user_of_tag("user-" + std::string(user_name)))
        fail_login(errc::login_mismatch,
                   "the controller logged in \"" + printable(result.identity) + "\" instead of user " + std::string(user_name));
}

} // namespace juju::wire
