#pragma once

#include <juju/applications.hpp>
#include <juju/secret_uri.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace juju {

/// What `Model::ensure_secret` shall see to beside the content. What is not set here is left as it is.
class EnsureOptions {
public:
    EnsureOptions() {}

    /// The description; an empty one takes it away.
    EnsureOptions& info(std::string description)
    {
        info_ = std::move(description);
        return *this;
    }

    /// Applications that must be able to read the secret, added to those named before.
    EnsureOptions& grant(Applications applications)
    {
        grants_.insert(grants_.end(), applications.names().begin(), applications.names().end());
        return *this;
    }

    /// Also revoke from every application that `grant` does not name. Default: false.
    EnsureOptions& exact_grants(bool on)
    {
        exact_grants_ = on;
        return *this;
    }

    /// As `SecretUpdate::auto_prune`. No controller shows this flag, so it is sent each time when set here.
    EnsureOptions& auto_prune(bool on)
    {
        auto_prune_ = on;
        return *this;
    }

    const std::optional<std::string>& info() const noexcept { return info_; }
    const std::vector<std::string>& grants() const noexcept { return grants_; }
    bool exact_grants() const noexcept { return exact_grants_; }
    const std::optional<bool>& auto_prune() const noexcept { return auto_prune_; }

private:
    std::optional<std::string> info_;
    std::vector<std::string> grants_;
    bool exact_grants_ = false;
    std::optional<bool> auto_prune_;
};

/// What `Model::ensure_secret` did to the content and the description.
enum class EnsureAction {
    created,  ///< There was no user secret of that name.
    updated,  ///< The content or the description was sent, because it differed or could not be compared.
    unchanged ///< Both were right already.
};

/// What `Model::ensure_secret` did.
class EnsureResult {
public:
    EnsureResult() = default;
    EnsureResult(EnsureAction action, SecretUri uri, std::vector<std::string> granted, std::vector<std::string> revoked)
        : action_(action), uri_(std::move(uri)), granted_(std::move(granted)), revoked_(std::move(revoked))
    {
    }

    EnsureAction action() const noexcept { return action_; }
    const SecretUri& uri() const noexcept { return uri_; }

    /// The applications that were granted access now, in the order asked for.
    const std::vector<std::string>& granted() const noexcept { return granted_; }

    /// The applications whose access was revoked now, in the order of their names.
    const std::vector<std::string>& revoked() const noexcept { return revoked_; }

private:
    EnsureAction action_ = EnsureAction::unchanged;
    SecretUri uri_;
    std::vector<std::string> granted_;
    std::vector<std::string> revoked_;
};

} // namespace juju
