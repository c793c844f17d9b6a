#pragma once

#include <juju/secret_uri.hpp>

#include <utility>
#include <vector>

namespace juju {

/// What to remove: some revisions of a secret, or all of it, said explicitly.
class SecretRemoval {
public:
    /// The whole secret, its name and its grants.
    static SecretRemoval all(SecretRef secret) { return SecretRemoval(std::move(secret)); }

    /// Some revisions. An empty list is refused when the call is made: it never means "all".
    SecretRemoval(SecretRef secret, std::vector<int> revisions) : secret_(std::move(secret)), revisions_(std::move(revisions)), all_(false)
    {
    }

    const SecretRef& secret() const noexcept { return secret_; }
    bool is_all() const noexcept { return all_; }
    const std::vector<int>& revisions() const noexcept { return revisions_; }

private:
    explicit SecretRemoval(SecretRef secret) : secret_(std::move(secret)), all_(true) {}

    SecretRef secret_;
    std::vector<int> revisions_;
    bool all_;
};

} // namespace juju
