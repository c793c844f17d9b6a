#include <juju/secrets_manager.hpp>

#include "connection/connection.hpp"
#include "secrets/secrets_codec.hpp"

#include <optional>
#include <string>
#include <utility>

namespace juju {
namespace {

namespace asio = boost::asio;
using ConnectionPtr = std::shared_ptr<detail::Connection>;

/// The version of facade `Secrets` that has the calls that write; listing is in version 1 too (secrets-facade 1.1).
constexpr int write_version = 2;
constexpr int list_version = 1;

/// Names the request in the error of a reply that cannot be understood.
template <class Decode>
auto decode(const std::string& request, Decode&& decode_reply) -> decltype(decode_reply())
{
    try {
        return decode_reply();
    } catch (const Error& error) {
        if (error.code() != errc::malformed_reply)
            throw;
        detail::ErrorDetails details(request + ": " + error.what());
        details.request = request;
        details.outcome = Outcome::unknown;
        throw Error(error.code(), std::move(details));
    }
}

asio::awaitable<Outcomes<void>> call_for_results(ConnectionPtr connection, const char* method, WipingString params,
                                                 std::vector<std::string> subjects)
{
    auto request = connection->secrets_request(method, write_version, std::move(params));
    const std::string name = request.name();
    auto reply = co_await connection->call(std::move(request));
    co_return decode(name, [&] { return secrets::decode_results(reply, name, subjects); });
}

asio::awaitable<Outcomes<SecretUri>> create_secrets(ConnectionPtr connection, std::vector<SecretDraft> drafts)
{
    std::vector<std::string> subjects;
    for (const auto& draft : drafts)
        subjects.push_back(draft.name());
    auto request = connection->secrets_request("CreateSecrets", write_version, secrets::encode_create(drafts));
    const std::string name = request.name();
    auto reply = co_await connection->call(std::move(request));
    co_return decode(name, [&] { return secrets::decode_create(reply, name, subjects); });
}

asio::awaitable<Outcomes<void>> update_secrets(ConnectionPtr connection, std::vector<std::pair<SecretRef, SecretUpdate>> updates)
{
    std::vector<std::string> subjects;
    for (const auto& [secret, update] : updates)
        subjects.push_back(secret.str());
    auto params = secrets::encode_update(updates);
    co_return co_await call_for_results(std::move(connection), "UpdateSecrets", std::move(params), std::move(subjects));
}

asio::awaitable<Outcomes<void>> remove_secrets(ConnectionPtr connection, std::vector<SecretRemoval> removals)
{
    std::vector<std::string> subjects;
    for (const auto& removal : removals)
        subjects.push_back(removal.secret().str());
    auto params = secrets::encode_remove(removals);
    co_return co_await call_for_results(std::move(connection), "RemoveSecrets", std::move(params), std::move(subjects));
}

asio::awaitable<Outcomes<void>> change_access(ConnectionPtr connection, const char* method, SecretRef secret, Applications applications)
{
    auto params = secrets::encode_access(secret, applications);
    co_return co_await call_for_results(std::move(connection), method, std::move(params), applications.names());
}

asio::awaitable<std::vector<Secret>> fetch(ConnectionPtr connection, SecretFilter filter)
{
    auto request = connection->secrets_request("ListSecrets", list_version, secrets::encode_list(filter));
    const std::string name = request.name();
    auto reply = co_await connection->call(std::move(request));
    co_return decode(name, [&] { return secrets::decode_list(reply, name); });
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

/// Runs a call on the connection's strand. Where it was cancelled between two requests Asio throws an error of its own.
template <class T>
asio::awaitable<T> as_call(asio::awaitable<T> call)
{
    try {
        co_return co_await std::move(call);
    } catch (const Error&) {
        throw;
    } catch (const boost::system::system_error& error) {
        throw Error(make_error_code(errc::canceled), detail::ErrorDetails("cancelled: " + error.code().message()));
    }
}

template <class T>
asio::awaitable<T> run(const ConnectionPtr& connection, asio::awaitable<T> call)
{
    return connection::run_on(connection->strand(), as_call(std::move(call)));
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
