#include <juju/model.hpp>

#include "connection/connection.hpp"
#include "local_error.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace juju {
namespace {

namespace asio = boost::asio;

/// The value of a call on one secret, or its error.
template <class T>
asio::awaitable<T> only(asio::awaitable<Outcomes<T>> call)
{
    const auto outcomes = co_await std::move(call);
    co_return outcomes.at(0).value();
}

/// One error for a call on several applications, which names the failed ones and has every one's outcome.
Error some_failed(const Outcomes<void>& outcomes)
{
    const auto first = std::ranges::find_if(outcomes, [](const auto& item) { return !item.ok(); });
    const Error& cause = *first->error();
    detail::ErrorDetails details(std::to_string(outcomes.failed()) + " of " + std::to_string(outcomes.size()) + " applications failed");
    details.request = cause.request();
    details.server_code = cause.server_code();
    details.server_message = cause.server_message();
    details.outcome = cause.outcome();
    details.connection_usable = cause.connection_usable();
    for (const auto& item : outcomes) {
        if (item.ok()) {
            details.items.emplace_back(item.subject());
            continue;
        }
        details.message += "; " + item.subject() + ": " + item.error()->what();
        details.items.emplace_back(item.subject(), *item.error());
    }
    return Error(cause.code(), std::move(details));
}

asio::awaitable<void> all(asio::awaitable<Outcomes<void>> call)
{
    const auto outcomes = co_await std::move(call);
    if (!outcomes.ok())
        throw some_failed(outcomes);
}

Error refused(errc code, std::string message)
{
    detail::ErrorDetails details(std::move(message));
    details.request = "Secrets.ListSecrets";
    details.outcome = Outcome::rejected;
    return Error(make_error_code(code), std::move(details));
}

/// A user secret before a charm's with the same label.
Secret choose(std::vector<Secret> secrets, const SecretRef& secret)
{
    const auto user = std::ranges::find_if(secrets, &Secret::is_user_secret);
    if (user != secrets.end())
        return std::move(*user);
    if (secrets.size() == 1)
        return std::move(secrets.front());
    if (secrets.empty())
        throw refused(errc::not_found, "secret \"" + secret.str() + "\" not found");
    throw refused(errc::several_matches, "\"" + secret.str() + "\" is the label of " + std::to_string(secrets.size()) +
                                             " charm secrets; give the URI of the one you mean");
}

SecretFilter filter_for(const SecretRef& secret)
{
    SecretFilter filter;
    if (secret.uri())
        filter.uri(*secret.uri());
    else
        filter.name(secret.name());
    return filter;
}

using List = asio::awaitable<std::vector<Secret>>;

asio::awaitable<Secret> get_one(List list, SecretRef secret)
{
    auto secrets = co_await std::move(list);
    co_return choose(std::move(secrets), secret);
}

/// Throws the reason why the content could not be read.
asio::awaitable<Secret> revealed(asio::awaitable<Secret> get)
{
    auto secret = co_await std::move(get);
    if (secret.content_error())
        throw *secret.content_error();
    co_return secret;
}

} // namespace

Model::Model(asio::any_io_executor executor)
    : connection_(std::make_shared<detail::Connection>(std::move(executor))), secrets_manager_(new SecretsManager(connection_))
{
}

Model::Model(Model&&) noexcept = default;

Model& Model::operator=(Model&& other) noexcept
{
    std::swap(connection_, other.connection_);
    std::swap(secrets_manager_, other.secrets_manager_);
    return *this;
}

Model::~Model()
{
    if (connection_)
        connection_->shutdown();
}

asio::any_io_executor Model::get_executor() const
{
    return connection_->executor();
}

asio::awaitable<void> Model::connect(ConnectOptions options)
{
    return detail::Connection::connect(connection_, std::move(options));
}

asio::awaitable<void> Model::disconnect()
{
    return detail::Connection::disconnect(connection_);
}

bool Model::is_connected() const noexcept
{
    return connection_->is_connected();
}

asio::awaitable<SecretUri> Model::add_secret(std::string name, SecretContent content, std::string info)
{
    SecretDraft draft(std::move(name), std::move(content));
    draft.info(std::move(info));
    std::vector<SecretDraft> drafts;
    drafts.push_back(std::move(draft));
    return only(secrets_manager_->create(std::move(drafts)));
}

asio::awaitable<std::vector<Secret>> Model::list_secrets(SecretFilter filter)
{
    return secrets_manager_->list(std::move(filter));
}

asio::awaitable<Secret> Model::get_secret(SecretRef secret)
{
    return get_one(secrets_manager_->list(filter_for(secret)), secret);
}

asio::awaitable<Secret> Model::reveal_secret(SecretRef secret)
{
    return revealed(get_one(secrets_manager_->list(filter_for(secret).show_secrets(true)), secret));
}

asio::awaitable<Secret> Model::reveal_secret(SecretRef secret, int revision)
{
    return revealed(reveal_revision(connection_, std::move(secret), revision));
}

/// By URI in one request. A name is resolved first: whether the user secret or a charm's is meant must not depend on which of them
/// has the revision.
asio::awaitable<Secret> Model::reveal_revision(std::shared_ptr<detail::Connection> connection, SecretRef secret, int revision)
{
    SecretsManager manager(std::move(connection));
    SecretFilter filter;
    filter.revision(revision).show_secrets(true);
    if (secret.uri()) {
        filter.uri(*secret.uri());
    } else {
        if (revision < 1)
            throw detail::local_error(errc::invalid_revision, "revision " + std::to_string(revision) + " not valid: revisions start at 1");
        const auto named = co_await get_one(manager.list(filter_for(secret)), secret);
        filter.uri(named.uri());
    }
    auto secrets = co_await manager.list(filter);
    if (secrets.empty())
        throw refused(errc::not_found, "revision " + std::to_string(revision) + " of secret \"" + secret.str() + "\" not found");
    co_return std::move(secrets.front());
}

asio::awaitable<void> Model::grant_secret(SecretRef secret, Applications applications)
{
    return all(secrets_manager_->grant(std::move(secret), std::move(applications)));
}

asio::awaitable<void> Model::revoke_secret(SecretRef secret, Applications applications)
{
    return all(secrets_manager_->revoke(std::move(secret), std::move(applications)));
}

asio::awaitable<void> Model::update_secret(SecretRef secret, SecretUpdate update)
{
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back(std::move(secret), std::move(update));
    return only(secrets_manager_->update(std::move(updates)));
}

asio::awaitable<void> Model::remove_secret(SecretRef secret)
{
    std::vector<SecretRemoval> removals;
    removals.push_back(SecretRemoval::all(std::move(secret)));
    return only(secrets_manager_->remove(std::move(removals)));
}

asio::awaitable<void> Model::remove_secret(SecretRef secret, int revision)
{
    std::vector<SecretRemoval> removals;
    removals.emplace_back(std::move(secret), std::vector<int>(1, revision));
    return only(secrets_manager_->remove(std::move(removals)));
}

SecretsManager& Model::secrets_manager() noexcept
{
    return *secrets_manager_;
}

} // namespace juju
