#include "operations/model_backend.hpp"

#include "local_error.hpp"
#include "operations/exchange.hpp"
#include "secrets/backend_codec.hpp"
#include "wire/printable.hpp"

#include <utility>

namespace juju::operations {
namespace {

namespace asio = boost::asio;

const std::string facade = "ModelConfig";

/// The first version with methods of its own for the backend, that of Juju 4.0. Before, the backend is an attribute of the model's
/// configuration (secrets-facade 6.2).
constexpr int with_backend_methods = 4;

/// The version of Juju 3.
constexpr int least_version = 3;

int choose_version(const ConnectionPtr& connection)
{
    const auto version = connection->best_version(facade, with_backend_methods);
    if (!version || *version < least_version)
        throw detail::local_error(errc::not_supported,
                                  "the model's secret backend is not supported: it needs version 3 of facade ModelConfig, which the "
                                  "controller, Juju " +
                                      wire::printable(connection->server_version()) + ", does not offer");
    return *version;
}

} // namespace

asio::awaitable<std::string> get_secret_backend(ConnectionPtr connection)
{
    const auto deadline = co_await connection->ready();
    const int version = choose_version(connection);
    const bool has_method = version >= with_backend_methods;
    const std::string method = has_method ? "GetModelSecretBackend" : "ModelGet";
    const std::string request = facade + "." + method;
    auto exchanging = exchange(std::move(connection), facade, version, method, WipingString("{}"), deadline, detail::Repeat::after_loss);
    auto reply = co_await std::move(exchanging);
    const auto decode = has_method ? secrets::decode_model_backend : secrets::decode_model_config_backend;
    co_return decoded(request, [&] { return decode(reply, request); });
}

asio::awaitable<void> set_secret_backend(ConnectionPtr connection, std::string name)
{
    const auto deadline = co_await connection->ready();
    const int version = choose_version(connection);
    const bool has_method = version >= with_backend_methods;
    const std::string method = has_method ? "SetModelSecretBackend" : "ModelSet";
    const std::string request = facade + "." + method;
    auto params = has_method ? secrets::encode_model_backend(name) : secrets::encode_model_config_backend(name);
    auto exchanging = exchange(std::move(connection), facade, version, method, std::move(params), deadline, detail::Repeat::never);
    auto reply = co_await std::move(exchanging);
    decoded(request, [&] { secrets::decode_done(reply, request); });
}

} // namespace juju::operations
