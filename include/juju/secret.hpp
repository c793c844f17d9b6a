#pragma once

#include <juju/error.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_uri.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace juju {

/// A point in time as controllers give it: 3.6 to the second, 4.0 to the nanosecond.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

namespace detail {
struct SecretData;
}

/// One revision of a secret.
class SecretRevision {
public:
    SecretRevision() = default;

    int number() const noexcept { return number_; }

    /// The backend that holds the content, such as "internal"; "unknown" when the backend is gone, empty when not told.
    const std::string& backend() const noexcept { return backend_; }

    Timestamp create_time() const noexcept { return create_time_; }
    Timestamp update_time() const noexcept { return update_time_; }
    const std::optional<Timestamp>& expire_time() const noexcept { return expire_time_; }

private:
    friend struct detail::SecretData;
    int number_ = 0;
    std::string backend_;
    Timestamp create_time_;
    Timestamp update_time_;
    std::optional<Timestamp> expire_time_;
};

/// One grant: who may read a secret, and in which scope.
class SecretAccess {
public:
    SecretAccess() = default;

    /// The tag of the grantee, such as "application-ubuntu". Juju 4.0 can report "application-" for an
    /// application that has been removed.
    const std::string& target() const noexcept { return target_; }

    /// The tag of the scope: the model for a user secret's grant, a relation for a charm's.
    const std::string& scope() const noexcept { return scope_; }

    /// "view" for every grant that controllers list.
    const std::string& role() const noexcept { return role_; }

    /// The application's name; empty when the grantee is not an application.
    std::string application() const;

private:
    friend struct detail::SecretData;
    std::string target_;
    std::string scope_;
    std::string role_;
};

/// What a controller tells about a secret, and its content when it was revealed.
class Secret {
public:
    Secret() = default;

    const SecretUri& uri() const noexcept { return uri_; }

    /// The name of a user secret; empty for a charm's secret and for an unnamed one.
    const std::string& name() const noexcept { return name_; }

    /// The label: a user secret's name, or the label that a charm gave its own secret.
    const std::string& label() const noexcept { return label_; }

    /// The description.
    const std::string& info() const noexcept { return info_; }

    /// The owner's tag: "model-UUID" for a user secret, "application-NAME" or "unit-NAME-NUMBER" for a charm's.
    const std::string& owner() const noexcept { return owner_; }

    /// True for a secret that a user added to the model, false for a charm's.
    bool is_user_secret() const noexcept;

    int latest_revision() const noexcept { return latest_revision_; }

    /// The controller's checksum of the latest content; empty when it gives none (before Juju 3.6).
    /// Compare with `SecretContent::checksum()`. Sensitive: short values can be guessed from it.
    const std::string& checksum() const noexcept { return checksum_; }

    /// "never" for a user secret, on every controller.
    const std::string& rotate_policy() const noexcept { return rotate_policy_; }
    const std::optional<Timestamp>& next_rotate_time() const noexcept { return next_rotate_time_; }
    const std::optional<Timestamp>& latest_expire_time() const noexcept { return latest_expire_time_; }

    Timestamp create_time() const noexcept { return create_time_; }
    Timestamp update_time() const noexcept { return update_time_; }

    /// In ascending order; only the one asked for when a revision was named. The latest can be missing: Juju 3.6 keeps
    /// its number after it was removed.
    const std::vector<SecretRevision>& revisions() const noexcept { return revisions_; }

    /// Who the secret is granted to.
    const std::vector<SecretAccess>& access() const noexcept { return access_; }

    /// Whether the content was asked for and came.
    bool has_content() const noexcept { return content_.has_value(); }

    /// The revealed content.
    /// @throws Error the controller's own error when it could not read the content; errc::invalid_argument when
    ///   the secret was listed without revealing.
    const SecretContent& content() const;

    /// Why the content could not be read, when it was asked for.
    const std::optional<Error>& content_error() const noexcept { return content_error_; }

private:
    friend struct detail::SecretData;
    SecretUri uri_;
    std::string name_;
    std::string label_;
    std::string info_;
    std::string owner_;
    int latest_revision_ = 0;
    std::string checksum_;
    std::string rotate_policy_;
    std::optional<Timestamp> next_rotate_time_;
    std::optional<Timestamp> latest_expire_time_;
    Timestamp create_time_;
    Timestamp update_time_;
    std::vector<SecretRevision> revisions_;
    std::vector<SecretAccess> access_;
    std::optional<SecretContent> content_;
    std::optional<Error> content_error_;
};

} // namespace juju
