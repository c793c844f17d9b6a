#include "operations/with_secret.hpp"

#include "local_error.hpp"
#include "operations/one_secret.hpp"
#include "operations/shield.hpp"
#include "reworded.hpp"
#include "secrets/in_quotes.hpp"
#include "secrets/secrets_codec.hpp"

#include <juju/model.hpp>
#include <juju/with_secret.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace juju::operations {
namespace {

namespace asio = boost::asio;

SecretLeftBehind left_behind(std::string message, const Error& cause, std::string name, SecretUri uri, std::exception_ptr body_error)
{
    return SecretLeftBehind(detail::reworded(cause, std::move(message)), std::move(name), std::move(uri), std::move(body_error));
}

std::string text_of(const std::exception_ptr& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    }
}

} // namespace

SecretLifetime::SecretLifetime(SecretsManager& manager, std::string name, SecretContent content, Applications applications)
    : manager_(manager), name_(std::move(name)), content_(std::move(content)), applications_(std::move(applications))
{
}

asio::awaitable<void> SecretLifetime::acquire()
{
    std::exception_ptr failure;
    std::ranges::for_each(applications_.names(), secrets::check_application);
    co_await create();
    try {
        co_await grant();
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure)
        co_return;
    co_await remove(nullptr, "after its grant had failed (" + text_of(failure) + "), ");
    std::rethrow_exception(failure);
}

asio::awaitable<void> SecretLifetime::release(std::exception_ptr body_error)
{
    co_await revoke();
    co_await remove(std::move(body_error), "");
}

/// After a lost answer nothing is looked for by name: a secret of that name and content may be another client's, and where there is
/// none it may be made yet.
asio::awaitable<void> SecretLifetime::create()
{
    std::vector<SecretDraft> drafts;
    drafts.emplace_back(name_, std::move(content_));
    try {
        uri_ = co_await only(manager_.create(std::move(drafts)));
    } catch (const Error& error) {
        if (error.outcome() != Outcome::unknown)
            throw;
        throw left_behind(described() + " may have been left behind, since it is not known whether it was made: " + error.what(), error,
                          name_, SecretUri(), nullptr);
    }
}

asio::awaitable<void> SecretLifetime::grant()
{
    if (!applications_.names().empty())
        co_await all(manager_.grant(uri_, applications_));
}

/// Takes effect at once, while a removal takes a while on Juju 4.0. When it fails nothing is lost: the removal takes the grants along.
asio::awaitable<void> SecretLifetime::revoke()
{
    try {
        if (!applications_.names().empty())
            co_await all(manager_.revoke(uri_, applications_));
    } catch (const std::exception&) {
        co_return;
    }
}

asio::awaitable<void> SecretLifetime::remove(std::exception_ptr body_error, std::string circumstance)
{
    auto failure = co_await try_to_remove();
    // To remove it twice by its URI does no harm, and says whether the first request, whose answer did not come, was carried out. A lost
    // connection is made again for it, where that is wanted.
    if (failure && failure->outcome() == Outcome::unknown) {
        const auto second = co_await try_to_remove();
        if (!second || second->outcome() == Outcome::rejected)
            failure = second;
    }
    if (!failure)
        co_return;
    const std::string extent = failure->outcome() == Outcome::unknown ? " may have been left behind: " : " was left behind: ";
    throw left_behind(described() + extent + circumstance + failure->what(), *failure, name_, uri_, std::move(body_error));
}

asio::awaitable<std::optional<Error>> SecretLifetime::try_to_remove()
{
    std::optional<Error> failure;
    std::vector<SecretRemoval> removals;
    removals.push_back(SecretRemoval::all(uri_));
    try {
        co_await only(manager_.remove(std::move(removals)));
    } catch (const Error& error) {
        if (error.code() != errc::not_found)
            failure = error;
    }
    co_return failure;
}

std::string SecretLifetime::described() const
{
    const std::string name = name_.empty() ? "a secret without a name" : "secret " + detail::in_quotes(name_);
    return uri_.empty() ? name : name + " (" + uri_.str() + ")";
}

} // namespace juju::operations

namespace juju::detail {
namespace {

namespace asio = boost::asio;

/// So that a body that throws before it returns its coroutine throws in a coroutine, too.
asio::awaitable<void> run_body(SecretBody& body, const SecretUri& uri)
{
    co_await body(uri);
}

} // namespace

asio::awaitable<void> with_secret(Model& model, std::string name, SecretContent content, Applications applications, SecretBody body)
{
    operations::SecretLifetime lifetime(model.secrets_manager(), std::move(name), std::move(content), std::move(applications));
    bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        std::exception_ptr body_error;
        co_await operations::shielded(lifetime.acquire());
        const bool cancelled = co_await operations::is_cancelled(throws);
        if (!cancelled)
            body_error = co_await operations::unshielded(run_body(body, lifetime.uri()), throws);
        co_await operations::shielded(lifetime.release(body_error));
        if (cancelled)
            throw local_error(errc::canceled, "with_secret: cancelled before the body ran; the secret was removed again");
        failure = body_error;
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace juju::detail
