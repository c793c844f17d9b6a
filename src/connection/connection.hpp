#pragma once

#include "connection/activity.hpp"
#include "connection/establish.hpp"
#include "connection/reconnector.hpp"
#include "connection/session.hpp"
#include "connection/strand_hop.hpp"
#include "login/plan.hpp"
#include "wire/login.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <juju/connect_options.hpp>
#include <juju/secret_uri.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace juju::detail {

/// Whether a request may be sent again when the connection was lost before its answer came.
enum class Repeat { never, after_loss };

/// What a Model and its SecretsManager share, or a Controller has: the session in use and what its login said.
///
/// `connect`, `disconnect`, `shutdown`, `is_connected`, `diagnostics` and `facades` may be called from any thread, the rest on the strand.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    Connection(boost::asio::any_io_executor executor, login::Target target);

    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
    const connection::Strand& strand() const noexcept { return strand_; }

    static boost::asio::awaitable<void> connect(std::shared_ptr<Connection> self, ConnectOptions options);
    static boost::asio::awaitable<void> disconnect(std::shared_ptr<Connection> self);

    /// Ends the session without a goodbye and without waiting.
    void shutdown();

    bool is_connected() const;

    /// See Model::diagnostics.
    std::string diagnostics() const;

    /// @throws Error errc::not_connected.
    std::map<std::string, std::vector<int>> facades() const;

    /// The newest version of a facade that the controller offers, up to `known`; empty when there is none.
    /// @throws Error errc::not_connected.
    std::optional<int> best_version(const std::string& facade, int known) const;

    /// "3.6.28", for messages.
    std::string server_version() const;

    /// Whether a URI names another model than this connection's, and the controller will say so. Juju 3 does not look at the model.
    bool refuses_model_of(const SecretUri& uri) const;

    /// The largest request to be sent without a trace, as of `ConnectOptions::max_request_size`.
    std::size_t max_request_size() const noexcept { return max_request_size_ - trace_size_; }

    /// A request to the facade that keeps user secrets, in the version that client and controller share.
    /// @param least the lowest version that has the method.
    /// @throws Error errc::not_connected, errc::not_supported.
    wire::Request secrets_request(std::string method, int least, WipingString params) const;

    /// The limit of a call that starts now, as of `ConnectOptions::call_timeout`. A lost connection is first made again, so that what the
    /// controller offers is known.
    /// @throws Error errc::not_connected, errc::timed_out, errc::canceled, and what connecting again failed with; nothing was sent.
    boost::asio::awaitable<Deadline> ready();

    /// Sends a request; throws as `Session::call`, and errc::not_connected, errc::message_too_large.
    boost::asio::awaitable<wire::Reply> call(wire::Request request, Deadline deadline, Repeat repeat);

private:
    enum class Which { first, again };

    static boost::asio::awaitable<void> leave(std::shared_ptr<Connection> self, std::chrono::nanoseconds limit);
    boost::asio::awaitable<void> attempt(boost::asio::awaitable<void> connecting, ConnectOptions options,
                                         std::shared_ptr<connection::Progress> progress, Which which, std::chrono::nanoseconds left);
    boost::asio::awaitable<void> establish(ConnectOptions options, std::shared_ptr<connection::Progress> progress);
    boost::asio::awaitable<void> establish_again(login::Plan plan, std::shared_ptr<connection::Progress> progress,
                                                 std::uint64_t disconnects);
    boost::asio::awaitable<void> reconnect();
    boost::asio::awaitable<void> reconnected(Deadline deadline);
    void adopt(connection::Established established, ConnectOptions options, const connection::Progress& progress,
               std::uint64_t disconnects);
    bool can_reconnect() const;
    void forget();
    void tell(ConnectionState state);
    boost::asio::awaitable<void> end_session();
    std::shared_ptr<connection::Session> exchange_session(std::shared_ptr<connection::Session> session);
    std::shared_ptr<connection::Session> session_or_throw() const;
    void check_size(const wire::Request& request) const;

    boost::asio::any_io_executor executor_;
    connection::Strand strand_;
    login::Target target_;
    mutable std::mutex
        mutex_; ///< Guards `session_`, `login_`, `plan_` and `diagnostics_` where they are written, or read outside of the strand.
    std::shared_ptr<connection::Session> session_;
    wire::LoginResult login_;
    std::string diagnostics_ = "{}"; ///< of the last attempt to connect
    const std::shared_ptr<connection::Activity> activity_ = std::make_shared<connection::Activity>();
    connection::KnownAddresses known_;
    std::optional<login::Plan> plan_; ///< of the last `connect`, where a lost connection is to be made again
    ConnectOptions options_;          ///< of the last `connect`, without its secrets
    std::shared_ptr<connection::Reconnector> reconnector_;
    connection::Strand user_strand_; ///< callbacks run on it
    std::chrono::nanoseconds call_timeout_{};
    std::size_t max_request_size_ = ConnectOptions().max_request_size();
    std::size_t trace_size_ = 0;    ///< what a trace may add to a request
    bool shut_down_ = false;        ///< On the strand only; then nobody is left who asks from elsewhere.
    std::uint64_t disconnects_ = 0; ///< Tells a `connect` that a `disconnect` came meanwhile.
};

} // namespace juju::detail
