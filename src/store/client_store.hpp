#pragma once

#include "store/environment.hpp"

#include <juju/secret_value.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// The files that the juju command keeps for its user (client-store 1): who and where the controllers are, and how to log in.
///
/// In all of it, a file that is missing or empty is an empty one. Any other file that cannot be used is an Error that names it:
/// errc::invalid_store, with line and column and nothing of the text but what the documented messages have of it; errc::unreadable_file;
/// errc::store_locked when the lock that the juju command takes is not free.
namespace juju::store {

/// How to reach the controller in a Kubernetes cluster; `type` is always "kubernetes-port-forward" (client-store 6.1).
struct ProxyConfig {
    std::string type;
    std::map<std::string, SecretValue> config;
};

/// An entry of controllers.yaml (client-store 1.3).
struct Controller {
    std::string name;
    std::string uuid; ///< Empty when the file has none.
    std::vector<std::string> endpoints;
    std::map<std::string, std::vector<std::string>> dns_cache; ///< IPs that host names stood for.
    std::string public_hostname;
    std::string ca_cert; ///< PEM; empty for the system's roots.
    bool oidc_login = false;
    std::optional<ProxyConfig> proxy;
    std::string agent_version;
};

/// An entry of accounts.yaml (client-store 1.4).
struct Account {
    std::string user; ///< Without "@local"; empty only beside an access token.
    SecretValue password;
    SecretValue access_token;
    std::string last_known_access;
};

/// An entry of models.yaml (client-store 1.5), or of a controller's list.
struct Model {
    std::string name; ///< "OWNER/MODEL", the owner without "@local".
    std::string uuid;
    std::string type = "iaas";
};

/// What changes of a controller; what is not set stays.
struct ControllerChange {
    std::optional<std::vector<std::string>> endpoints;
    std::optional<std::string> agent_version;
    std::optional<std::string> public_hostname;
    std::optional<std::map<std::string, std::vector<std::string>>> dns_cache;
};

/// What changes of an account; what is not set, or set to nothing, stays.
struct AccountChange {
    std::optional<std::string> last_known_access;
    std::optional<SecretValue> access_token;
};

/// The files of one directory, read and written anew by each call, under the juju command's lock, for which no call waits.
class ClientStore {
public:
    /// `environment` says where the lock is (`TMPDIR`).
    explicit ClientStore(std::string directory, Environment environment = Environment::of_process());

    const std::string& directory() const noexcept { return directory_; }

    /// Sorted.
    std::vector<std::string> controller_names() const;

    /// What `juju switch` chose, whether or not it exists.
    std::optional<std::string> current_controller() const;

    /// @throws Error errc::controller_not_found; errc::invalid_argument for an empty name (so do all below).
    Controller controller(const std::string& name) const;

    /// @throws Error errc::not_logged_in when the controller has no account.
    Account account(const std::string& controller) const;

    /// Those that are known here, in the order of the file; the controller may have others.
    std::vector<Model> models(const std::string& controller) const;

    /// What `juju switch` chose, "OWNER/MODEL".
    std::optional<std::string> current_model(const std::string& controller) const;

    std::string cookie_jar_path(const std::string& controller) const;

    /// @name Changes
    /// The file is replaced whole, and only if something is different. What is not known of it stays; comments are lost, as with the juju
    /// command. A change that fails has changed nothing; errc::unreadable_file when the directory or the lock cannot be written.
    /// @{

    /// @throws Error errc::controller_not_found; errc::invalid_store when the entry has no UUID.
    void update_controller(const std::string& name, const ControllerChange& change);

    /// @throws Error errc::not_logged_in when the controller has no account.
    void update_account(const std::string& controller, const AccountChange& change);

    /// Makes these the models of the controller that are known here. The current model stays, even if it is none of them.
    /// @throws Error errc::invalid_name for a model without owner, or a name that no model can have; errc::invalid_argument for one without
    /// UUID or type.
    void replace_models(const std::string& controller, const std::vector<Model>& models);

    /// @throws Error errc::model_not_found when it is not known here.
    void remove_model(const std::string& controller, const std::string& name);

    /// @}

private:
    std::string path(const char* file) const;

    std::string directory_;
    Environment environment_;
};

} // namespace juju::store
