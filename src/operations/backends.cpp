#include "operations/backends.hpp"

#include "local_error.hpp"
#include "operations/exchange.hpp"
#include "reworded.hpp"
#include "secrets/backend_codec.hpp"
#include "secrets/secrets_codec.hpp"
#include "wire/printable.hpp"
#include "wire/server_errors.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace juju::operations {
namespace {

namespace asio = boost::asio;

const std::string facade = "SecretBackends";

/// There is no other version (secrets-facade 6.1).
constexpr int version = 1;

/// Facade `SecretBackends` is there on controller connections only.
asio::awaitable<wire::Reply> call(ConnectionPtr connection, std::string method, WipingString params,
                                  detail::Repeat repeat = detail::Repeat::never)
{
    const auto deadline = co_await connection->ready();
    if (!connection->best_version(facade, version))
        throw detail::local_error(errc::not_supported, "secret backends not supported: the controller, Juju " +
                                                           wire::printable(connection->server_version()) + ", does not offer " + facade +
                                                           "." + method + ", version 1");
    auto exchanging = exchange(std::move(connection), facade, version, std::move(method), std::move(params), deadline, repeat);
    co_return co_await std::move(exchanging);
}

/// A request on one backend, whose item may be refused.
asio::awaitable<void> call_on_one(ConnectionPtr connection, std::string method, std::string name, WipingString params)
{
    const std::string request = facade + "." + method;
    const std::vector<std::string> subjects(1, name);
    auto reply = co_await call(std::move(connection), std::move(method), std::move(params));
    const auto outcomes = decoded(request, [&] { return secrets::decode_results(reply, request, subjects); });
    outcomes.at(0).value();
}

Error with_code(const Error& error, errc code, const std::string& explanation)
{
    return Error(make_error_code(code), detail::reworded(error, error.what() + explanation));
}

/// Whether a refusal is one of those that Juju 3.6 gives no code and a garbled text (secrets-facade 6.1, reserved names).
bool is_refused_name(const Error& error, const std::string& name)
{
    return error.code() == errc::server_error && error.server_code().empty() && (name == "internal" || name == "auto");
}

/// The text without the value of the setting that it is about, which the controller quotes: `unknown key "tokn" (value "s.abc")`,
/// `skip-tls-verify: expected bool, got string("s.abc")`.
std::string without_value(const std::string& message)
{
    const auto quoted = std::min(message.find(" (value "), message.find(", got "));
    return quoted == std::string::npos ? message : message.substr(0, quoted) + " ...";
}

/// Juju 3.6 gives a bad setting the code of its detail, which may be none; 4.0 says that it is not valid.
Error evened(const Error& error)
{
    if (error.server_message().find("config for provider ") == std::string::npos)
        return error;
    auto bad_config = wire::refusal(error.request(), without_value(error.server_message()), error.server_code(), error.server_info());
    return bad_config.code() == errc::server_error ? with_code(bad_config, errc::not_valid, "") : bad_config;
}

/// The same for a call on a backend that exists; `built_in` is what Juju 4.0 means when it refuses the call on the built-in one.
Error evened(const Error& error, const std::string& name, errc built_in)
{
    if (!is_refused_name(error, name))
        return evened(error);
    if (name == "internal")
        return with_code(error, built_in, ": \"internal\" is the controller's own secret backend");
    return with_code(error, errc::not_found, ": \"auto\" is no secret backend");
}

} // namespace

asio::awaitable<std::vector<SecretBackend>> list_secret_backends(ConnectionPtr connection, SecretBackendFilter filter)
{
    const std::string request = facade + ".ListSecretBackends";
    auto reply =
        co_await call(std::move(connection), "ListSecretBackends", secrets::encode_list_backends(filter), detail::Repeat::after_loss);
    co_return decoded(request, [&] { return secrets::decode_backends(reply, request); });
}

asio::awaitable<void> add_secret_backend(ConnectionPtr connection, SecretBackendDraft draft)
{
    std::optional<Error> failure;
    auto params = secrets::encode_add_backend(draft);
    try {
        co_await call_on_one(std::move(connection), "AddSecretBackends", draft.name(), std::move(params));
    } catch (const Error& error) {
        failure = evened(error);
    }
    if (failure)
        throw *failure;
}

asio::awaitable<void> update_secret_backend(ConnectionPtr connection, std::string name, SecretBackendUpdate update)
{
    std::optional<Error> failure;
    auto params = secrets::encode_update_backend(name, update);
    try {
        co_await call_on_one(std::move(connection), "UpdateSecretBackends", name, std::move(params));
    } catch (const Error& error) {
        failure = evened(error, name, errc::blocked);
    }
    if (failure)
        throw *failure;
}

asio::awaitable<void> remove_secret_backend(ConnectionPtr connection, std::string name, bool force)
{
    std::optional<Error> failure;
    auto params = secrets::encode_remove_backend(name, force);
    try {
        co_await call_on_one(std::move(connection), "RemoveSecretBackends", name, std::move(params));
    } catch (const Error& error) {
        failure = evened(error, name, errc::not_supported);
    }
    if (failure)
        throw *failure;
}

} // namespace juju::operations
