#pragma once

#include <juju/connect_options.hpp>
#include <juju/secret_backend.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace juju {

namespace detail {
class Connection;
}

/// A Juju controller itself, without a model, and its secret backends.
///
/// Threads, deadlines, cancellation, errors and destruction are as with `Model`. Adding, changing and removing backends needs a
/// controller superuser.
class Controller {
public:
    explicit Controller(boost::asio::any_io_executor executor);
    Controller(Controller&&) noexcept;
    Controller& operator=(Controller&&) noexcept;
    ~Controller();

    boost::asio::any_io_executor get_executor() const;

    /// Connects to the `juju` command's current controller (`juju switch`, `JUJU_CONTROLLER`), with the login that it has stored.
    /// @throws Error as `Model::connect`.
    boost::asio::awaitable<void> connect();

    /// The same to another controller, by its name.
    boost::asio::awaitable<void> connect(std::string controller);

    /// Connects and logs in as the options say. `ConnectOptions::model_uuid` and `ConnectOptions::model` are not used.
    /// @throws Error as `Model::connect`.
    boost::asio::awaitable<void> connect(ConnectOptions options);

    /// As `Model::disconnect`.
    boost::asio::awaitable<void> disconnect();

    bool is_connected() const noexcept;

    /// As `Model::diagnostics`.
    std::string diagnostics() const;

    /// The secret backends, ordered by name. One that cannot be reached has status "error" and hides no other.
    /// @throws Error errc::permission_denied (to reveal needs a controller superuser), errc::invalid_name (a name in the filter is empty
    ///   or not valid UTF-8). Sends: SecretBackends.ListSecretBackends.
    boost::asio::awaitable<std::vector<SecretBackend>> list_secret_backends(SecretBackendFilter filter = SecretBackendFilter());

    /// Adds a backend, once the controller has reached it. The controller quotes the value of a setting that it does not understand;
    /// the error has "..." in its place, in `Error::server_message()` too.
    /// @throws Error errc::invalid_name (a name that is empty, not valid UTF-8, or reserved: "internal", "auto"), errc::invalid_argument
    ///   (an interval of 0 or less, or a text that is not valid UTF-8); errc::already_exists, errc::not_valid (a setting, an interval below
    ///   1 h), errc::not_found (an unknown type), errc::not_supported (a type that cannot renew tokens), and the backend's own error when
    ///   it cannot be reached, mostly errc::server_error. Sends: SecretBackends.AddSecretBackends.
    boost::asio::awaitable<void> add_secret_backend(SecretBackendDraft draft);

    /// Changes what `update` names and nothing else. Errors as with `add_secret_backend` hold no values of settings.
    /// @throws Error errc::invalid_name and errc::invalid_argument as `add_secret_backend` (an interval of 0 is fine here),
    ///   errc::nothing_to_update; errc::not_found, errc::already_exists (the new name is taken), errc::not_valid (a setting, an
    ///   interval; on Juju 3.6 also a new name for a backend that holds contents), errc::not_supported (a type that cannot renew tokens),
    ///   errc::blocked (a built-in backend), and the backend's own error. Sends: SecretBackends.UpdateSecretBackends.
    boost::asio::awaitable<void> update_secret_backend(std::string name, SecretBackendUpdate update);

    /// Removes a backend.
    /// @param force also when it holds contents, which are lost then.
    /// @throws Error errc::invalid_name (an empty name, or one that is not valid UTF-8); errc::not_supported (it holds contents, or is
    ///   built in), errc::not_found. Juju 3.6 reports success for a backend that does not exist. Sends:
    ///   SecretBackends.RemoveSecretBackends.
    boost::asio::awaitable<void> remove_secret_backend(std::string name, bool force = false);

    /// As `Model::call`, for the facades of a controller connection.
    boost::asio::awaitable<std::string> call(std::string facade, std::string request, std::string params_json = "{}");
    boost::asio::awaitable<std::string> call(std::string facade, int version, std::string request, std::string params_json = "{}");

    /// As `Model::facades`.
    std::map<std::string, std::vector<int>> facades() const;

private:
    std::shared_ptr<detail::Connection> connection_;
};

} // namespace juju
