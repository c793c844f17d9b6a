#include "fuzz/fuzz.hpp"
#include "wire/login.hpp"
#include "wire/model_list.hpp"
#include "wire/redirect.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

// What a controller answers to logins, before it is known to be the right one.

namespace {

using fuzz::require;
using juju::wire::HostPort;
using juju::wire::LoginResult;
using juju::wire::Reply;

Reply read(std::string_view message)
{
    return Reply(juju::WipingString(message));
}

void check_ports(const std::vector<std::vector<HostPort>>& servers, int least)
{
    for (const auto& node : servers)
        require(std::ranges::all_of(node, [&](const HostPort& a) { return a.port >= least && a.port <= 65535; }), "a port is a port");
}

void check_login_result(const LoginResult& result)
{
    check_ports(result.servers, 1);
    for (const auto& [name, versions] : result.facades.all()) {
        const auto all = result.facades.best_version(name, std::numeric_limits<int>::max());
        require(!all || std::ranges::find(versions, *all) != versions.end(), "the best version is one that is offered");
        const auto two = result.facades.best_version(name, 2);
        require(!two || (*two <= 2 && *two > 0 && *all >= *two), "the best version is a known one");
        require(!result.facades.describe(name).empty(), "versions can be told");
    }
    const auto model = juju::wire::tag_id(result.model_tag, "model");
    const auto controller = juju::wire::tag_id(result.controller_tag, "controller");
    const auto user = juju::wire::user_of_tag(result.identity);
    const auto error = fuzz::error_of([&] { juju::wire::check_login(result, model.value_or(""), user.value_or("")); });
    const bool fits = (model || result.model_tag.empty()) && controller && juju::wire::is_uuid(*controller);
    require(fits == !error, "a login is what it says it is, and that of a controller");
    if (!fits)
        return;
    require(fuzz::error_of([&] { juju::wire::check_login(result, "00000000-0000-0000-0000-000000000000", ""); }).has_value() ||
                model == "00000000-0000-0000-0000-000000000000",
            "a login to another model is refused");
    require(fuzz::error_of([&] { juju::wire::check_login(result, model.value_or(""), "another.user"); }).has_value() ||
                user == "another.user",
            "a login of another user is refused");
}

void check_models(const std::vector<juju::wire::ListedModel>& models)
{
    for (const auto& model : models)
        require(juju::wire::is_uuid(model.uuid) && model.name.find('/') != std::string::npos && !model.type.empty(),
                "a listed model has all its parts");
}

void check_device(const juju::wire::DeviceLogin& login)
{
    require(!login.verification_uri.empty() && !login.user_code.empty(), "a device login has both parts");
}

} // namespace

void fuzz::run(std::string_view message)
{
    error_of([&] { check_ports(juju::wire::read_redirect(std::string(message)).servers, 0); });
    if (discreet_error_of([&] { read(message); }))
        return;
    error_of([&] {
        Reply reply = read(message);
        check_login_result(juju::wire::decode_login(reply));
    });
    error_of([&] {
        Reply reply = read(message);
        check_device(juju::wire::decode_device_login(reply));
    });
    error_of([&] {
        Reply reply = read(message);
        require(!juju::wire::decode_device_token(reply).empty(), "a session token is not empty");
    });
    error_of([&] {
        Reply reply = read(message);
        check_ports(juju::wire::decode_redirect_info(reply).servers, 0);
    });
    error_of([&] { check_ports(juju::wire::read_redirect(read(message).error_info()).servers, 0); });
    error_of([&] {
        Reply reply = read(message);
        check_models(juju::wire::decode_models(reply));
    });
}
