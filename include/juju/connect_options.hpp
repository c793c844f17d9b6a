#pragma once

#include <juju/connection_state.hpp>
#include <juju/login_callback.hpp>
#include <juju/request_observer.hpp>
#include <juju/secret_value.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {

/// How to reach a controller and who logs in.
///
/// Without an `endpoint`, the files of the `juju` command are used: its current controller and model, or those that `model` or `controller`
/// name, and the login that it has stored. With an `endpoint`, no file is read. What is set here counts more than what the files say.
///
/// There is one login: a password, macaroons, a session token, client credentials, a device login or an agent's. Options of two of them
/// together are refused. Where macaroons are missing or have expired, `ask_password` or `visit_url` get new ones.
class ConnectOptions {
public:
    ConnectOptions() {}

    /// @name Where to
    /// @{

    /// Adds an address: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, each with an optional `wss://` before and a path prefix
    /// behind. The port defaults to 17070. Several are tried at the same time, each new one 50 ms after the one before; the first that
    /// opens is used.
    ConnectOptions& endpoint(std::string address)
    {
        endpoints_.push_back(std::move(address));
        return *this;
    }

    /// The model's UUID, lower-case hex in the 8-4-4-4-12 shape.
    ConnectOptions& model_uuid(std::string uuid)
    {
        model_uuid_ = std::move(uuid);
        return *this;
    }

    /// The model by name: `[CONTROLLER:][OWNER/]MODEL`, a UUID, or the first 6 or more characters of one, as for `juju --model`. It is
    /// looked up in the client store, and then on the controller. With an `endpoint` there is no CONTROLLER, and it is looked up on the
    /// controller only.
    ConnectOptions& model(std::string name)
    {
        model_ = std::move(name);
        return *this;
    }

    /// The controller by its name in the client store, as for `juju --controller`. With a `model` that names another one it is an error.
    ConnectOptions& controller(std::string name)
    {
        controller_ = std::move(name);
        return *this;
    }

    /// The directory of the client store. Default: `JUJU_DATA`, else `XDG_DATA_HOME` and `/juju`, else `~/.local/share/juju`.
    ConnectOptions& store_directory(std::string directory)
    {
        store_directory_ = std::move(directory);
        return *this;
    }

    /// After a login with the client store, writes back what the `juju` command would: the controller's addresses and version, the user's
    /// access, a renewed session token, renewed macaroons, and models that had to be looked up. Default: false, nothing is ever written.
    /// Where another user than the account's has logged in, only addresses and version are written. A failure to write is logged and fails
    /// nothing.
    ConnectOptions& update_store(bool on)
    {
        update_store_ = on;
        return *this;
    }

    /// Goes to the controller that a model was migrated to, with the same login; the password is sent there too. Default: false, then
    /// `connect` throws errc::redirected. A redirect of a JAAS controller, which names none, is always followed, without the password.
    ConnectOptions& follow_migration(bool on)
    {
        follow_migration_ = on;
        return *this;
    }

    /// @}
    /// @name Who
    /// @{

    /// A user's name, such as "admin" or "alice@example.com".
    ConnectOptions& username(std::string name)
    {
        username_ = std::move(name);
        return *this;
    }

    /// A local user's password.
    ConnectOptions& password(std::string_view password)
    {
        password_ = SecretValue(password);
        return *this;
    }

    /// Macaroons to log in with: a JSON array of arrays of macaroons, each with the primary macaroon first, as in the value of a cookie of
    /// the `juju` command. An array of macaroons is taken as the only one of its kind.
    ConnectOptions& macaroons(std::string_view json)
    {
        macaroons_ = SecretValue(json);
        return *this;
    }

    /// The session token of a JAAS controller (`access-token` in accounts.yaml).
    ConnectOptions& session_token(std::string_view token)
    {
        session_token_ = SecretValue(token);
        return *this;
    }

    /// A service account of a JAAS controller.
    ConnectOptions& client_credentials(std::string client_id, std::string_view client_secret)
    {
        client_id_ = std::move(client_id);
        client_secret_ = SecretValue(client_secret);
        return *this;
    }

    /// An agent: `unit-mysql-0`, `machine-0`, `application-mysql`, with its password and, for machines, the nonce they were provisioned
    /// with.
    ConnectOptions& agent(std::string tag, std::string_view password, std::string nonce = {})
    {
        agent_tag_ = std::move(tag);
        agent_password_ = SecretValue(password);
        agent_nonce_ = std::move(nonce);
        return *this;
    }

    /// Has a human visit a URL (first parameter) and enter a code (second) there, to log in to a JAAS controller when there is no session
    /// token, or it has expired.
    ConnectOptions& show_device_code(LoginCallback<void(std::string, std::string)> callback)
    {
        show_device_code_ = std::move(callback);
        return *this;
    }

