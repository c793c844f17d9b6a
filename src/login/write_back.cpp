#include "login/write_back.hpp"

#include "log.hpp"
#include "store/cookie_jar.hpp"
#include "transport/authority.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace juju::login {
namespace {

/// The addresses of the login reply in their order, the connected one first with its server (client-store 7.3).
std::vector<std::string> endpoints_of(const std::vector<std::vector<wire::HostPort>>& servers, const transport::Endpoint& connected)
{
    const std::string first = connected.authority() + connected.prefix;
    std::vector<std::vector<std::string>> nodes;
    for (const auto& server : servers) {
        std::vector<std::string> node;
        for (const auto& address : server) {
            if (address.scope != "local-machine" && address.scope != "link-local")
                node.push_back(transport::authority_text(address.value, std::to_string(address.port)));
        }
        const auto found = std::ranges::find(node, first);
        const bool is_connected = found != node.end();
        if (is_connected)
            std::rotate(node.begin(), found, found + 1);
        nodes.insert(is_connected ? nodes.begin() : nodes.end(), std::move(node));
    }
    std::vector<std::string> all;
    const auto add = [&](const std::string& address) {
        if (std::ranges::find(all, address) == all.end())
            all.push_back(address);
    };
    add(first);
    for (const auto& node : nodes)
        std::ranges::for_each(node, add);
    return all;
}

store::ControllerChange controller_change(const Plan& plan, const wire::LoginResult& login, const transport::Endpoint& connected,
                                          const std::string& ip)
{
    store::ControllerChange change;
    if (!login.servers.empty() && !plan.port_forward)
        change.endpoints = endpoints_of(login.servers, connected);
    change.agent_version = login.server_version;
    if (!login.public_dns_name.empty())
        change.public_hostname = login.public_dns_name;
    if (!ip.empty() && ip != connected.host) {
        auto cache = plan.dns_cache;
        auto& addresses = cache[connected.host];
        std::erase(addresses, ip);
        addresses.insert(addresses.begin(), ip);
        change.dns_cache = std::move(cache);
    }
    return change;
}

store::AccountChange account_change(const Result& result)
{
    store::AccountChange change;
    change.last_known_access = result.login.controller_access;
    if (result.new_session_token)
        change.access_token = *result.new_session_token;
    return change;
}

/// Whether it was the account's user who logged in. What another one may do, or logs in with, is not the account's.
bool is_of_account(const store::ClientStore& files, const std::string& controller, const wire::LoginResult& login)
{
    const auto user = files.account(controller).user;
    return user.empty() || user == wire::user_of_tag(login.identity);
}

void save_cookie(const store::ClientStore& files, const StoreEntry& entry, const Slice& slice)
{
    store::CookieJar jar(files.cookie_jar_path(entry.controller));
    jar.save(entry.cookie_host, slice.cookie_name, slice.json, slice.expiry, std::chrono::system_clock::now());
}

/// Runs one of several independent changes.
template <class Change>
void attempt(const char* what, Change change)
{
    try {
        change();
    } catch (const Error& error) {
        log::warn("the client store was not updated ({}): {}", what, error.what());
    }
}

} // namespace

void remember(Credentials& credentials, const Result& result)
{
    if (result.new_session_token)
        credentials.session_token = *result.new_session_token;
    if (result.new_slice)
        credentials.slices.assign(1, result.new_slice->json);
}

void write_back(const Plan& plan, const Result& result, const transport::Endpoint& connected, const std::string& ip,
                const std::vector<store::Model>& models)
{
    store::ClientStore files(plan.store->directory);
    const auto& name = plan.store->controller;
    attempt("controllers", [&] { files.update_controller(name, controller_change(plan, result.login, connected, ip)); });
    bool is_own = false;
    attempt("accounts", [&] {
        is_own = is_of_account(files, name, result.login);
        if (is_own)
            files.update_account(name, account_change(result));
    });
    if (is_own && result.new_slice && !plan.store->cookie_host.empty())
        attempt("cookies", [&] { save_cookie(files, *plan.store, *result.new_slice); });
    if (is_own && !models.empty())
        attempt("models", [&] { files.replace_models(name, models); });
}

} // namespace juju::login
