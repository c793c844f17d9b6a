#include "contract/cases.hpp"

#include <algorithm>
#include <chrono>

namespace juju::contract {

using test::Client;
using namespace std::chrono_literals;

namespace {

constexpr const char* uri = "secret:9m4e2mr0ui3e8a215n4g";
constexpr const char* nameless = "secret:coj8mulh8b41e8nv6p90";
constexpr const char* charm_secret = "secret:d0000000000000000000";
constexpr const char* missing = "secret:vvvvvvvvvvvvvvvvvvvg";
constexpr const char* of_another_model = "secret://11111111-2222-4333-8444-555555555555/9m4e2mr0ui3e8a215n4g";

std::string told(const Error& error)
{
    const char* outcome = error.outcome() == Outcome::not_sent ? "not sent" : error.outcome() == Outcome::rejected ? "rejected" : "unknown";
    return "error " + error.code().message() + ", " + outcome;
}

/// The result of a call as `show` tells it, or its error.
template <class T, class Show>
std::string tell(Client& client, boost::asio::awaitable<T> call, Show show)
{
    try {
        return show(client.run(std::move(call)));
    } catch (const Error& error) {
        return told(error);
    }
}

std::string tell(Client& client, boost::asio::awaitable<void> call)
{
    try {
        client.run(std::move(call));
        return "done";
    } catch (const Error& error) {
        return told(error);
    }
}

std::string text_of(const std::string& text)
{
    return text;
}

std::string how_many(const std::vector<Secret>& secrets)
{
    return secrets.empty() ? "an empty list" : std::to_string(secrets.size()) + (secrets.size() == 1 ? " secret" : " secrets");
}

std::string content_of(const Secret& secret)
{
    return "token " + std::string(secret.content().at("token").text()) + " of revision " +
           std::to_string(secret.revisions().front().number());
}

template <class T>
std::string each(const Outcomes<T>& outcomes)
{
    std::string text;
    for (const auto& outcome : outcomes)
        text += (text.empty() ? "" : "; ") + outcome.subject() + ": " + (outcome.ok() ? "done" : told(*outcome.error()));
    return text;
}

std::string action_of(const EnsureResult& result)
{
    return result.action() == EnsureAction::created ? "created" : result.action() == EnsureAction::updated ? "updated" : "unchanged";
}

std::string state_of(const RotateResult& result)
{
    switch (result.state()) {
    case RotateState::rotated: return "rotated";
    case RotateState::restored: return "restored";
    case RotateState::unchecked: return "unchecked";
    case RotateState::unknown: return "unknown";
    }
    return "";
}

std::string kinds_of(const std::vector<SecretChange>& changes)
{
    std::string text;
    for (const auto& change : changes) {
        static constexpr const char* names[] = {"added", "removed", "content", "metadata", "access"};
        text += (text.empty() ? "" : ", ") + std::string(names[static_cast<std::size_t>(change.kind())]);
    }
    return text;
}

/// The content that the mock holds as a secret's latest.
std::string stored(Client& client, const char* id)
{
    const auto secret = client.mock.secret(id);
    return secret ? "revision " + std::to_string(secret->latest_revision) : "gone";
}

/// A call on "my-apitoken", and what is stored as its latest afterwards.
std::string tell_and_look(Client& client, boost::asio::awaitable<void> call)
{
    const auto result = tell(client, std::move(call));
    return result + ", " + stored(client, "9m4e2mr0ui3e8a215n4g");
}

Case same(std::string call, std::string situation, std::string result, std::function<std::string(Client&)> run)
{
    return {std::move(call), std::move(situation), std::move(run), std::move(result), "", "", "", ""};
}

/// What differs underneath, and how it is evened out.
struct Difference {
    std::string wire_3_6;
    std::string wire_4_0;
    std::string how;
};

Case evened(std::string call, std::string situation, std::string result, Difference difference, std::function<std::string(Client&)> run)
{
    return {std::move(call),
            std::move(situation),
            std::move(run),
            std::move(result),
            "",
            std::move(difference.wire_3_6),
            std::move(difference.wire_4_0),
            std::move(difference.how)};
}

struct Leftover {
    std::string with_3_6;
    std::string with_4_0;
    std::string why;
};

Case different(std::string call, std::string situation, Leftover leftover, std::function<std::string(Client&)> run)
{
    return {
        std::move(call),        std::move(situation), std::move(run), std::move(leftover.with_3_6), std::move(leftover.with_4_0), "", "",
        std::move(leftover.why)};
}

using Cases = std::vector<Case>;

void add_connection(Cases& cases)
{
    cases.push_back(
        same("Model::connect", "connected already", "done", [](Client& c) { return tell(c, c.model.connect(c.mock.connect_options())); }));
    cases.push_back(same("Model::connect", "a wrong password", "error login failed, rejected",
                         [](Client& c) { return tell(c, c.model.connect(c.mock.connect_options().password("wrong"))); }));
    cases.push_back(same("Model::connect", "an unknown model", "error model not found, rejected", [](Client& c) {
        return tell(c, c.model.connect(c.mock.connect_options().model_uuid("11111111-2222-4333-8444-555555555555")));
    }));
    cases.push_back(same("Model::disconnect", "then a call", "error not connected, not sent", [](Client& c) {
        c.run(c.model.disconnect());
        return tell(c, c.model.list_secrets(), how_many);
    }));
    cases.push_back(same("Model::facades", "facade Secrets", "versions 1 and 2", [](Client& c) {
        return c.model.facades().at("Secrets") == std::vector<int>{1, 2} ? "versions 1 and 2" : "others";
    }));
    cases.push_back(same("Model::call", "a facade of one's choice", R"({"results":[]})",
                         [](Client& c) { return tell(c, c.model.call("Secrets", "RemoveSecrets", R"({"args":[]})"), text_of); }));
    cases.push_back(same("Model::call", "a facade that is not there", "error not supported, not sent",
                         [](Client& c) { return tell(c, c.model.call("Nonsense", "Get"), text_of); }));
    cases.push_back(same("Model::call", "a method that is not there", "error not implemented, rejected",
                         [](Client& c) { return tell(c, c.model.call("Secrets", "Frobnicate"), text_of); }));
}

void add_listing(Cases& cases)
{
    cases.push_back(same("Model::list_secrets", "all", "4 secrets", [](Client& c) { return tell(c, c.model.list_secrets(), how_many); }));
    cases.push_back(evened("Model::list_secrets", "the rotate policy of a user secret", "never",
                           {R"("owner-tag":"model-deadbeef-0bad-400d-8000-4b1d0d06f00d","description")", R"("rotate-policy":"never")",
                            "what is absent is \"never\""},
                           [](Client& c) {
                               return tell(c, c.model.list_secrets(SecretFilter().uri(SecretUri::parse(uri))),
                                           [](const auto& secrets) { return secrets.at(0).rotate_policy(); });
                           }));
    cases.push_back(
        evened("Model::list_secrets", "a URI that no secret has", "an empty list",
               {R"({"results":[]})", R"("error-code":"secret not found")", "a filter that matches nothing is no error"},
               [](Client& c) { return tell(c, c.model.list_secrets(SecretFilter().uri(SecretUri::parse(missing))), how_many); }));
    cases.push_back(
        evened("Model::list_secrets", "a URI and a revision that it lacks", "an empty list",
               {R"(revison 5 for secret \"secret:9m4e2mr0ui3e8a215n4g\" not found)",
                R"(secret revision 5 for { 9m4e2mr0ui3e8a215n4g} not found)", "a filter that matches nothing is no error"},
               [](Client& c) { return tell(c, c.model.list_secrets(SecretFilter().uri(SecretUri::parse(uri)).revision(5)), how_many); }));
    cases.push_back(
        evened("Model::list_secrets", "a name and a revision that one of its secrets lacks", "1 secret",
               {R"(revison 2 for secret \"secret:d1000000000000000000\" not found)", R"("revisions":null)",
                "3.6 fails the whole list: each secret of the name is then asked for alone; what lacks the revision is left out"},
               [](Client& c) { return tell(c, c.model.list_secrets(SecretFilter().name("my-apitoken").revision(2)), how_many); }));
    cases.push_back(same("Model::list_secrets", "a URI and a name, which 4.0 refuses together", "1 secret", [](Client& c) {
        return tell(c, c.model.list_secrets(SecretFilter().uri(SecretUri::parse(uri)).name("my-apitoken")), how_many);
    }));
    cases.push_back(same("Model::list_secrets", "the model as owner, which 4.0 refuses", "2 secrets", [](Client& c) {
        return tell(c, c.model.list_secrets(SecretFilter().owner("model-deadbeef-0bad-400d-8000-4b1d0d06f00d")), how_many);
    }));
    cases.push_back(same("Model::list_secrets", "an owner and a name, which 4.0 does not look at then", "1 secret", [](Client& c) {
        return tell(c, c.model.list_secrets(SecretFilter().owner("application-mysql").name("my-apitoken")), how_many);
    }));
    cases.push_back(same("Model::list_secrets", "a revision alone, which 4.0 refuses", "error invalid argument, not sent",
                         [](Client& c) { return tell(c, c.model.list_secrets(SecretFilter().revision(1)), how_many); }));
    cases.push_back(same("Model::get_secret", "a name that a charm's secret has as its label too", "the user secret", [](Client& c) {
        return tell(c, c.model.get_secret("my-apitoken"),
                    [](const Secret& secret) { return std::string(secret.is_user_secret() ? "the user secret" : "the charm's"); });
    }));
    cases.push_back(same("Model::get_secret", "a name that no secret has", "error not found, rejected",
                         [](Client& c) { return tell(c, c.model.get_secret("nobody"), [](const Secret&) { return std::string(); }); }));
    cases.push_back(evened("Model::get_secret", "a URI that no secret has", "error not found, rejected",
                           {R"({"results":[]})", R"("error-code":"secret not found")", "one errc for an empty list and each code"},
                           [](Client& c) { return tell(c, c.model.get_secret(missing), [](const Secret&) { return std::string(); }); }));
    cases.push_back(same("Model::reveal_secret", "by name", "token second of revision 1",
                         [](Client& c) { return tell(c, c.model.reveal_secret("my-apitoken"), content_of); }));
    cases.push_back(same("Model::reveal_secret", "an old revision", "token first of revision 1",
                         [](Client& c) { return tell(c, c.model.reveal_secret("my-apitoken", 1), content_of); }));
    cases.push_back(evened("Model::reveal_secret", "a revision that is not there", "error not found, rejected",
                           {R"("error-code":"not found")", R"("error-code":"secret revision not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.reveal_secret(uri, 5), content_of); }));
    cases.push_back(same("Model::reveal_secret", "with write access only", "error permission denied, rejected", [](Client& c) {
        c.mock.set_access("admin", MockAccess::write);
        c.mock.set_controller_access("admin", MockControllerAccess::login);
        return tell(c, c.model.reveal_secret("my-apitoken"), content_of);
    }));
    cases.push_back(
        same("SecretsManager::list", "all", "4 secrets", [](Client& c) { return tell(c, c.model.secrets_manager().list(), how_many); }));
}

void add_writing(Cases& cases)
{
    const auto uri_text = [](const SecretUri& made) { return made.str(); };
    cases.push_back(same("Model::add_secret", "a new name", "secret:h0000000000000000000",
                         [uri_text](Client& c) { return tell(c, c.model.add_secret("new", {"token=value"}), uri_text); }));
    cases.push_back(same("Model::add_secret", "a taken name", "error already exists, rejected",
                         [uri_text](Client& c) { return tell(c, c.model.add_secret("my-apitoken", {"token=value"}), uri_text); }));
    cases.push_back(same("Model::add_secret", "a charm's label as name", "secret:h0000000000000000000",
                         [uri_text](Client& c) { return tell(c, c.model.add_secret("charm-secret", {"token=value"}), uri_text); }));
    cases.push_back(same("Model::add_secret", "with read access only", "error permission denied, rejected", [uri_text](Client& c) {
        c.mock.set_access("admin", MockAccess::read);
        return tell(c, c.model.add_secret("new", {"token=value"}), uri_text);
    }));
    cases.push_back(same("Model::update_secret", "new content", "done, revision 3", [](Client& c) {
        return tell_and_look(c, c.model.update_secret("my-apitoken", SecretUpdate().data({"token=third"})));
    }));
    cases.push_back(same("Model::update_secret", "the same content", "done, revision 2", [](Client& c) {
        return tell_and_look(c, c.model.update_secret("my-apitoken", SecretUpdate().data({"token=second"})));
    }));
    cases.push_back(evened("Model::update_secret", "a URI that no secret has", "error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.update_secret(missing, SecretUpdate().info("text"))); }));
    cases.push_back(evened("Model::update_secret", "a name that no secret has", "error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.update_secret("nobody", SecretUpdate().info("text"))); }));
    cases.push_back(same("Model::update_secret", "a new name that is taken", "error already exists, rejected", [](Client& c) {
        c.run(c.model.add_secret("other", {"token=value"}));
        return tell(c, c.model.update_secret("other", SecretUpdate().new_name("my-apitoken")));
    }));
    cases.push_back(same("Model::update_secret", "clearing the name of a nameless secret, which 3.6 counts as a use of the empty name",
                         "done", [](Client& c) { return tell(c, c.model.update_secret(nameless, SecretUpdate().clear_name())); }));
    cases.push_back(different("Model::update_secret", "clearing a second name",
                              {"error already exists, rejected", "done", "3.6 records the empty name as taken, for ever"}, [](Client& c) {
                                  c.run(c.model.add_secret("other", {"token=value"}));
                                  c.run(c.model.update_secret("other", SecretUpdate().clear_name()));
                                  return tell(c, c.model.update_secret("my-apitoken", SecretUpdate().clear_name()));
                              }));
    cases.push_back(
        different("Model::update_secret", "a charm's secret",
                  {"done", "error permission denied, rejected", "3.6 does not look at the owner; leave charm secrets to charms"},
                  [](Client& c) { return tell(c, c.model.update_secret(charm_secret, SecretUpdate().info("text"))); }));
    cases.push_back(different("Model::update_secret", "a URI that names another model, while the id exists here too",
                              {"done", "error not found, rejected", "3.6 does not look at the model in the URI"},
                              [](Client& c) { return tell(c, c.model.update_secret(of_another_model, SecretUpdate().info("text"))); }));
    cases.push_back(
        same("SecretsManager::create", "one of two is taken", "new: done; my-apitoken: error already exists, rejected", [](Client& c) {
            std::vector<SecretDraft> drafts;
            drafts.emplace_back("new", SecretContent("token=value"));
            drafts.emplace_back("my-apitoken", SecretContent("token=value"));
            return tell(c, c.model.secrets_manager().create(drafts), each<SecretUri>);
        }));
    cases.push_back(evened("SecretsManager::update", "one of two is missing", "my-apitoken: done; nobody: error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret not found")", "one errc for each code"}, [](Client& c) {
                               std::vector<std::pair<SecretRef, SecretUpdate>> updates;
                               updates.emplace_back("my-apitoken", SecretUpdate().info("text"));
                               updates.emplace_back("nobody", SecretUpdate().info("text"));
                               return tell(c, c.model.secrets_manager().update(updates), each<void>);
                           }));
}

void add_removal(Cases& cases)
{
    cases.push_back(same("Model::remove_secret", "by name", "done, gone",
                         [](Client& c) { return tell_and_look(c, c.model.remove_secret("my-apitoken")); }));
    cases.push_back(same("Model::remove_secret", "an old revision", "done, revision 2",
                         [](Client& c) { return tell_and_look(c, c.model.remove_secret("my-apitoken", 1)); }));
    cases.push_back(evened("Model::remove_secret", "a URI that no secret has", "error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.remove_secret(missing)); }));
    cases.push_back(evened("Model::remove_secret", "a revision that is not there", "error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret revision not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.remove_secret(uri, 5)); }));
    cases.push_back(evened("Model::remove_secret", "with read access only", "error permission denied, rejected",
                           {R"({"results":[{"error":{"message":"permission denied")", R"("error":"permission denied")",
                            "a refusal of the item and one of the request are the same error"},
                           [](Client& c) {
                               c.mock.set_access("admin", MockAccess::read);
                               return tell(c, c.model.remove_secret("my-apitoken"));
                           }));
    cases.push_back(evened("Model::remove_secret", "a charm's secret", "error permission denied, rejected",
                           {R"("message":"permission denied","code":"unauthorized access")",
                            R"(is not allowed to manage this secret","code":"unauthorized access")", "one errc for each text"},
                           [](Client& c) { return tell(c, c.model.remove_secret(charm_secret)); }));
    cases.push_back(different("Model::remove_secret", "the latest revision, then new content",
                              {"revision 3", "revision 2", "3.6 goes on counting, 4.0 gives the number again"}, [](Client& c) {
                                  c.run(c.model.remove_secret(uri, 2));
                                  c.run(c.model.update_secret(uri, SecretUpdate().data({"token=third"})));
                                  return stored(c, "9m4e2mr0ui3e8a215n4g");
                              }));
    cases.push_back(different("SecretsManager::remove", "revisions 1 and 5, where there is no 5",
                              {"my-apitoken: done", "my-apitoken: error not found, rejected",
                               "3.6 removes those that exist, 4.0 none; `wait_until_pruned` and `get_secret` tell what is left"},
                              [](Client& c) {
                                  std::vector<SecretRemoval> removals;
                                  removals.emplace_back("my-apitoken", std::vector<int>{1, 5});
                                  return tell(c, c.model.secrets_manager().remove(removals), each<void>);
                              }));
    cases.push_back(same("Model::wait_until_removed", "after a removal, which 4.0 carries out later", "done", [](Client& c) {
        c.mock.set_removal_delay(80ms);
        c.run(c.model.remove_secret("my-apitoken"));
        return tell(c, c.model.wait_until_removed(uri));
    }));
    cases.push_back(same("Model::wait_until_pruned", "after an update with auto_prune, which 4.0 carries out later", "done", [](Client& c) {
        c.mock.set_removal_delay(80ms);
        c.run(c.model.update_secret("my-apitoken", SecretUpdate().data({"token=third"}).auto_prune(true)));
        return tell(c, c.model.wait_until_pruned("my-apitoken"));
    }));
}

void add_access(Cases& cases)
{
    cases.push_back(same("Model::grant_secret", "two applications", "done", [](Client& c) {
        return tell(c, c.model.grant_secret("my-apitoken", {"mysql", "gitlab"}));
    }));
    cases.push_back(evened("Model::grant_secret", "an application that is not there", "error not found, rejected",
                           {R"(saas application \"nosuch\" not found","code":"not found")",
                            R"(application \"nosuch\" not found","code":"")", "4.0 gives no code; the text tells"},
                           [](Client& c) { return tell(c, c.model.grant_secret("my-apitoken", "nosuch")); }));
    cases.push_back(evened("Model::grant_secret", "a name that no secret has", "error not found, rejected",
                           {R"("error-code":"not found")", R"("error-code":"secret not found")", "one errc for each code"},
                           [](Client& c) { return tell(c, c.model.grant_secret("nobody", "mysql")); }));
    cases.push_back(evened("SecretsManager::grant", "one of two applications is not there",
                           "mysql: done; nosuch: error not found, rejected",
                           {R"("code":"not found")", R"("code":"")", "4.0 gives no code; the text tells"}, [](Client& c) {
                               return tell(c, c.model.secrets_manager().grant("my-apitoken", {"mysql", "nosuch"}), each<void>);
                           }));
    cases.push_back(same("Model::revoke_secret", "what was granted", "done",
                         [](Client& c) { return tell(c, c.model.revoke_secret("my-apitoken", "gitlab")); }));
    cases.push_back(same("Model::revoke_secret", "what was not granted", "done",
                         [](Client& c) { return tell(c, c.model.revoke_secret("my-apitoken", "mysql")); }));
    cases.push_back(different("Model::revoke_secret", "an application that is not there",
                              {"done", "error not found, rejected", "in both cases it has no access afterwards"},
                              [](Client& c) { return tell(c, c.model.revoke_secret("my-apitoken", "nosuch")); }));
    cases.push_back(different("Model::revoke_secret", "a URI that no secret has",
                              {"done", "error not found, rejected", "3.6 does not look whether the secret exists"},
                              [](Client& c) { return tell(c, c.model.revoke_secret(missing, "gitlab")); }));
    cases.push_back(same("SecretsManager::revoke", "several", "gitlab: done; mysql: done", [](Client& c) {
        return tell(c, c.model.secrets_manager().revoke("my-apitoken", {"gitlab", "mysql"}), each<void>);
    }));
}

void add_convergence(Cases& cases)
{
    cases.push_back(same("Model::ensure_secret", "a new name", "created",
                         [](Client& c) { return tell(c, c.model.ensure_secret("new", {"token=value"}), action_of); }));
    cases.push_back(same("Model::ensure_secret", "the same content", "unchanged",
                         [](Client& c) { return tell(c, c.model.ensure_secret("my-apitoken", {"token=second"}), action_of); }));
    cases.push_back(same("Model::ensure_secret", "other content", "updated",
                         [](Client& c) { return tell(c, c.model.ensure_secret("my-apitoken", {"token=third"}), action_of); }));
    const auto answer = [](const std::optional<bool>& same) { return std::string(!same ? "unknown" : *same ? "yes" : "no"); };
    cases.push_back(same("Model::secret_matches", "the latest content", "yes",
                         [answer](Client& c) { return tell(c, c.model.secret_matches("my-apitoken", {"token=second"}), answer); }));
    cases.push_back(different(
        "Model::secret_matches", "the content of a latest revision that was removed",
        {"unknown", "yes", "the checksum stays in both; 3.6 shows that the revision is gone, 4.0 makes the one before the latest"},
        [answer](Client& c) {
            c.run(c.model.remove_secret(uri, 2));
            return tell(c, c.model.secret_matches(uri, {"token=second"}), answer);
        }));
    cases.push_back(same("Model::rotate_secret", "the check passes", "rotated, revision 3", [](Client& c) {
        const auto check = [] { return true; };
        const auto result = tell(c, c.model.rotate_secret("my-apitoken", {"token=third"}, check), state_of);
        return result + ", " + stored(c, "9m4e2mr0ui3e8a215n4g");
    }));
    cases.push_back(same("Model::rotate_secret", "the check fails", "restored, revision 4", [](Client& c) {
        const auto check = [] { return false; };
        const auto result = tell(c, c.model.rotate_secret("my-apitoken", {"token=third"}, check), state_of);
        return result + ", " + stored(c, "9m4e2mr0ui3e8a215n4g");
    }));
    cases.push_back(same("Model::watch_secrets", "the secrets that are there", "added, added, added, added", [](Client& c) {
        auto watcher = c.model.watch_secrets(WatchOptions().interval(1ms));
        return tell(c, watcher.next(), kinds_of);
    }));
    cases.push_back(same("SecretWatcher::next", "a grant and a new content", "content, access", [](Client& c) {
        auto watcher = c.model.watch_secrets(WatchOptions().interval(1ms));
        c.run(watcher.next());
        c.run(c.model.grant_secret("my-apitoken", "mysql"));
        c.run(c.model.update_secret("my-apitoken", SecretUpdate().data({"token=third"})));
        return tell(c, watcher.next(), kinds_of);
    }));
}

/// A controller connection for one call.
template <class Call>
std::string with_controller(Client& client, Call call)
{
    Controller controller(client.context.get_executor());
    client.run(controller.connect(client.mock.connect_options()));
    return call(controller);
}

SecretBackendDraft vault(const char* name)
{
    SecretBackendConfig config;
    config.set("endpoint", "https://vault.example.com:8200").set("token", "s.abc");
    return SecretBackendDraft(name, "vault", std::move(config));
}

std::string names_of(const std::vector<SecretBackend>& backends)
{
    std::string text;
    for (const auto& backend : backends)
        text += (text.empty() ? "" : ", ") + backend.name();
    return text;
}

void add_backends(Cases& cases)
{
    cases.push_back(evened("Model::get_secret_backend", "not chosen yet", "auto",
                           {R"("request":"ModelGet")", R"("request":"GetModelSecretBackend")", "the version that the login lists decides"},
                           [](Client& c) { return tell(c, c.model.get_secret_backend(), text_of); }));
    cases.push_back(evened(
        "Model::set_secret_backend", "one that is there", "done, myvault",
        {R"("request":"ModelSet")", R"("request":"SetModelSecretBackend")", "the version that the login lists decides"}, [](Client& c) {
            with_controller(c, [&](Controller& controller) { return tell(c, controller.add_secret_backend(vault("myvault"))); });
            const auto result = tell(c, c.model.set_secret_backend("myvault"));
            return result + ", " + tell(c, c.model.get_secret_backend(), text_of);
        }));
    cases.push_back(evened("Model::set_secret_backend", "one that is not there", "error not found, rejected",
                           {R"("error-code":"not found")", R"("code":"secret backend not found")",
                            "a refusal of the request and one inside the response are the same error"},
                           [](Client& c) { return tell(c, c.model.set_secret_backend("nope")); }));
    cases.push_back(same("Controller::connect", "without a model", "done",
                         [](Client& c) { return with_controller(c, [](Controller&) { return std::string("done"); }); }));
    cases.push_back(same("Controller::disconnect", "then a call", "error not connected, not sent", [](Client& c) {
        return with_controller(c, [&](Controller& controller) {
            c.run(controller.disconnect());
            return tell(c, controller.list_secret_backends(), names_of);
        });
    }));
    cases.push_back(same("Controller::facades", "facade SecretBackends", "version 1", [](Client& c) {
        return with_controller(c, [](Controller& controller) {
            return std::string(controller.facades().at("SecretBackends") == std::vector<int>{1} ? "version 1" : "others");
        });
    }));
    cases.push_back(same("Controller::call", "a facade that only models have", "error not supported, not sent", [](Client& c) {
        return with_controller(c, [&](Controller& controller) { return tell(c, controller.call("Secrets", "ListSecrets"), text_of); });
    }));
    cases.push_back(evened("Controller::list_secret_backends", "the built-in one", "internal",
                           {R"("backend-type":"controller","config":{}})", R"("backend-type":"controller","config":null})",
                            "null and {} are both an empty configuration"},
                           [](Client& c) {
                               return with_controller(
                                   c, [&](Controller& controller) { return tell(c, controller.list_secret_backends(), names_of); });
                           }));
    cases.push_back(same("Controller::add_secret_backend", "a new one", "done, internal, myvault", [](Client& c) {
        return with_controller(c, [&](Controller& controller) {
            const auto added = tell(c, controller.add_secret_backend(vault("myvault")));
            return added + ", " + tell(c, controller.list_secret_backends(), names_of);
        });
    }));
    cases.push_back(evened("Controller::add_secret_backend", "a taken name", "error already exists, rejected",
                           {R"("code":"already exists")", R"("code":"secret backend already exists")", "one errc for each code"},
                           [](Client& c) {
                               return with_controller(c, [&](Controller& controller) {
                                   c.run(controller.add_secret_backend(vault("myvault")));
                                   return tell(c, controller.add_secret_backend(vault("myvault")));
                               });
                           }));
    cases.push_back(evened("Controller::update_secret_backend", "one that is not there", "error not found, rejected",
                           {R"("code":"not found")", R"("code":"secret backend not found")", "one errc for each code"}, [](Client& c) {
                               return with_controller(c, [&](Controller& controller) {
                                   SecretBackendConfig config;
                                   config.set("token", "s.def");
                                   return tell(c, controller.update_secret_backend("nope", SecretBackendUpdate().config(config)));
                               });
                           }));
    cases.push_back(same("Controller::remove_secret_backend", "one that is empty", "done", [](Client& c) {
        return with_controller(c, [&](Controller& controller) {
            c.run(controller.add_secret_backend(vault("myvault")));
            return tell(c, controller.remove_secret_backend("myvault"));
        });
    }));
    cases.push_back(different("Controller::remove_secret_backend", "one that is not there",
                              {"done", "error not found, rejected", "in both cases there is none afterwards"}, [](Client& c) {
                                  return with_controller(
                                      c, [&](Controller& controller) { return tell(c, controller.remove_secret_backend("nope")); });
                              }));
}

} // namespace

const char* const state = R"(
controller_uuid: c0ffee00-1111-4222-8333-444444444444
model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: demo, owner: admin}
applications: [gitlab, mysql]
next_ids: [h0000000000000000000, h1000000000000000000]
secrets:
- id: 9m4e2mr0ui3e8a215n4g
  label: my-apitoken
  description: api token
  revisions:
  - {number: 1, data: {token: Zmlyc3Q=}}
  - {number: 2, data: {token: c2Vjb25k}}
  grants: [{target: application-gitlab}]
- id: coj8mulh8b41e8nv6p90
  description: without a name
  revisions: [{number: 1, data: {token: Zmlyc3Q=}}]
- id: d0000000000000000000
  owner: application-mysql
  label: charm-secret
  revisions: [{number: 1, data: {token: Zmlyc3Q=}}]
- id: d1000000000000000000
  owner: application-mysql
  label: my-apitoken
  revisions: [{number: 1, data: {token: Zmlyc3Q=}}]
)";

const std::vector<Case>& cases()
{
    static const Cases all = [] {
        Cases result;
        add_connection(result);
        add_listing(result);
        add_writing(result);
        add_removal(result);
        add_access(result);
        add_convergence(result);
        add_backends(result);
        return result;
    }();
    return all;
}

const std::vector<std::string>& public_calls()
{
    static const std::vector<std::string> calls{
        "Model::connect",
        "Model::disconnect",
        "Model::add_secret",
        "Model::list_secrets",
        "Model::get_secret",
        "Model::reveal_secret",
        "Model::grant_secret",
        "Model::revoke_secret",
        "Model::update_secret",
        "Model::remove_secret",
        "Model::ensure_secret",
        "Model::secret_matches",
        "Model::rotate_secret",
        "Model::watch_secrets",
        "Model::wait_until_removed",
        "Model::wait_until_pruned",
        "Model::get_secret_backend",
        "Model::set_secret_backend",
        "Model::call",
        "Model::facades",
        "SecretsManager::create",
        "SecretsManager::update",
        "SecretsManager::remove",
        "SecretsManager::grant",
        "SecretsManager::revoke",
        "SecretsManager::list",
        "SecretWatcher::next",
        "Controller::connect",
        "Controller::disconnect",
        "Controller::list_secret_backends",
        "Controller::add_secret_backend",
        "Controller::update_secret_backend",
        "Controller::remove_secret_backend",
        "Controller::call",
        "Controller::facades",
    };
    return calls;
}

} // namespace juju::contract
