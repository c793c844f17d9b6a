#include "faults/calls.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace juju::faults {

const char* const state = R"(
model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: demo, owner: admin}
applications: [gitlab, mysql]
secret_backends:
- {name: myvault, config: {endpoint: "https://vault.example.com:8200"}}
secrets:
- id: 9m4e2mr0ui3e8a215n4g
  label: db
  revisions:
  - {number: 1, data: {token: Zmlyc3Q=}}
  - {number: 2, data: {token: c2Vjb25k}}
  grants: [{target: application-gitlab}]
- id: coj8mulh8b41e8nv6p90
  label: plain
  revisions: [{number: 1, data: {token: Zmlyc3Q=}}]
)";

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A result that holds errors of its own tells the first one.
template <class T>
End told(const T&)
{
    return done;
}

End told(const RotateResult& result)
{
    return result.error() ? end_of(*result.error()) : result.state() == RotateState::rotated ? done : "not rotated";
}

template <class T>
End told(const Outcomes<T>& outcomes)
{
    for (const auto& outcome : outcomes) {
        if (outcome.error())
            return end_of(*outcome.error());
    }
    return done;
}

template <class T>
asio::awaitable<End> end_of_call(asio::awaitable<T> call)
{
    try {
        const T result = co_await std::move(call);
        co_return told(result);
    } catch (const Error& error) {
        co_return end_of(error);
    }
}

asio::awaitable<End> end_of_call(asio::awaitable<void> call)
{
    try {
        co_await std::move(call);
        co_return done;
    } catch (const Error& error) {
        co_return end_of(error);
    }
}

SecretContent content()
{
    SecretContent content;
    content.set("token", "third");
    return content;
}

/// In a coroutine, since the watcher is to live as long as its `next`.
asio::awaitable<End> watch(Parties& parties)
{
    SecretWatcher watcher = parties.model.watch_secrets(WatchOptions().interval(1ms));
    auto next = end_of_call(watcher.next());
    co_return co_await std::move(next);
}

asio::awaitable<void> nothing()
{
    co_return;
}

using Run = std::function<asio::awaitable<End>(Parties&)>;
using Calls = std::vector<Call>;

Call of_model(std::string name, CallKind kind, std::string method, Run run)
{
    const bool has_items = kind != CallKind::read;
    return {"Model::" + std::move(name), kind, false, method, method, has_items, false, std::move(run), 1};
}

Call revealing(std::string name, Run run)
{
    Call call = of_model(std::move(name), CallKind::read, "ListSecrets", std::move(run));
    call.has_items = true;
    return call;
}

Call of_manager(std::string name, CallKind kind, std::string method, Run run)
{
    Call call = of_model("", kind, std::move(method), std::move(run));
    call.name = "SecretsManager::" + std::move(name);
    return call;
}

Call of_controller(std::string name, CallKind kind, std::string method, Run run)
{
    const bool has_items = kind != CallKind::read;
    return {"Controller::" + std::move(name), kind, true, method, method, has_items, false, std::move(run), 1};
}

void add_connecting(Calls& calls)
{
    calls.push_back(of_model("connect", CallKind::connect, "", [](Parties& p) { return end_of_call(p.model.connect(p.options)); }));
    calls.push_back(
        of_model("disconnect", CallKind::disconnect, "ListSecrets", [](Parties& p) { return end_of_call(p.model.disconnect()); }));
    calls.push_back(of_controller("connect", CallKind::connect, "",
                                  [](Parties& p) { return end_of_call(p.controller.connect(p.controller_options)); }));
    calls.push_back(of_controller("disconnect", CallKind::disconnect, "ListSecretBackends",
                                  [](Parties& p) { return end_of_call(p.controller.disconnect()); }));
}

void add_reading(Calls& calls)
{
    const auto read = [&](const char* name, Run run) { calls.push_back(of_model(name, CallKind::read, "ListSecrets", std::move(run))); };
    read("list_secrets", [](Parties& p) { return end_of_call(p.model.list_secrets()); });
    read("get_secret", [](Parties& p) { return end_of_call(p.model.get_secret("db")); });
    read("secret_matches", [](Parties& p) { return end_of_call(p.model.secret_matches("db", content())); });
    read("wait_until_removed", [](Parties& p) { return end_of_call(p.model.wait_until_removed("nobody")); });
    read("wait_until_pruned", [](Parties& p) { return end_of_call(p.model.wait_until_pruned("plain")); });
    calls.push_back(
        of_manager("list", CallKind::read, "ListSecrets", [](Parties& p) { return end_of_call(p.model.secrets_manager().list()); }));
    calls.push_back(of_model("watch_secrets", CallKind::read, "ListSecrets", watch));
    calls.back().name = "SecretWatcher::next";
    calls.push_back(revealing("reveal_secret", [](Parties& p) { return end_of_call(p.model.reveal_secret("db")); }));
    calls.push_back(revealing("reveal_secret(revision)", [](Parties& p) { return end_of_call(p.model.reveal_secret("db", 1)); }));
    calls.back().requests = 2; // a name is looked up before, without contents
    calls.back().has_items = false;
    calls.push_back(of_model("get_secret_backend", CallKind::read, "GetModelSecretBackend",
                             [](Parties& p) { return end_of_call(p.model.get_secret_backend()); }));
    calls.back().method_3_6 = "ModelGet";
    calls.push_back(of_controller("list_secret_backends", CallKind::read, "ListSecretBackends",
                                  [](Parties& p) { return end_of_call(p.controller.list_secret_backends()); }));
}

