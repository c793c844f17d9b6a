#include <juju/blocking_controller.hpp>

#include "blocking/blocking_client.hpp"

#include <juju/controller.hpp>

#include <utility>

namespace juju {

BlockingController::BlockingController() : client_(std::make_unique<detail::BlockingClient<Controller>>()) {}

BlockingController::BlockingController(BlockingController&&) noexcept = default;

BlockingController& BlockingController::operator=(BlockingController&& other) noexcept
{
    std::swap(client_, other.client_);
    return *this;
}

BlockingController::~BlockingController() = default;

void BlockingController::connect()
{
    connect(ConnectOptions());
}

void BlockingController::connect(std::string controller)
{
    connect(ConnectOptions().controller(std::move(controller)));
}

void BlockingController::connect(ConnectOptions options)
{
    client_->run((*client_)->connect(std::move(options)));
}

void BlockingController::disconnect()
{
    client_->run((*client_)->disconnect());
}

bool BlockingController::is_connected() const noexcept
{
    return (*client_)->is_connected();
}

std::string BlockingController::diagnostics() const
{
    return (*client_)->diagnostics();
}

std::vector<SecretBackend> BlockingController::list_secret_backends(SecretBackendFilter filter)
{
    return client_->run((*client_)->list_secret_backends(std::move(filter)));
}

void BlockingController::add_secret_backend(SecretBackendDraft draft)
{
    client_->run((*client_)->add_secret_backend(std::move(draft)));
}

void BlockingController::update_secret_backend(std::string name, SecretBackendUpdate update)
{
    client_->run((*client_)->update_secret_backend(std::move(name), std::move(update)));
}

void BlockingController::remove_secret_backend(std::string name, bool force)
{
    client_->run((*client_)->remove_secret_backend(std::move(name), force));
}

std::string BlockingController::call(std::string facade, std::string request, std::string params_json)
{
    return client_->run((*client_)->call(std::move(facade), std::move(request), std::move(params_json)));
}

std::string BlockingController::call(std::string facade, int version, std::string request, std::string params_json)
{
    return client_->run((*client_)->call(std::move(facade), version, std::move(request), std::move(params_json)));
}

std::map<std::string, std::vector<int>> BlockingController::facades() const
{
    return (*client_)->facades();
}

} // namespace juju
