#pragma once

#include <juju/applications.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_uri.hpp>
#include <juju/secrets_manager.hpp>

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <string>

namespace juju::operations {

/// The steps of `juju::with_secret` around its body. None may be cancelled (see shield.hpp). On any executor.
class SecretLifetime {
public:
    /// @param manager must live as long as this.
    SecretLifetime(SecretsManager& manager, std::string name, SecretContent content, Applications applications);

    /// Adds the secret and grants it.
    /// @throws Error the reason why there is no secret; SecretLeftBehind when there may be one.
    boost::asio::awaitable<void> acquire();

    /// To be asked after `acquire`.
    const SecretUri& uri() const noexcept { return uri_; }

    /// Revokes and removes the secret.
    /// @param body_error what the body threw, or null.
    /// @throws SecretLeftBehind
    boost::asio::awaitable<void> release(std::exception_ptr body_error);

private:
    boost::asio::awaitable<void> create();
    boost::asio::awaitable<void> grant();
    boost::asio::awaitable<void> revoke();
    boost::asio::awaitable<void> remove(std::exception_ptr body_error, std::string circumstance);
    boost::asio::awaitable<std::optional<Error>> try_to_remove();

    /// "secret "job-token" (secret:ID)", for messages.
    std::string described() const;

    SecretsManager& manager_;
    std::string name_;
    SecretContent content_;
    Applications applications_;
    SecretUri uri_;
};

} // namespace juju::operations
