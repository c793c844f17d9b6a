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
    });
}

} // namespace

Request login_request(std::string_view user_name, const SecretValue& password)
{
    if (!simdjson::validate_utf8(password.text()))
        throw detail::local_error(errc::invalid_argument, "the password is not valid UTF-8");
    Json params = Json::object();
    params["auth-tag"] = "user-" + std::string(user_name);
    params["credentials"] = password.text();
    return {"Admin", 3, "Login", params.dump()};
}

LoginResult decode_login(Reply& reply)
{
    // The next attempt needs a new connection (wire-protocol 3.1).
    if (reply.is_error())
        throw refusal(login_name, reply.error(), reply.error_code(), reply.error_info(), false);
    LoginResult result;
    bool discharge = false;
    for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "discharge-required" || key == "bakery-discharge-required")
            discharge = discharge || !is_null(value);
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
        fail_login(errc::discharge_required, "the controller asks for a macaroon discharge; give the user's password");
    return result;
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
    const auto identity = user_of_tag(result.identity);
    if (!identity || *identity != user_of_tag("user-" + std::string(user_name)))
        fail_login(errc::login_mismatch,
                   "the controller logged in \"" + printable(result.identity) + "\" instead of user " + std::string(user_name));
}

} // namespace juju::wire
