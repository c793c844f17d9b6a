#pragma once

#include <juju/applications.hpp>
#include <juju/connect_options.hpp>
#include <juju/ensure.hpp>
#include <juju/rotation.hpp>
#include <juju/secret.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_update.hpp>
#include <juju/secret_watcher.hpp>
#include <juju/secrets_manager.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace juju {

/// A Juju model, reached through its controller, and the secrets in it.
///
/// Thread safety: any number of coroutines on any threads may use one Model at once (except moving or destroying it); their calls share
/// one connection and overlap. The executor may be that of an io_context, a thread pool or a strand.
///
/// Deadlines and cancellation: `connect` is bounded by `ConnectOptions::connect_timeout`, each other call by
/// `ConnectOptions::call_timeout`, a single call by `juju::with_timeout`. A call that times out or is cancelled disturbs neither the
/// connection nor other calls. Asio's terminal cancellation ends any call; total and partial, which promise that nothing has happened, end
/// what only waits or reads, and leave a request that was sent and may change something to its reply. A coroutine passes these two on only
/// after `asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation())`.
///
/// Errors: every call throws `juju::Error`. Beside the codes named at a call, each call but `connect` can throw errc::not_connected,
/// errc::not_supported (the controller has no user secrets, before Juju 3.3), errc::timed_out, errc::canceled, errc::connection_lost,
/// errc::message_too_large, errc::malformed_reply, errc::permission_denied, errc::upgrade_in_progress, errc::migration_in_progress and
/// errc::server_error. `Error::outcome()` says whether a request may have taken effect.
///
/// After a loss: the next call connects again (`ConnectOptions::reconnect`), and throws what `connect` would when that fails; nothing was
/// sent then. Calls that only read (list, get, reveal, compare, wait, watch, `get_secret_backend`) are sent again, once; what changes
/// anything, and `call`, never is.
///
/// Destruction ends the connection without waiting; pending calls fail with errc::connection_lost. `disconnect` says goodbye first.
class Model {
public:
    explicit Model(boost::asio::any_io_executor executor);
    Model(Model&&) noexcept;
    Model& operator=(Model&&) noexcept;
    ~Model();

    boost::asio::any_io_executor get_executor() const;

    /// Connects to the `juju` command's current controller and model (`juju switch`, `JUJU_MODEL`, `JUJU_CONTROLLER`), with the login that
    /// it has stored. On a Model that is connected already, it first disconnects.
    /// @throws Error as `connect(ConnectOptions)`.
    boost::asio::awaitable<void> connect();

    /// The same to another model: `[CONTROLLER:][OWNER/]MODEL`, a UUID, or the first 6 or more characters of one.
    boost::asio::awaitable<void> connect(std::string model);

    /// Connects and logs in as the options say. On a Model that is connected already, it first disconnects.
    /// @throws Error
    ///   Nothing was sent: errc::invalid_argument, errc::invalid_name (an option is missing or not usable), errc::invalid_store,
    ///   errc::unreadable_file, errc::store_locked, errc::no_controller, errc::no_model, errc::controller_not_found, errc::not_logged_in,
    ///   errc::ambiguous_model.
    ///   No connection: errc::connect_failed (with each address, how far it came, the time and the reason, in the text and in `items()`,
    ///   when there are several; the one address's own error otherwise), errc::certificate_rejected, errc::upgrade_refused,
    ///   errc::proxy_failed, errc::timed_out, errc::canceled, a network or TLS code.
    ///   No login: errc::login_failed, errc::login_expired, errc::login_mismatch, errc::discharge_required, errc::discharge_failed,
    ///   errc::not_supported, errc::permission_denied, errc::model_not_found, errc::redirected, errc::redirect_loop, errc::try_again,
    ///   errc::upgrade_in_progress, errc::migration_in_progress, errc::connection_lost, errc::message_too_large, errc::malformed_reply,
    ///   errc::server_error.
    boost::asio::awaitable<void> connect(ConnectOptions options);

    /// Says goodbye to the controller and ends the connection, in 10 s at most. Pending calls fail with errc::connection_lost. Never
    /// throws on account of the connection; does nothing when there is none.
    boost::asio::awaitable<void> disconnect();

    /// Whether there is a connection, as far as is known: one that a silent controller has left is lost only when a ping finds it out.
    bool is_connected() const noexcept;

