#include "login/write_back.hpp"

#include "log.hpp"
#include "login/when_unlocked.hpp"
#include "store/cookie_jar.hpp"
#include "transport/authority.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace juju::login {
namespace {

namespace asio = boost::asio;

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

/// Makes one of several independent changes, as soon as it can be made.
asio::awaitable<void> attempt(const char* what, std::chrono::nanoseconds limit, std::function<void()> change)
{
    try {
        auto changing = when_unlocked(std::move(change), limit);
        co_await std::move(changing);
    } catch (const Error& error) {
        log::warn("the client store was not updated ({}): {}", what, error.what());
    } catch (const boost::system::system_error&) {
        log::warn("the client store was not updated ({}): cancelled while another program held its lock", what);
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

asio::awaitable<void> write_back(const Plan& plan, const Result& result, const transport::Endpoint& connected, const std::string& ip,
                                 const std::vector<store::Model>& models)
{
    store::ClientStore files(plan.store->directory);
    const auto& name = plan.store->controller;
    auto controllers = attempt("controllers", store_lock_limit,
                               [&] { files.update_controller(name, controller_change(plan, result.login, connected, ip)); });
    co_await std::move(controllers);
    bool is_own = false;
    auto accounts = attempt("accounts", store_lock_limit, [&] {
        is_own = is_of_account(files, name, result.login);
        if (is_own)
            files.update_account(name, account_change(result));
    });
    co_await std::move(accounts);
    if (is_own && result.new_slice && !plan.store->cookie_host.empty()) {
        auto cookies = attempt("cookies", jar_lock_limit, [&] { save_cookie(files, *plan.store, *result.new_slice); });
        co_await std::move(cookies);
    }
    if (is_own && !models.empty()) {
        auto all = attempt("models", store_lock_limit, [&] { files.replace_models(name, models); });
        co_await std::move(all);
    }
}

} // namespace juju::login
