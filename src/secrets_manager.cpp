#include <juju/secrets_manager.hpp>

#include "connection/connection.hpp"
#include "operations/exchange.hpp"
#include "operations/run.hpp"
#include "reworded.hpp"
#include "secrets/secrets_codec.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace juju {
namespace {

namespace asio = boost::asio;
using operations::ConnectionPtr;
using operations::decoded;
using operations::run;

/// The version of facade `Secrets` that has the calls that write; listing is in version 1 too (secrets-facade 1.1).
constexpr int write_version = 2;
constexpr int list_version = 1;

/// Juju 3.6.28 ends a request on several items so when one of them is not usable; nothing of it is stored (secrets-facade 1.11).
Error explained(const Error& error, std::size_t items)
{
    if (error.server_message() != "runtime error: invalid memory address or nil pointer dereference")
        return error;
    return Error(
        make_error_code(errc::batch_aborted),
        detail::reworded(error, std::string(error.what()) + ": Juju 3.6.28 aborts a request like this when one of its items is not " +
                                    "usable, and stores none of its " + std::to_string(items) + "; send them one by one to find it"));
}

Error not_sent(const std::string& request, const Error& cause)
{
    detail::ErrorDetails details(request + ": not sent, since the request before failed: " + cause.what());
    details.request = request;
    details.connection_usable = cause.connection_usable();
    return Error(cause.code(), std::move(details));
}

/// Sends one request.
template <class T, class Decode>
asio::awaitable<Outcomes<T>> call_batch(ConnectionPtr connection, const char* method, WipingString params,
                                        std::vector<std::string> subjects, Decode decode_reply)
{
    const auto deadline = co_await connection->ready();
    auto request = connection->secrets_request(method, write_version, std::move(params));
    const std::string name = request.name();
    auto calling = connection->call(std::move(request), deadline, detail::Repeat::never);
    auto reply = co_await std::move(calling);
    co_return decoded(name, [&] { return decode_reply(reply, name, subjects); });
}

/// Sends the batches one after the other. Where there are several, a refused one hides no other: its items have its error. After a lost
/// answer nothing more is sent. Throws when no batch succeeded.
template <class T, class Decode>
asio::awaitable<Outcomes<T>> call_batches(ConnectionPtr connection, const char* method, std::vector<secrets::Batch> batches,
                                          std::vector<std::string> subjects, Decode decode_reply)
{
    std::vector<ItemOutcome<T>> items;
    std::optional<Error> first_failure;
    std::optional<Error> end;
    bool any_success = false;
    auto subject = subjects.begin();
    for (auto& batch : batches) {
        const std::vector<std::string> names(subject, subject + static_cast<std::ptrdiff_t>(batch.count));
        subject += static_cast<std::ptrdiff_t>(batch.count);
        std::optional<Error> failure = end;
        if (!end) {
            try {
                const auto outcomes = co_await call_batch<T>(connection, method, std::move(batch.params), names, decode_reply);
                items.insert(items.end(), outcomes.begin(), outcomes.end());
                any_success = true;
            } catch (const Error& error) {
                failure = explained(error, names.size());
            }
        }
        if (!failure)
            continue;
        if (!first_failure)
            first_failure = failure;
        for (const auto& name : names)
            items.emplace_back(name, *failure);
        if (!end && (failure->outcome() != Outcome::rejected || !failure->connection_usable()))
            end = not_sent(std::string("Secrets.") + method, *failure);
    }
    if (!any_success)
        throw *first_failure;
    co_return Outcomes<T>(std::move(items));
}

std::size_t room(const ConnectionPtr& connection)
{
    return connection->max_request_size() - wire::Request::envelope_size;
}

asio::awaitable<Outcomes<void>> call_for_results(ConnectionPtr connection, const char* method, std::vector<secrets::Batch> batches,
                                                 std::vector<std::string> subjects)
{
    return call_batches<void>(std::move(connection), method, std::move(batches), std::move(subjects), secrets::decode_results);
}

asio::awaitable<Outcomes<SecretUri>> create_secrets(ConnectionPtr connection, std::vector<SecretDraft> drafts)
{
    std::vector<std::string> subjects;
    subjects.reserve(drafts.size());
    for (const auto& draft : drafts)
        subjects.push_back(draft.name());
    auto batches = secrets::encode_create(drafts, room(connection));
    co_return co_await call_batches<SecretUri>(std::move(connection), "CreateSecrets", std::move(batches), std::move(subjects),
                                               secrets::decode_create);
}

asio::awaitable<std::vector<Secret>> fetch(ConnectionPtr connection, SecretFilter filter)
{
    const auto deadline = co_await connection->ready();
    auto request = connection->secrets_request("ListSecrets", list_version, secrets::encode_list(filter));
    const std::string name = request.name();
    auto calling = connection->call(std::move(request), deadline, detail::Repeat::after_loss);
    auto reply = co_await std::move(calling);
    co_return decoded(name, [&] { return secrets::decode_list(reply, name); });
}

/// Whether a secret exists and has no name.
asio::awaitable<bool> is_nameless(ConnectionPtr connection, SecretUri uri)
{
    SecretFilter filter;
    filter.uri(std::move(uri));
    bool nameless = false;
    try {
        const auto secrets = co_await fetch(connection, filter);
        nameless = secrets.size() == 1 && secrets.front().label().empty();
    } catch (const Error& error) {
        if (error.code() != errc::not_found)
            throw;
    }
    co_return nameless;
}

using Updates = std::vector<std::pair<SecretRef, SecretUpdate>>;

SecretUpdate without_name(const SecretUpdate& update)
{
    SecretUpdate rest;
    if (const auto content = update.content())
        rest.data(*content);
    if (update.info())
        rest.info(*update.info());
    if (update.auto_prune())
        rest.auto_prune(*update.auto_prune());
    return rest;
}

bool is_empty(const SecretUpdate& update)
{
    return !update.name() && !update.info() && !update.auto_prune() && !update.content();
}

bool clears_name(const SecretUpdate& update)
{
    return update.name() && update.name()->empty();
}

asio::awaitable<Outcomes<void>> send_updates(ConnectionPtr connection, Updates updates)
{
    std::vector<std::string> subjects;
    for (const auto& [secret, update] : updates)
        subjects.push_back(secret.str());
    auto batches = secrets::encode_update(updates, room(connection));
    co_return co_await call_for_results(std::move(connection), "UpdateSecrets", std::move(batches), std::move(subjects));
}

/// Juju 3.6 takes the clearing of a name that is not there for a second use of the empty name, and refuses it. So it is not sent then.
asio::awaitable<Outcomes<void>> send_updates_that_clear_names(ConnectionPtr connection, Updates updates)
{
    secrets::encode_update(updates, room(connection)); // what is not usable is told before anything is sent
    std::vector<std::string> subjects;
    std::vector<bool> sent;
    std::set<std::string> named; // ids of the secrets that an earlier item gives a name
    Updates changes;
    for (auto& [secret, update] : updates) {
        const auto& uri = secret.uri();
        const bool to_be_asked = clears_name(update) && uri && !named.contains(uri->id()) && !connection->refuses_model_of(*uri);
        bool nameless = false;
        if (to_be_asked)
            nameless = co_await is_nameless(connection, *uri);
        if (nameless)
            update = without_name(update);
        if (uri && update.name() && !clears_name(update))
            named.insert(uri->id());
        subjects.push_back(secret.str());
        sent.push_back(!is_empty(update));
        if (sent.back())
            changes.emplace_back(secret, std::move(update));
    }
    Outcomes<void> outcomes;
    if (!changes.empty())
        outcomes = co_await send_updates(std::move(connection), std::move(changes));
    std::vector<ItemOutcome<void>> all;
    auto outcome = outcomes.begin();
    for (std::size_t i = 0; i < subjects.size(); ++i)
        all.push_back(sent[i] ? *outcome++ : ItemOutcome<void>(subjects[i]));
    co_return Outcomes<void>(std::move(all));
}

asio::awaitable<Outcomes<void>> update_secrets(ConnectionPtr connection, Updates updates)
{
    const auto may_be_nameless = [](const auto& item) { return item.first.uri() && clears_name(item.second); };
    if (std::any_of(updates.begin(), updates.end(), may_be_nameless))
        return send_updates_that_clear_names(std::move(connection), std::move(updates));
    return send_updates(std::move(connection), std::move(updates));
}

asio::awaitable<Outcomes<void>> remove_secrets(ConnectionPtr connection, std::vector<SecretRemoval> removals)
{
    std::vector<std::string> subjects;
    subjects.reserve(removals.size());
    for (const auto& removal : removals)
        subjects.push_back(removal.secret().str());
    auto batches = secrets::encode_remove(removals, room(connection));
    co_return co_await call_for_results(std::move(connection), "RemoveSecrets", std::move(batches), std::move(subjects));
}
asio::awaitable<Outcomes<void>> change_access(ConnectionPtr connection, const char* method, SecretRef secret, Applications applications)
{
    auto params = secrets::encode_access(secret, applications);
    co_return co_await call_batch<void>(std::move(connection), method, std::move(params), applications.names(), secrets::decode_results);
}

/// Juju 3.6 fails a list by name as a whole when one secret of that name lacks the revision: take those that have it one by one.
asio::awaitable<std::vector<Secret>> fetch_revision_by_name(ConnectionPtr connection, SecretFilter filter)
{
    SecretFilter by_name;
    by_name.name(*filter.name());
    const auto candidates = co_await fetch(connection, by_name);
    std::vector<Secret> found;
    for (const auto& candidate : candidates) {
        SecretFilter one;
        one.uri(candidate.uri()).revision(*filter.revision()).show_secrets(filter.show_secrets());
        std::vector<Secret> secrets;
        try {
            secrets = co_await fetch(connection, one);
        } catch (const Error& error) {
            if (error.code() != errc::not_found)
                throw;
        }
        for (auto& secret : secrets)
            found.push_back(std::move(secret));
    }
    co_return found;
}

asio::awaitable<std::vector<Secret>> list_secrets(ConnectionPtr connection, SecretFilter filter)
{
    secrets::check_filter(filter);
    std::vector<Secret> secrets;
    bool missing = false;
    try {
        secrets = co_await fetch(connection, filter);
    } catch (const Error& error) {
        if (error.code() != errc::not_found)
            throw;
        missing = true;
    }
    if (missing && filter.name() && filter.revision() && !filter.uri())
        secrets = co_await fetch_revision_by_name(connection, filter);
    co_return secrets::select(std::move(secrets), filter);
}

} // namespace

