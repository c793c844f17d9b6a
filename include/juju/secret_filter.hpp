#pragma once

#include <juju/secret_uri.hpp>

#include <optional>
#include <string>
#include <utility>

namespace juju {

/// Which secrets to list. Every given term must match. The answer is the same on Juju 3.6 and 4.0, which treat some
/// combinations differently: what a controller does not filter, the client does.
class SecretFilter {
public:
    SecretFilter() {}

    SecretFilter& uri(SecretUri uri)
    {
        uri_ = std::move(uri);
        return *this;
    }

    /// The name of a user secret, or the label of a charm's: both are matched.
    SecretFilter& name(std::string name)
    {
        name_ = std::move(name);
        return *this;
    }

    /// The owner's tag: "application-NAME", "unit-NAME-NUMBER" or "model-UUID".
    SecretFilter& owner(std::string tag)
    {
        owner_ = std::move(tag);
        return *this;
    }

    /// Only secrets that have this revision, listed with it alone; with `show_secrets` its content is revealed instead
    /// of the latest. Needs a URI or a name.
    SecretFilter& revision(int revision)
    {
        revision_ = revision;
        return *this;
    }

    /// Reveal the contents; needs admin access to the model. Default: false.
    SecretFilter& show_secrets(bool show)
    {
        show_secrets_ = show;
        return *this;
    }

    const std::optional<SecretUri>& uri() const noexcept { return uri_; }
    const std::optional<std::string>& name() const noexcept { return name_; }
    const std::optional<std::string>& owner() const noexcept { return owner_; }
    const std::optional<int>& revision() const noexcept { return revision_; }
    bool show_secrets() const noexcept { return show_secrets_; }

private:
    std::optional<SecretUri> uri_;
    std::optional<std::string> name_;
    std::optional<std::string> owner_;
    std::optional<int> revision_;
    bool show_secrets_ = false;
};

} // namespace juju
