#pragma once

#include "operations/run.hpp"

#include <juju/rotation.hpp>
#include <juju/secret.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_update.hpp>
#include <juju/secret_uri.hpp>
#include <juju/secrets_manager.hpp>

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <string>

namespace juju::operations {

/// `Model::rotate_secret`. To be run on the caller's executor, as the check is.
boost::asio::awaitable<RotateResult> rotate(ConnectionPtr connection, SecretRef secret, SecretContent content, RotateCheck check,
                                            RotateOptions options);

/// The steps of a rotation around its check: `prepare`, `write`, then one of `accept` and `put_back`. On any executor.
///
/// Every write is followed by a look at the secret. So a write whose answer did not come is known where it was carried out, and another
/// client's newer content is never overwritten by the old one.
class Rotation {
public:
    Rotation(ConnectionPtr connection, SecretRef secret, SecretContent content, RotateOptions options);

    /// Reads the old content; writes nothing. The only step that may be cancelled (see shield.hpp).
    /// @throws Error as `Model::rotate_secret`.
    boost::asio::awaitable<void> prepare();

    /// Writes the new content.
    /// @return whether it is to be checked; else the rotation has ended, and `result` says how.
    /// @throws Error as `Model::rotate_secret`; nothing was changed.
    boost::asio::awaitable<bool> write();

    /// What the check is given: the secret's metadata, with the new revision.
    const Secret& rotated() const noexcept { return seen_; }

    /// Ends a rotation whose check passed.
    boost::asio::awaitable<void> accept();

    /// Ends a rotation whose check failed.
    /// @param check_error what the check threw, or null.
    boost::asio::awaitable<void> put_back(std::exception_ptr check_error);

    const RotateResult& result() const noexcept { return result_; }

private:
    boost::asio::awaitable<std::optional<Error>> update(SecretUpdate update);
    boost::asio::awaitable<std::optional<Error>> look();
    bool sees(const std::string& checksum, int after) const;
    Error overtaken() const;
    void end(RotateState state, std::optional<Error> error);

    SecretsManager manager_;
    SecretRef secret_; ///< As given, then the one found, by its URI.
    SecretContent new_content_;
    SecretContent old_content_;
    std::string new_checksum_;
    std::string old_checksum_;
    RotateOptions options_;
    bool same_content_ = false;
    Secret seen_; ///< What `look` saw last.
    RotateResult result_;
};

} // namespace juju::operations