void add_writing(Calls& calls)
{
    const auto write = [&](const char* name, const char* method, Run run) {
        calls.push_back(of_model(name, CallKind::write, method, std::move(run)));
    };
    write("add_secret", "CreateSecrets", [](Parties& p) { return end_of_call(p.model.add_secret("new", content())); });
    write("update_secret", "UpdateSecrets",
          [](Parties& p) { return end_of_call(p.model.update_secret("db", SecretUpdate().data(content()))); });
    write("remove_secret", "RemoveSecrets", [](Parties& p) { return end_of_call(p.model.remove_secret("db")); });
    write("remove_secret(revision)", "RemoveSecrets", [](Parties& p) { return end_of_call(p.model.remove_secret("db", 1)); });
    write("grant_secret", "GrantSecret", [](Parties& p) { return end_of_call(p.model.grant_secret("db", "mysql")); });
    write("revoke_secret", "RevokeSecret", [](Parties& p) { return end_of_call(p.model.revoke_secret("db", "gitlab")); });
    write("ensure_secret (to be made)", "CreateSecrets", [](Parties& p) { return end_of_call(p.model.ensure_secret("new", content())); });
    write("ensure_secret (to be changed)", "UpdateSecrets", [](Parties& p) { return end_of_call(p.model.ensure_secret("db", content())); });
    write("set_secret_backend", "SetModelSecretBackend", [](Parties& p) { return end_of_call(p.model.set_secret_backend("myvault")); });
    calls.back().method_3_6 = "ModelSet";
    calls.back().has_items = false;
    calls.back().takes_anything = true;
    const auto bulk = [&](const char* name, const char* method, Run run) {
        calls.push_back(of_manager(name, CallKind::write, method, std::move(run)));
    };
    bulk("create", "CreateSecrets", [](Parties& p) {
        std::vector<SecretDraft> drafts(1, SecretDraft("new", content()));
        return end_of_call(p.model.secrets_manager().create(std::move(drafts)));
    });
    bulk("update", "UpdateSecrets", [](Parties& p) {
        std::vector<std::pair<SecretRef, SecretUpdate>> updates(1, {SecretRef("db"), SecretUpdate().info("text")});
        return end_of_call(p.model.secrets_manager().update(std::move(updates)));
    });
    bulk("remove", "RemoveSecrets", [](Parties& p) {
        std::vector<SecretRemoval> removals(1, SecretRemoval::all("db"));
        return end_of_call(p.model.secrets_manager().remove(std::move(removals)));
    });
    bulk("grant", "GrantSecret", [](Parties& p) { return end_of_call(p.model.secrets_manager().grant("db", "mysql")); });
    bulk("revoke", "RevokeSecret", [](Parties& p) { return end_of_call(p.model.secrets_manager().revoke("db", "gitlab")); });
}

void add_composed(Calls& calls)
{
    calls.push_back(of_model("rotate_secret", CallKind::rotate, "UpdateSecrets", [](Parties& p) {
        RotateCheck check = [](const Secret&) { return true; };
        return end_of_call(p.model.rotate_secret("db", content(), std::move(check)));
    }));
    calls.back().requests = 2; // the new content, and the order to prune
    calls.push_back(of_model("with_secret", CallKind::lifetime, "CreateSecrets",
                             [](Parties& p) { return end_of_call(juju::with_secret(p.model, "new", content(), "mysql", nothing)); }));
    calls.back().name = "with_secret";
}

void add_controller_writing(Calls& calls)
{
    calls.push_back(of_controller("add_secret_backend", CallKind::write, "AddSecretBackends", [](Parties& p) {
        SecretBackendConfig config;
        config.set("endpoint", "https://other.example.com:8200");
        return end_of_call(p.controller.add_secret_backend(SecretBackendDraft("other", "vault", std::move(config))));
    }));
    calls.push_back(of_controller("update_secret_backend", CallKind::write, "UpdateSecretBackends", [](Parties& p) {
        return end_of_call(p.controller.update_secret_backend("myvault", SecretBackendUpdate().new_name("vault2")));
    }));
    calls.push_back(of_controller("remove_secret_backend", CallKind::write, "RemoveSecretBackends",
                                  [](Parties& p) { return end_of_call(p.controller.remove_secret_backend("myvault")); }));
}

void add_free_calls(Calls& calls)
{
    const auto add = [&](Call call) {
        call.takes_anything = true;
        calls.push_back(std::move(call));
    };
    const std::string params = R"({"args":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","revisions":[1]}]})";
    add(of_model("call", CallKind::write, "RemoveSecrets",
                 [params](Parties& p) { return end_of_call(p.model.call("Secrets", "RemoveSecrets", params)); }));
    add(of_model("call(version)", CallKind::write, "RemoveSecrets",
                 [params](Parties& p) { return end_of_call(p.model.call("Secrets", 2, "RemoveSecrets", params)); }));
    add(of_controller("call", CallKind::write, "ListSecretBackends",
                      [](Parties& p) { return end_of_call(p.controller.call("SecretBackends", "ListSecretBackends")); }));
    add(of_controller("call(version)", CallKind::write, "ListSecretBackends",
                      [](Parties& p) { return end_of_call(p.controller.call("SecretBackends", 1, "ListSecretBackends")); }));
}

} // namespace

const std::vector<Call>& calls()
{
    static const Calls all = [] {
        Calls result;
        add_connecting(result);
        add_reading(result);
        add_writing(result);
        add_composed(result);
        add_controller_writing(result);
        add_free_calls(result);
        return result;
    }();
    return all;
}

} // namespace juju::faults
