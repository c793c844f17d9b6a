#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace juju {

/// What went wrong, for a program to branch on. The text for a human is `Error::what()`.
///
/// A name lookup, TCP or TLS failure without an entry here keeps the code of Asio or OpenSSL.
enum class errc {
    // Known before anything was sent; Error::outcome() is not_sent.
    invalid_argument = 1, ///< An argument is not usable; the text says which one and what to do.
    invalid_key,          ///< A content key breaks the rule `^([a-z](?:-?[a-z0-9]){2,})$`.
    invalid_key_value,    ///< A content argument is not of the form `key=value`.
    invalid_base64,       ///< A value said to be base64 is not standard, padded base64.
    invalid_secret_file,  ///< A secret file is not a JSON or YAML mapping of keys to scalars.
    unreadable_file,      ///< A file could not be opened or read.
    content_too_large,    ///< A value, a file or the whole content exceeds Juju's limit of 1,000,000 bytes.
    empty_content,        ///< A secret without a single key.
    invalid_uri,          ///< A text is not a secret URI.
    invalid_name,         ///< A name or description is not valid UTF-8, or a name is empty.
    invalid_owner,        ///< An owner filter is not a tag that can own secrets.
    invalid_revision,     ///< A revision below 1.
    no_applications,      ///< A grant or revoke without an application.
    nothing_to_update,    ///< An update that changes nothing.
    not_connected,        ///< `connect` has not succeeded yet, `disconnect` was called, or a lost connection is not made again.
    not_supported,        ///< The controller does not offer what the call needs.
    would_deadlock,       ///< A blocking call from the thread that would have to carry it out.
    invalid_store,        ///< A file of the juju client store is not of its documented shape; the text names file and line.
    store_locked,         ///< Another program holds the lock of the client store, or of a cookie jar, for too long.
    no_controller,        ///< No controller is registered, or none is selected.
    no_model,             ///< No model is selected.
    controller_not_found, ///< The client store has no controller of that name.
    ambiguous_model,      ///< Several models fit; the text lists them.
    not_logged_in,        ///< The client store has no account for the controller; run `juju login`.

    // The connection.
    canceled = 40,        ///< The call was cancelled by its caller.
    timed_out,            ///< A deadline passed; the text names the option that sets it.
    connection_lost,      ///< The connection ended before the answer came.
    connect_failed,       ///< No endpoint could be reached; `Error::items()` has each endpoint's own error.
    certificate_rejected, ///< The controller's certificate is not signed by the given CA, or is for another name.
    upgrade_refused,      ///< The endpoint answered the WebSocket upgrade with an HTTP error.
    proxy_failed,         ///< A proxy cannot be used, or refused to connect to the controller.
    message_too_large,    ///< A message exceeds `ConnectOptions::max_message_size` or `max_request_size`; the text says which.
    malformed_reply,      ///< The controller's answer is no JSON, or not of the documented shape.

    // Logging in.
    login_failed = 60,  ///< Wrong user name or password, or macaroons that were renewed and do not log in either.
    login_mismatch,     ///< The login reply names another model, controller or user than asked for.
    discharge_required, ///< The controller wants a macaroon discharge, and nobody can be asked for it; the text says which option to set.
    discharge_failed,   ///< A third party that a macaroon names could not be asked to discharge it, or refused; the text says why.
    login_expired,      ///< A macaroon or session token is not valid any more and could not be renewed; run `juju login`.
    redirected,         ///< The model lives on another controller; `Error::server_info()` says where.
    redirect_loop,      ///< The controller that a redirect leads to redirects again.
    model_not_found,    ///< The controller has no such model, or does not show it to this user.

