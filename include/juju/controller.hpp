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

    /// Connects and logs in. `ConnectOptions::model_uuid` is not used.
    /// @throws Error as `Model::connect`.
    boost::asio::awaitable<void> connect(ConnectOptions options);

    /// As `Model::disconnect`.
    boost::asio::awaitable<void> disconnect();

    bool is_connected() const noexcept;

    /// The secret backends, ordered by name. One that cannot be reached has status "error" and hides no other.
    /// @throws Error errc::permission_denied. Sends: SecretBackends.ListSecretBackends.
    boost::asio::awaitable<std::vector<SecretBackend>> list_secret_backends(SecretBackendFilter filter = SecretBackendFilter());

    /// Adds a backend.
    /// @throws Error errc::already_exists, errc::not_valid, errc::not_found (an unknown type), errc::not_supported,
    ///   errc::invalid_name (an empty name). Sends: SecretBackends.AddSecretBackends.
    boost::asio::awaitable<void> add_secret_backend(SecretBackendDraft draft);

    /// Changes what `update` names and nothing else.
    /// @throws Error errc::not_found, errc::not_valid, errc::already_exists (the new name is taken), errc::blocked (a built-in
    ///   one), errc::nothing_to_update, errc::invalid_name. Sends: SecretBackends.UpdateSecretBackends.
    boost::asio::awaitable<void> update_secret_backend(std::string name, SecretBackendUpdate update);

    /// Removes a backend.
    /// @param force also when it holds contents, which are lost then.
    /// @throws Error errc::not_supported (it holds contents), errc::not_found, errc::invalid_name. Juju 3.6 reports success for a
    ///   backend that does not exist. Sends: SecretBackends.RemoveSecretBackends.
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
