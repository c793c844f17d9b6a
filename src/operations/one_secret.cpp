#include "operations/one_secret.hpp"

#include "local_error.hpp"
#include "reworded.hpp"

#include <algorithm>
#include <string>

namespace juju::operations {
namespace {

namespace asio = boost::asio;

/// One error for a call on several applications, which names the failed ones and has every one's outcome.
Error some_failed(const Outcomes<void>& outcomes)
{
    const auto first = std::ranges::find_if(outcomes, [](const auto& item) { return !item.ok(); });
    const Error& cause = *first->error();
    auto details =
        detail::reworded(cause, std::to_string(outcomes.failed()) + " of " + std::to_string(outcomes.size()) + " applications failed");
    details.server_info.clear(); // that of one application says nothing of the others
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

Error refused(errc code, std::string message)
{
    detail::ErrorDetails details(std::move(message));
    details.request = "Secrets.ListSecrets";
    details.outcome = Outcome::rejected;
    return Error(make_error_code(code), std::move(details));
}

} // namespace

asio::awaitable<void> all(asio::awaitable<Outcomes<void>> call)
{
    const auto outcomes = co_await std::move(call);
    if (!outcomes.ok())
        throw some_failed(outcomes);
}

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

asio::awaitable<Secret> get_one(asio::awaitable<std::vector<Secret>> list, SecretRef secret)
{
    auto secrets = co_await std::move(list);
    co_return choose(std::move(secrets), secret);
}

asio::awaitable<Secret> revealed(asio::awaitable<Secret> get)
{
    auto secret = co_await std::move(get);
    if (secret.content_error())
        throw *secret.content_error();
    co_return secret;
}

asio::awaitable<Secret> reveal_revision(std::shared_ptr<detail::Connection> connection, SecretRef secret, int revision)
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

} // namespace juju::operations