    /// What a bug report should have, as JSON text: versions, how the last attempt to connect fared at each address, the connection and its
    /// certificate, what is under way, what was counted, the last errors (docs/reference/diagnostics.md). It has addresses and UUIDs, and
    /// no name of a user, model or secret, no value and no credentials. Any thread may call it at any time; it waits for nothing.
    std::string diagnostics() const;

    /// Adds a user secret.
    /// @param name unique in the model; empty for a secret without a name.
    /// @param content at least one key with its value.
    /// @param info the description; none when empty.
    /// @return the new secret's URI.
    /// @throws Error errc::already_exists, errc::empty_content, errc::invalid_name. Sends: Secrets.CreateSecrets.
    boost::asio::awaitable<SecretUri> add_secret(std::string name, SecretContent content, std::string info = {});

    /// Lists the secrets of the model, those of charms included, ordered by label, then URI. A filter that matches nothing gives an
    /// empty list. A content that could not be read is told by `Secret::content_error()` and hides no other.
    /// @throws Error errc::invalid_owner, errc::invalid_revision, errc::invalid_argument (a revision without URI or name).
    ///   Sends: Secrets.ListSecrets.
    boost::asio::awaitable<std::vector<Secret>> list_secrets(SecretFilter filter = SecretFilter());

    /// One secret's metadata. A name means the user secret of that name, or else the one charm secret with that label.
    /// @throws Error errc::not_found, errc::several_matches (several charm secrets have the label). Sends: Secrets.ListSecrets.
    boost::asio::awaitable<Secret> get_secret(SecretRef secret);

    /// One secret with the content of its latest revision; needs admin access to the model.
    /// @throws Error as `get_secret`, and the controller's error when it could not read the content.
    boost::asio::awaitable<Secret> reveal_secret(SecretRef secret);

    /// The same with the content of one revision; `revisions()` then has just this one.
    /// @throws Error also errc::invalid_revision for a revision below 1, errc::not_found when there is no such revision.
    boost::asio::awaitable<Secret> reveal_secret(SecretRef secret, int revision);

    /// Lets applications read a secret. Granting twice is no error.
    /// @throws Error errc::no_applications, errc::invalid_argument (no application can have such a name), errc::invalid_name (a name that
    ///   is not valid UTF-8), errc::not_found (the secret, or an application). With several applications, `items()` has each one's outcome:
    ///   those without an error were granted. Sends: Secrets.GrantSecret.
    boost::asio::awaitable<void> grant_secret(SecretRef secret, Applications applications);

    /// Takes a grant back. Revoking what was not granted is no error.
    /// @throws Error as `grant_secret`; for what does not exist Juju 3.6 reports success and 4.0 an error. Sends: Secrets.RevokeSecret.
    boost::asio::awaitable<void> revoke_secret(SecretRef secret, Applications applications);

    /// Changes what `update` names and nothing else.
    /// @throws Error errc::nothing_to_update, errc::empty_content, errc::invalid_name, errc::not_found, errc::already_exists (the new name
    ///   is taken). Sends: Secrets.UpdateSecrets.
    boost::asio::awaitable<void> update_secret(SecretRef secret, SecretUpdate update);

    /// Removes a secret with all its revisions, its name and its grants. Juju 4.0 answers before that is carried out (about 10 s at most).
    /// @throws Error errc::not_found. Sends: Secrets.RemoveSecrets.
    boost::asio::awaitable<void> remove_secret(SecretRef secret);

    /// Removes one revision; with the last one the secret goes.
    /// @throws Error errc::invalid_revision for a revision below 1 (it never means "all"), errc::not_found. Sends: Secrets.RemoveSecrets.
    boost::asio::awaitable<void> remove_secret(SecretRef secret, int revision);

    /// Makes the user secret `name` what it should be, in as few requests as needed, without ever reading its content: it is created
    /// when there is none, and its content is sent only when the controller's checksum of the latest one differs (or when the
    /// controller gives none, before Juju 3.6). Missing grants are added, and revoked where `EnsureOptions::exact_grants` says so.
    /// After an error, calling it again goes on where it ended.
    /// @throws Error before anything is sent: errc::invalid_name (no name, or a text that is not valid UTF-8), errc::empty_content,
    ///   errc::invalid_argument (no application can have such a name); errc::not_found (an application). When it had changed something
    ///   before it failed, `what()` says so and `outcome()` is not Outcome::not_sent. Sends: Secrets.ListSecrets, then CreateSecrets,
    ///   UpdateSecrets, GrantSecret, RevokeSecret as needed.
    boost::asio::awaitable<EnsureResult> ensure_secret(std::string name, SecretContent content, EnsureOptions options = EnsureOptions());