    // Refused by the controller; Error::server_code() and server_message() have its own words.
    not_found = 80,        ///< No such secret or revision (all spellings of Juju 3.6 and 4.0).
    already_exists,        ///< A user secret of that name exists already.
    permission_denied,     ///< The user may not do this.
    not_valid,             ///< The controller rejected an argument.
    not_implemented,       ///< The controller does not know the facade, version or method.
    try_again,             ///< The controller asks to repeat the call later; nothing was done.
    upgrade_in_progress,   ///< The controller is being upgraded; wait, then connect again.
    migration_in_progress, ///< The model is being migrated; wait, then connect again.
    blocked,               ///< The operation is blocked by `juju disable-command`, or forbidden.
    several_matches,       ///< A name stands for several charm secrets; use the URI.
    batch_aborted,         ///< Juju 3.6.28 dropped all items of a request, because one of them was not usable.
    left_behind,           ///< `with_secret` could not remove its secret; see SecretLeftBehind.
    server_error           ///< Any other refusal.
};

/// The category of `errc` values; its name is "juju".
const boost::system::error_category& error_category() noexcept;

boost::system::error_code make_error_code(errc code) noexcept;

/// Whether a failed call may have changed something on the controller.
enum class Outcome {
    not_sent, ///< The request did not leave this process: nothing happened.
    rejected, ///< The controller answered with a refusal. In a call on several items only the failed ones were refused.
    unknown   ///< The request was sent and no usable answer came: it may or may not have taken effect.
};

class ErrorItem;

namespace detail {
struct ErrorDetails;
}

/// The one exception type of the library.
///
/// No text of an Error ever holds a secret value, a password or a message body. Server texts are
/// untrusted: control characters in them are escaped in `what()`.
/// Copying never throws.
class Error : public boost::system::system_error {
public:
    Error(boost::system::error_code code, detail::ErrorDetails details);

    /// Moving copies: an error that was moved from can still be asked.
    Error(const Error&) = default;
    Error& operator=(const Error&) = default;
    ~Error() override = default;

    /// Says what happened and, where there is something to do, what to do.
    const char* what() const noexcept override;

    /// The controller's own code, such as "not found"; empty when it gave none or was not asked.
    const std::string& server_code() const noexcept;

    /// The controller's own text, as it came; empty when it was not the controller that refused.
    const std::string& server_message() const noexcept;

    /// The controller's `error-info` as JSON text; empty when it gave none.
    const std::string& server_info() const noexcept;

    /// The request that failed, such as "Secrets.CreateSecrets"; empty when none was to be sent.
    const std::string& request() const noexcept;

    Outcome outcome() const noexcept;

    /// False when the connection is gone: the next call makes a lost one again, where `ConnectOptions::reconnect` lets it; else call
    /// `connect`.
    bool connection_usable() const noexcept;

    /// One entry for each item of a call on several items (applications, secrets, endpoints), in the
    /// order of the request, the successful ones included. Empty for a call on a single thing.
    const std::vector<ErrorItem>& items() const noexcept;

private:
    std::shared_ptr<const detail::ErrorDetails> details_;
};

/// How one item of a call on several items fared.
class ErrorItem {
public:
    explicit ErrorItem(std::string subject);
    ErrorItem(std::string subject, Error error);

    /// What the item is about: an application name, a secret's name or URI, an endpoint.
    const std::string& subject() const noexcept { return subject_; }

    bool ok() const noexcept { return !error_; }

    /// The item's own error; empty when it succeeded.
    const std::optional<Error>& error() const noexcept { return error_; }

private:
    std::string subject_;
    std::optional<Error> error_;
};

namespace detail {

struct ErrorDetails {
    ErrorDetails() {}
    explicit ErrorDetails(std::string text) : message(std::move(text)) {}

    std::string message;
    std::string server_code;
    std::string server_message;
    std::string server_info;
    std::string request;
    Outcome outcome = Outcome::not_sent;
    bool connection_usable = true;
    std::vector<ErrorItem> items;
};

} // namespace detail
} // namespace juju

namespace boost::system {

template <>
struct is_error_code_enum<juju::errc> : std::true_type {};

} // namespace boost::system