SecretsManager::SecretsManager(std::shared_ptr<detail::Connection> connection) : connection_(std::move(connection)) {}

asio::awaitable<Outcomes<SecretUri>> SecretsManager::create(std::vector<SecretDraft> drafts)
{
    return run(connection_, create_secrets(connection_, std::move(drafts)));
}

asio::awaitable<Outcomes<void>> SecretsManager::update(std::vector<std::pair<SecretRef, SecretUpdate>> updates)
{
    return run(connection_, update_secrets(connection_, std::move(updates)));
}

asio::awaitable<Outcomes<void>> SecretsManager::remove(std::vector<SecretRemoval> removals)
{
    return run(connection_, remove_secrets(connection_, std::move(removals)));
}

asio::awaitable<Outcomes<void>> SecretsManager::grant(SecretRef secret, Applications applications)
{
    return run(connection_, change_access(connection_, "GrantSecret", std::move(secret), std::move(applications)));
}

asio::awaitable<Outcomes<void>> SecretsManager::revoke(SecretRef secret, Applications applications)
{
    return run(connection_, change_access(connection_, "RevokeSecret", std::move(secret), std::move(applications)));
}

asio::awaitable<std::vector<Secret>> SecretsManager::list(SecretFilter filter)
{
    return run(connection_, list_secrets(connection_, std::move(filter)));
}

} // namespace juju
