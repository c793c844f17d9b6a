#pragma once

#include <juju/secret.hpp>
#include <juju/secret_filter.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace juju {

namespace detail {
class Connection;
class WatchState;
} // namespace detail

/// What `Model::watch_secrets` looks at, and how often.
class WatchOptions {
public:
    WatchOptions() {}

    /// The time from the start of one list to the start of the next. Default: 10 s, at least 1 ms.
    WatchOptions& interval(std::chrono::milliseconds time)
    {
        interval_ = std::min(time, longest_);
        return *this;
    }

    /// Only the secrets that match. Contents are never revealed, whatever the filter says.
    WatchOptions& filter(SecretFilter filter)
    {
        filter_ = std::move(filter);
        return *this;
    }

    /// Whether the secrets that exist at the first list are reported, as added. Default: true, so that a program needs no list of
    /// its own before, and nothing falls between that and the watcher.
    WatchOptions& report_existing(bool on)
    {
        report_existing_ = on;
        return *this;
    }

    std::chrono::milliseconds interval() const noexcept { return interval_; }
    const SecretFilter& filter() const noexcept { return filter_; }
    bool report_existing() const noexcept { return report_existing_; }

private:
    /// A hundred years: what a steady clock can surely add to its time.
    static constexpr std::chrono::milliseconds longest_ = std::chrono::hours(24) * 36'525;

    std::chrono::milliseconds interval_{10'000};
    SecretFilter filter_;
    bool report_existing_ = true;
};

/// What changed. Times of creation and update count for nothing: Juju 4.0 moves them without a change.
enum class SecretChangeKind {
    added,    ///< The secret is new (or matches the filter now). Removed and added again under one name is two secrets: both kinds.
    removed,  ///< It is gone (or matches the filter no more).
    content,  ///< Its latest revision's number or the checksum of its content is another.
    metadata, ///< Its label, description, owner, rotation or expiry changed, or one of the revisions up to the latest one known
              ///< before: it is gone or back, lies in another backend or expires at another time. Newer revisions are `content` alone.
    access    ///< Who may read it changed: the set of grantees with their scopes and roles.
};

/// One change of one secret between two lists.
class SecretChange {
public:
    SecretChange(SecretChangeKind kind, Secret secret) : kind_(kind), secret_(std::move(secret)) {}

    SecretChangeKind kind() const noexcept { return kind_; }

    /// The secret as it is now; as it was last, when it was removed. Never with content.
    const Secret& secret() const noexcept { return secret_; }

private:
    SecretChangeKind kind_;
    Secret secret_;
};

/// Finds changes of secrets by listing their metadata and comparing; never reveals a content.
///
/// From `Model::watch_secrets`. What happens between two lists is seen as one change of each kind: a secret that was added and removed
/// in between is not seen.
///
/// One `next` at a time, from any thread; it and the model's own calls do not disturb each other. A watcher may outlive its Model (then
/// `next` fails with errc::not_connected at its next list), not the execution context that the Model runs on. After a move, only
/// destroy it or assign to it.
class SecretWatcher {
public:
    SecretWatcher(std::shared_ptr<detail::Connection> connection, WatchOptions options);
    SecretWatcher(SecretWatcher&&) noexcept;
    SecretWatcher& operator=(SecretWatcher&&) noexcept;
    ~SecretWatcher();

    /// Waits for the next list that differs and gives the changes, at least one, ordered by the secret's URI, then by kind.
    ///
    /// The first `next` lists at once; after that, a list starts no sooner than `WatchOptions::interval` after the one before, failed
    /// ones included, also from one `next` to another.
    ///
    /// When it throws, no change is lost: call `Model::connect` if the connection is gone, then `next` again. The same holds when it
    /// was cancelled or ran into `juju::with_timeout`. (Asio's own `||` of awaitables and groups of operations can drop the result of
    /// an operation that ends while another one has just won; on an executor with several threads that can hit a `next`, too.)
    /// @throws Error errc::canceled; as `Model::list_secrets` does; errc::invalid_argument for an interval below 1 ms, or when a
    ///   `next` of this watcher is going on. Sends: Secrets.ListSecrets.
    boost::asio::awaitable<std::vector<SecretChange>> next();

private:
    std::shared_ptr<detail::WatchState> state_;
};

} // namespace juju
