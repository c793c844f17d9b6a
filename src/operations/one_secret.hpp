#pragma once

#include <juju/outcomes.hpp>
#include <juju/secret.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_uri.hpp>
#include <juju/secrets_manager.hpp>

#include <boost/asio/awaitable.hpp>

#include <utility>
#include <vector>

/// Calls on one secret, made from the calls on several.
namespace juju::operations {

SecretFilter filter_for(const SecretRef& secret);

/// The one secret that is meant: a user secret before a charm's with the same label.
/// @throws Error errc::not_found, errc::several_matches.
Secret choose(std::vector<Secret> secrets, const SecretRef& secret);

boost::asio::awaitable<Secret> get_one(boost::asio::awaitable<std::vector<Secret>> list, SecretRef secret);

/// @throws Error the reason why the content could not be read.
boost::asio::awaitable<Secret> revealed(boost::asio::awaitable<Secret> get);

/// One revision, by URI in one request. A name is resolved first: whether the user secret or a charm's is meant must not depend on which
/// of them has the revision.
boost::asio::awaitable<Secret> reveal_revision(std::shared_ptr<detail::Connection> connection, SecretRef secret, int revision);

/// The value of a call on one item, or its error.
template <class T>
boost::asio::awaitable<T> only(boost::asio::awaitable<Outcomes<T>> call)
{
    const auto outcomes = co_await std::move(call);
    co_return outcomes.at(0).value();
}

/// Throws one error for a call on several applications, which names the failed ones and has every one's outcome.
boost::asio::awaitable<void> all(boost::asio::awaitable<Outcomes<void>> call);

} // namespace juju::operations
