#include <juju/controller.hpp>

#include "connection/connection.hpp"
#include "operations/backends.hpp"
#include "operations/call.hpp"

#include <optional>
#include <utility>

namespace juju {

namespace asio = boost::asio;
using operations::run;

Controller::Controller(asio::any_io_executor executor)
    : connection_(std::make_shared<detail::Connection>(std::move(executor), login::Target::controller))
{
}

Controller::Controller(Controller&&) noexcept = default;

Controller& Controller::operator=(Controller&& other) noexcept
{
    std::swap(connection_, other.connection_);
    return *this;
}

Controller::~Controller()
{
    if (connection_)
        connection_->shutdown();
}

asio::any_io_executor Controller::get_executor() const
{
    return connection_->executor();
}

asio::awaitable<void> Controller::connect()
{
    return connect(ConnectOptions());
}

asio::awaitable<void> Controller::connect(std::string controller)
{
    return connect(ConnectOptions().controller(std::move(controller)));
}

asio::awaitable<void> Controller::connect(ConnectOptions options)
{
    return detail::Connection::connect(connection_, std::move(options));
}

asio::awaitable<void> Controller::disconnect()
{
    return detail::Connection::disconnect(connection_);
}

bool Controller::is_connected() const noexcept
{
    return connection_->is_connected();
}

std::string Controller::diagnostics() const
{
    return connection_->diagnostics();
}

asio::awaitable<std::vector<SecretBackend>> Controller::list_secret_backends(SecretBackendFilter filter)
{
    return run(connection_, operations::list_secret_backends(connection_, std::move(filter)));
}

asio::awaitable<void> Controller::add_secret_backend(SecretBackendDraft draft)
{
    return run(connection_, operations::add_secret_backend(connection_, std::move(draft)));
}

asio::awaitable<void> Controller::update_secret_backend(std::string name, SecretBackendUpdate update)
{
    return run(connection_, operations::update_secret_backend(connection_, std::move(name), std::move(update)));
}

asio::awaitable<void> Controller::remove_secret_backend(std::string name, bool force)
{
    return run(connection_, operations::remove_secret_backend(connection_, std::move(name), force));
}

asio::awaitable<std::string> Controller::call(std::string facade, std::string request, std::string params_json)
{
    return run(connection_, operations::call(connection_, std::move(facade), std::nullopt, std::move(request), std::move(params_json)));
}

asio::awaitable<std::string> Controller::call(std::string facade, int version, std::string request, std::string params_json)
{
    return run(connection_, operations::call(connection_, std::move(facade), version, std::move(request), std::move(params_json)));
}

std::map<std::string, std::vector<int>> Controller::facades() const
{
    return connection_->facades();
}

} // namespace juju
