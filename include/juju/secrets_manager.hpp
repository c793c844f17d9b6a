#pragma once

#include <juju/applications.hpp>
#include <juju/outcomes.hpp>
#include <juju/secret.hpp>
#include <juju/secret_draft.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_removal.hpp>
#include <juju/secret_update.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace juju {

namespace detail {
class Connection;
}

/// The secrets calls in their own form: several items in one request, an outcome for each.
///
/// Reached by `Model::secrets_manager()`; lives as long as its model. What is said of threads, deadlines and cancellation
/// there holds here too. On the wire it speaks facade `Secrets`, version 2 (Juju 3.3 and later).
///
/// Every call throws `Error` when the request as a whole fails: an unusable item (then nothing is sent; the text and
/// `Error::items()` say which), errc::not_connected, errc::not_supported when the controller has no user secrets, a refusal
/// of the whole request, a lost connection, a deadline. What the controller says of a single item is in its outcome.
class SecretsManager {
public:
    /// Creates secrets. Sends: Secrets.CreateSecrets.
    boost::asio::awaitable<Outcomes<SecretUri>> create(std::vector<SecretDraft> drafts);

    /// Changes secrets. Sends: Secrets.UpdateSecrets.
    boost::asio::awaitable<Outcomes<void>> update(std::vector<std::pair<SecretRef, SecretUpdate>> updates);

    /// Removes secrets or revisions. Sends: Secrets.RemoveSecrets. Juju 4.0 answers before the removal is carried out.
    boost::asio::awaitable<Outcomes<void>> remove(std::vector<SecretRemoval> removals);

    /// Lets applications read a secret. Sends: Secrets.GrantSecret.
    boost::asio::awaitable<Outcomes<void>> grant(SecretRef secret, Applications applications);

    /// Takes that back. Sends: Secrets.RevokeSecret.
    boost::asio::awaitable<Outcomes<void>> revoke(SecretRef secret, Applications applications);

    /// Lists secrets. Sends: Secrets.ListSecrets.
    boost::asio::awaitable<std::vector<Secret>> list(SecretFilter filter = SecretFilter());

    /// For the library itself; programs get theirs from `Model::secrets_manager()`.
    explicit SecretsManager(std::shared_ptr<detail::Connection> connection);
    SecretsManager(const SecretsManager&) = delete;
    SecretsManager& operator=(const SecretsManager&) = delete;

private:
    std::shared_ptr<detail::Connection> connection_;
};

} // namespace juju
