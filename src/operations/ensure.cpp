#include "operations/ensure.hpp"

#include "local_error.hpp"
#include "operations/one_secret.hpp"
#include "reworded.hpp"
#include "secrets/secrets_codec.hpp"

#include <juju/secrets_manager.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace juju::operations {
namespace {

namespace asio = boost::asio;

/// The user secret of a name, if there is one. A charm's secret with that label is another thing.
asio::awaitable<std::optional<Secret>> find_user_secret(SecretsManager& manager, std::string name)
{
    SecretFilter filter;
    filter.name(std::move(name));
    auto secrets = co_await manager.list(filter);
    const auto user = std::ranges::find_if(secrets, &Secret::is_user_secret);
    std::optional<Secret> found;
    if (user != secrets.end())
        found = std::move(*user);
    co_return found;
}

/// Adds to an error what the call had done before: it is not true any more that nothing happened.
Error after(const std::string& done, const Error& error)
{
    auto details = detail::reworded(error, done + ", but then: " + error.what());
    if (details.outcome == Outcome::not_sent)
        details.outcome = Outcome::unknown;
    return Error(error.code(), std::move(details));
}

/// One run of `ensure`, which can say what it has done so far.
class Ensure {
public:
    Ensure(ConnectionPtr connection, SecretDraft draft, EnsureOptions options)
        : manager_(std::move(connection)), draft_(std::move(draft)), options_(std::move(options))
    {
    }

    asio::awaitable<EnsureResult> run()
    {
        std::optional<Error> failure;
        try {
            co_await converge();
        } catch (const Error& error) {
            failure = error;
        } catch (const boost::system::system_error& error) { // Asio's own, of a coroutine that was cancelled between two requests
            failure = detail::local_error(errc::canceled, "cancelled: " + error.code().message());
        }
        if (failure && !done_.empty())
            throw after(done_, *failure);
        if (failure)
            throw *failure;
        co_return EnsureResult(action_, uri_, granted_, revoked_);
    }

private:
    asio::awaitable<void> converge()
    {
        auto secret = co_await find_user_secret(manager_, draft_.name());
        bool created = false;
        if (!secret)
            created = co_await create();
        if (!secret && !created) // somebody else made it meanwhile
            secret = co_await find_user_secret(manager_, draft_.name());
        if (!secret && !created)
            throw detail::local_error(errc::try_again,
                                      "secret \"" + draft_.name() + "\" appears and disappears while it is ensured; try again");
        SecretUpdate update;
        if (secret) {
            uri_ = secret->uri();
            const auto same = matches(*secret, draft_.content());
            if (!same && secret->checksum() == draft_.content().checksum())
                throw detail::local_error(errc::not_supported,
                                          "secret \"" + draft_.name() +
                                              "\": its latest revision was removed, and the controller, which keeps that " +
                                              "one's checksum, takes equal content for no change; update it with other content first");
            if (same != true)
                update.data(draft_.content());
            if (options_.info() && *options_.info() != secret->info())
                update.info(*options_.info());
        }
        co_await change(std::move(update));
        std::vector<SecretAccess> access;
        if (secret)
            access = secret->access();
        co_await grant(std::move(access));
    }

    /// False when a user secret of the name exists by now.
    asio::awaitable<bool> create()
    {
        std::vector<SecretDraft> drafts;
        drafts.push_back(draft_);
        const auto outcomes = co_await manager_.create(std::move(drafts));
        const auto& outcome = outcomes.at(0);
        if (!outcome.ok() && outcome.error()->code() == errc::already_exists)
            co_return false;
        action_ = EnsureAction::created;
        uri_ = outcome.value();
        done_ = "secret \"" + draft_.name() + "\" was created as " + outcome.value().str();
        co_return true;
    }

    asio::awaitable<void> change(SecretUpdate update)
    {
        const bool differs = update.content() || update.info();
        if (options_.auto_prune())
            update.auto_prune(*options_.auto_prune());
        if (!differs && !options_.auto_prune())
            co_return;
        std::vector<std::pair<SecretRef, SecretUpdate>> updates;
        updates.emplace_back(SecretRef(uri_), std::move(update));
        co_await only(manager_.update(std::move(updates)));
        if (!differs)
            co_return;
        action_ = EnsureAction::updated;
        done_ = "secret \"" + draft_.name() + "\" (" + uri_.str() + ") was updated";
    }

    asio::awaitable<void> grant(std::vector<SecretAccess> access)
    {
        std::set<std::string> present;
        for (const auto& entry : access) {
            if (!entry.application().empty())
                present.insert(entry.application());
        }
        std::vector<std::string> missing;
        for (const auto& name : options_.grants()) {
            if (!present.contains(name) && std::ranges::find(missing, name) == missing.end())
                missing.push_back(name);
        }
        std::vector<std::string> superfluous;
        for (const auto& name : present) {
            if (options_.exact_grants() && std::ranges::find(options_.grants(), name) == options_.grants().end())
                superfluous.push_back(name);
        }
        const SecretRef secret(uri_);
        if (!missing.empty()) {
            Applications applications(missing);
            co_await all(manager_.grant(secret, std::move(applications)));
            note("access was granted");
            granted_ = std::move(missing);
        }
        if (!superfluous.empty()) {
            Applications applications(superfluous);
            co_await all(manager_.revoke(secret, std::move(applications)));
            revoked_ = std::move(superfluous);
        }
    }

    void note(const std::string& what)
    {
        if (done_.empty())
            done_ = "secret \"" + draft_.name() + "\" (" + uri_.str() + "): " + what;
        else
            done_ += " and " + what;
    }

    SecretsManager manager_;
    SecretDraft draft_;
    EnsureOptions options_;
    EnsureAction action_ = EnsureAction::unchanged;
    SecretUri uri_;
    std::vector<std::string> granted_;
    std::vector<std::string> revoked_;
    std::string done_;
};

} // namespace

std::optional<bool> matches(const Secret& secret, const SecretContent& content)
{
    const auto is_latest = [&](const SecretRevision& revision) { return revision.number() == secret.latest_revision(); };
    if (secret.checksum().empty() || std::ranges::none_of(secret.revisions(), is_latest))
        return std::nullopt;
    return secret.checksum() == content.checksum();
}

asio::awaitable<std::optional<bool>> secret_matches(ConnectionPtr connection, SecretRef secret, SecretContent content)
{
    SecretsManager manager(std::move(connection));
    const auto found = co_await get_one(manager.list(filter_for(secret)), secret);
    co_return matches(found, content);
}

asio::awaitable<EnsureResult> ensure(ConnectionPtr connection, std::string name, SecretContent content, EnsureOptions options)
{
    if (name.empty())
        throw detail::local_error(errc::invalid_name, "a secret without a name cannot be found again: give a name");
    SecretDraft draft(std::move(name), std::move(content));
    draft.info(options.info().value_or(""));
    secrets::check_draft(draft);
    std::ranges::for_each(options.grants(), secrets::check_application);
    Ensure ensure(std::move(connection), std::move(draft), std::move(options));
    co_return co_await ensure.run();
}

} // namespace juju::operations