    /// Asks for a local user's password, when there are no macaroons that log in, or they have expired. The parameter is the user's name.
    /// The password is sent to the controller's own discharger, once, and not kept; what it gets are macaroons for 24 h. It goes with a
    /// `username` alone, `macaroons`, and the client store; not with session tokens, client credentials and agents.
    ConnectOptions& ask_password(LoginCallback<SecretValue(std::string)> callback)
    {
        ask_password_ = std::move(callback);
        return *this;
    }

    /// Has a human visit a URL (the parameter, always `https`) to log in to an identity provider, when there are no macaroons that log in,
    /// or they have expired. `connect` goes on when the provider says who it was. It goes with the same options as `ask_password`, and a
    /// `username` is not needed.
    ConnectOptions& visit_url(LoginCallback<void(std::string)> callback)
    {
        visit_url_ = std::move(callback);
        return *this;
    }

    /// @}
    /// @name TLS and proxies
    /// @{

    /// The controller's CA certificate, PEM. With it only this CA is trusted, and those in `/etc/juju/certs.d/*.pem`, and the certificate
    /// must be for the name `juju-apiserver` (as the juju command does, Juju's `api/apiclient.go`). Without it, the system's CAs and
    /// the real host name count.
    ConnectOptions& ca_cert(std::string pem)
    {
        ca_cert_ = std::move(pem);
        return *this;
    }

    /// The host name that a publicly signed certificate of the controller is for. With a `ca_cert` it is tried, with the system's CAs, when
    /// the certificate is not accepted otherwise.
    ConnectOptions& public_dns_name(std::string name)
    {
        public_dns_name_ = std::move(name);
        return *this;
    }

    /// Accepts any certificate, so that anybody on the way can read and change all that is sent, the password included. For experiments
    /// only; a warning is logged. Default: false.
    ConnectOptions& insecure_skip_verification(bool on)
    {
        insecure_skip_verification_ = on;
        return *this;
    }

    /// The HTTP proxy to connect through: `http[s]://[USER:PASSWORD@]HOST[:PORT]`; empty for none. With `https` the proxy is itself reached
    /// by TLS, with a certificate for its own name that the system's CAs know. The port defaults to 80, and with `https` to 443. Default:
    /// the environment's `https_proxy`, else `http_proxy`, unless `no_proxy` excludes the host; each in lower case, or else in upper case.
    /// Loopback addresses are reached without the environment's proxy.
    ConnectOptions& proxy(std::string_view url)
    {
        proxy_ = SecretValue(url);
        return *this;
    }

    /// @}
    /// @name After a loss
    /// @{

    /// Whether a call that finds the connection lost makes it again, as `connect` did and with the same login; all calls that come
    /// meanwhile share the one attempt, and each waits for it no longer than its own limit. The addresses of the last login come first, and
    /// after a failed attempt the next one starts up to 5 s later. A request that only reads is sent again, once, when the connection was
    /// lost before its answer came; what changes anything never is. Default: true. Without it, such calls fail with
    /// errc::not_connected until `connect` is called.
    ConnectOptions& reconnect(bool on)
    {
        reconnect_ = on;
        return *this;
    }

    /// Is told what becomes of the connection, in order, on the executor of the Model or Controller. What it throws is logged, and ends
    /// nothing.
    ConnectOptions& on_state_change(std::function<void(ConnectionState)> callback)
    {
        on_state_change_ = std::move(callback);
        return *this;
    }

    /// @}
    /// @name Observation
    /// @{

    /// Is told of every request, its size, time and outcome, for metrics and traces; see RequestObserver. It lives at least as long as the
    /// connection and what is under way there. Default: nobody is told.
    ConnectOptions& request_observer(std::shared_ptr<RequestObserver> observer)
    {
        request_observer_ = std::move(observer);
        return *this;
    }

    /// @}
    /// @name Limits
    /// @{

    /// Limit for finding, reaching and logging in to the controller together; what a human is asked for counts. Default: 30 s. Here and
    /// below, more than 100 years count as 100 years.
    ConnectOptions& connect_timeout(std::chrono::milliseconds limit)
    {
        connect_timeout_ = std::min(limit, longest_);
        return *this;
    }

    /// Limit for each request. Default: 60 s. `juju::with_timeout` sets a shorter one for a single call.
    ConnectOptions& call_timeout(std::chrono::milliseconds limit)
    {
        call_timeout_ = std::min(limit, longest_);
        return *this;
    }

