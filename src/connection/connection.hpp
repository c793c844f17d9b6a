#pragma once

#include "connection/session.hpp"
#include "connection/strand_hop.hpp"
#include "wire/login.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <juju/connect_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace juju::detail {

/// What a Model and its SecretsManager share: the session in use and what its login said.
///
/// `connect`, `disconnect`, `shutdown` and `is_connected` may be called from any thread, the rest on the strand.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    explicit Connection(boost::asio::any_io_executor executor);

    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
    const connection::Strand& strand() const noexcept { return strand_; }

    static boost::asio::awaitable<void> connect(std::shared_ptr<Connection> self, ConnectOptions options);
    static boost::asio::awaitable<void> disconnect(std::shared_ptr<Connection> self);

    /// Ends the session without a goodbye and without waiting.
    void shutdown();

    bool is_connected() const;

    /// A request to the facade that keeps user secrets, in the version that client and controller share.
    /// @param least the lowest version that has the method.
    /// @throws Error errc::not_connected, errc::not_supported.
    wire::Request secrets_request(std::string method, int least, WipingString params) const;

    /// Sends a request within `ConnectOptions::call_timeout`; throws as `Session::call`, and errc::not_connected.
    boost::asio::awaitable<wire::Reply> call(wire::Request request);

private:
    boost::asio::awaitable<void> establish(ConnectOptions options, std::shared_ptr<std::string> phase);
    boost::asio::awaitable<void> end_session();
    std::shared_ptr<connection::Session> exchange_session(std::shared_ptr<connection::Session> session);
    std::shared_ptr<connection::Session> session_or_throw() const;

    boost::asio::any_io_executor executor_;
    connection::Strand strand_;
    mutable std::mutex mutex_; ///< Guards the pointer `session_`, which `is_connected` reads from any thread.
    std::shared_ptr<connection::Session> session_;
    wire::LoginResult login_;
    std::chrono::nanoseconds call_timeout_{};
    std::uint64_t disconnects_ = 0; ///< Tells a `connect` that a `disconnect` came meanwhile.
};

} // namespace juju::detail