    /// Whether the latest content equals `content`, by the controller's checksum; nothing is revealed. Empty when that is not known:
    /// the controller gives no checksum (before Juju 3.6), or the latest revision was removed (on 3.6 its checksum stays).
    /// @throws Error as `get_secret`. Sends: Secrets.ListSecrets.
    boost::asio::awaitable<std::optional<bool>> secret_matches(SecretRef secret, SecretContent content);

    /// Replaces a secret's content so that nobody is left with one that does not work: writes `content` as a new revision, runs `check`,
    /// and then lets the controller prune older revisions; when the check fails, the old content is put back as a newer revision.
    ///
    /// It reads the old content before (which needs admin access), since it may be gone once the new one is written. Content that is the
    /// latest already is checked and pruned like new one; when that check fails there is nothing to put back. A cancellation counts as a
    /// failed check; putting back cannot be cancelled.
    /// @throws Error only when nothing was changed: as `reveal_secret` and `update_secret`; errc::canceled before the write;
    ///   errc::not_supported where the controller keeps the checksum of a removed revision with this very content. All else is in the
    ///   result. Sends: Secrets.ListSecrets, UpdateSecrets.
    boost::asio::awaitable<RotateResult> rotate_secret(SecretRef secret, SecretContent content, RotateCheck check,
                                                       RotateOptions options = RotateOptions());

    /// Looks for changes of secrets, from any client and any charm; see SecretWatcher.
    SecretWatcher watch_secrets(WatchOptions options = WatchOptions());

    /// Waits until a secret is gone: Juju 4.0 removes it some time after it has answered `remove_secret`. Returns at once when there is no
    /// such secret. A name is resolved once, so that a new secret of the same name does not prolong the wait.
    /// @throws Error errc::timed_out after `limit`. Sends: Secrets.ListSecrets.
    boost::asio::awaitable<void> wait_until_removed(SecretRef secret, std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// Waits until a secret has no revision but its latest: pruning follows some time after the update that orders it, and a revision that
    /// a unit tracks stays until the unit moves on.
    /// @throws Error errc::timed_out after `limit`, naming the revisions that are left; errc::not_found.
    ///   Sends: Secrets.ListSecrets.
    boost::asio::awaitable<void> wait_until_pruned(SecretRef secret, std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// The name of the secret backend that the model's new contents go to; "auto" for Juju's own choice. The same on Juju 3.6 and 4.0.
    /// @throws Error errc::malformed_reply. Sends: ModelConfig.GetModelSecretBackend (4.0), ModelConfig.ModelGet (3.6).
    boost::asio::awaitable<std::string> get_secret_backend();

    /// Chooses that backend; the controller then moves existing contents there, in its own time.
    /// @throws Error errc::not_found (no such backend), errc::not_valid, errc::invalid_name (empty, not UTF-8, or "internal": use "auto"),
    ///   errc::server_error (Juju 3.6 cannot reach the backend).
    ///   Sends: ModelConfig.SetModelSecretBackend (4.0), ModelConfig.ModelSet (3.6).
    boost::asio::awaitable<void> set_secret_backend(std::string name);

    /// Calls any method of any facade, such as `call("Application", "Get", R"({"application":"mysql"})")`, in the newest version that
    /// the controller offers. Errors of single items inside a response are the caller's to find.
    /// @param params_json a JSON object.
    /// @return the text of the reply's `response`, as it came. What may be secret in it, or in `params_json`, is not wiped.
    /// @throws Error errc::invalid_argument (a name is not usable, or the parameters are no JSON object), errc::not_supported (the
    ///   controller does not offer the facade), errc::message_too_large, errc::malformed_reply (no JSON object as response), and the
    ///   controller's refusal. Sends: what it is told to.
    boost::asio::awaitable<std::string> call(std::string facade, std::string request, std::string params_json = "{}");

    /// The same in a version of one's choice: what a method takes and gives can differ between versions.
    boost::asio::awaitable<std::string> call(std::string facade, int version, std::string request, std::string params_json = "{}");

    /// The facades that the controller listed at login, each with its versions.
    /// @throws Error errc::not_connected.
    std::map<std::string, std::vector<int>> facades() const;

    /// The calls on several secrets at once. Valid as long as this model lives and is not moved from.
    SecretsManager& secrets_manager() noexcept;

private:
    std::shared_ptr<detail::Connection> connection_;
    std::unique_ptr<SecretsManager> secrets_manager_;
};

} // namespace juju
