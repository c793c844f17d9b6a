#pragma once

#include <juju/secret.hpp>
#include <juju/secret_filter.hpp>

#include <boost/asio/awaitable.hpp>

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

    /// The time between two lists. Default: 10 s, at least 1 ms.
    WatchOptions& interval(std::chrono::milliseconds time)
    {
        interval_ = time;
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
    std::chrono::milliseconds interval_{10'000};
    SecretFilter filter_;
    bool report_existing_ = true;
};

enum class SecretChangeKind {
    added,    ///< The secret is new (or matches the filter now).
    removed,  ///< It is gone (or matches the filter no more).
    content,  ///< Its latest revision or the checksum of its content is another.
    metadata, ///< Its label, description, owner, rotation, expiry, or the set or place of its revisions changed.
    access    ///< Who may read it changed.
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
/// From `Model::watch_secrets`. One `next` at a time; it may go on using the model's connection from any thread. What happens
/// between two lists is seen as one change of each kind: a secret that was added and removed in between is not seen.
class SecretWatcher {
public:
    SecretWatcher(std::shared_ptr<detail::Connection> connection, WatchOptions options);
    SecretWatcher(SecretWatcher&&) noexcept;
    SecretWatcher& operator=(SecretWatcher&&) noexcept;
    ~SecretWatcher();

    /// Waits for the next list that differs and gives the changes, at least one, ordered by the secret's URI, then by kind.
    ///
    /// When it throws, no change is lost: call `Model::connect` if the connection is gone, then `next` again. The same holds when it
    /// was cancelled or ran into `juju::with_timeout`.
    /// @throws Error errc::canceled; as `Model::list_secrets` does; errc::invalid_argument for an interval below 1 ms, or when a
    ///   `next` of this watcher is going on. Sends: Secrets.ListSecrets.
    boost::asio::awaitable<std::vector<SecretChange>> next();

private:
    std::shared_ptr<detail::WatchState> state_;
};

} // namespace juju