    /// How long the connection may be idle before it is checked with `Pinger.Ping`. An answer that does not come within
    /// 30 s, or this interval if longer, ends the connection. Default: 30 s.
    ConnectOptions& ping_interval(std::chrono::milliseconds interval)
    {
        ping_interval_ = std::min(interval, longest_);
        return *this;
    }

    /// The largest message accepted from the controller, in bytes. Default: 256 MiB. A larger one ends the connection with
    /// errc::message_too_large.
    ConnectOptions& max_message_size(std::size_t bytes)
    {
        max_message_size_ = bytes;
        return *this;
    }

    /// The largest request sent, in bytes. Default: 8 MiB; the smallest is 1 KiB. Controllers have no limit of their own, but what
    /// stands before them can, and a database keeps what is in one request in one transaction. The bulk calls of SecretsManager
    /// send several requests where one would be larger; a single item that does not fit is refused with errc::message_too_large.
    ConnectOptions& max_request_size(std::size_t bytes)
    {
        max_request_size_ = bytes;
        return *this;
    }

    /// @}

    const std::vector<std::string>& endpoints() const noexcept { return endpoints_; }
    const std::string& model_uuid() const noexcept { return model_uuid_; }
    const std::string& model() const noexcept { return model_; }
    const std::string& controller() const noexcept { return controller_; }
    const std::string& store_directory() const noexcept { return store_directory_; }
    bool update_store() const noexcept { return update_store_; }
    bool follow_migration() const noexcept { return follow_migration_; }
    const std::string& username() const noexcept { return username_; }
    const SecretValue& password() const noexcept { return password_; }
    const SecretValue& macaroons() const noexcept { return macaroons_; }
    const SecretValue& session_token() const noexcept { return session_token_; }
    const std::string& client_id() const noexcept { return client_id_; }
    const SecretValue& client_secret() const noexcept { return client_secret_; }
    const std::string& agent_tag() const noexcept { return agent_tag_; }
    const SecretValue& agent_password() const noexcept { return agent_password_; }
    const std::string& agent_nonce() const noexcept { return agent_nonce_; }
    const LoginCallback<void(std::string, std::string)>& show_device_code() const noexcept { return show_device_code_; }
    const LoginCallback<SecretValue(std::string)>& ask_password() const noexcept { return ask_password_; }
    const LoginCallback<void(std::string)>& visit_url() const noexcept { return visit_url_; }
    const std::string& ca_cert() const noexcept { return ca_cert_; }
    const std::string& public_dns_name() const noexcept { return public_dns_name_; }
    bool insecure_skip_verification() const noexcept { return insecure_skip_verification_; }
    const std::optional<SecretValue>& proxy() const noexcept { return proxy_; }
    bool reconnect() const noexcept { return reconnect_; }
    const std::function<void(ConnectionState)>& on_state_change() const noexcept { return on_state_change_; }
    const std::shared_ptr<RequestObserver>& request_observer() const noexcept { return request_observer_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    std::chrono::milliseconds call_timeout() const noexcept { return call_timeout_; }
    std::chrono::milliseconds ping_interval() const noexcept { return ping_interval_; }
    std::size_t max_message_size() const noexcept { return max_message_size_; }
    std::size_t max_request_size() const noexcept { return max_request_size_; }

private:
    /// Keeps sums of times inside of what a clock can hold.
    static constexpr std::chrono::milliseconds longest_ = std::chrono::hours(24) * 36'525;

    std::vector<std::string> endpoints_;
    std::string model_uuid_;
    std::string model_;
    std::string controller_;
    std::string store_directory_;
    std::string username_;
    SecretValue password_;
    SecretValue macaroons_;
    SecretValue session_token_;
    std::string client_id_;
    SecretValue client_secret_;
    std::string agent_tag_;
    SecretValue agent_password_;
    std::string agent_nonce_;
    LoginCallback<void(std::string, std::string)> show_device_code_;
    LoginCallback<SecretValue(std::string)> ask_password_;
    LoginCallback<void(std::string)> visit_url_;
    std::string ca_cert_;
    std::string public_dns_name_;
    std::optional<SecretValue> proxy_;
    bool update_store_ = false;
    bool follow_migration_ = false;
    bool insecure_skip_verification_ = false;
    bool reconnect_ = true;
    std::function<void(ConnectionState)> on_state_change_;
    std::shared_ptr<RequestObserver> request_observer_;
    std::chrono::milliseconds connect_timeout_{30'000};
    std::chrono::milliseconds call_timeout_{60'000};
    std::chrono::milliseconds ping_interval_{30'000};
    std::size_t max_message_size_ = std::size_t{256} * 1024 * 1024;
    std::size_t max_request_size_ = std::size_t{8} * 1024 * 1024;
};

} // namespace juju
