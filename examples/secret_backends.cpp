// Adds a Vault to a controller as a secret backend, moves the model's secrets there and back, and removes it again.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> print_backends(juju::Controller& controller)
{
    std::vector<juju::SecretBackend> backends = co_await controller.list_secret_backends();
    for (const juju::SecretBackend& backend : backends)
        std::cout << backend.name() << ": " << backend.secret_count() << " revisions, " << backend.status() << '\n';
}

asio::awaitable<void> secret_backends()
{
    juju::Controller controller(co_await asio::this_coro::executor);
    co_await controller.connect(examples::options_from_environment());

    juju::SecretBackendConfig config;
    config.set("endpoint", "https://vault.example.com:8200").set("token", "s.abc");
    co_await controller.add_secret_backend(juju::SecretBackendDraft("myvault", "vault", config).token_rotate_interval(24h));
    auto update = juju::SecretBackendUpdate().config(juju::SecretBackendConfig().set("token", "s.def"));
    co_await controller.update_secret_backend("myvault", update);

    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
    co_await model.set_secret_backend("myvault");
    std::string chosen = co_await model.get_secret_backend();
    std::cout << "the model's secrets go to " << chosen << '\n';
    co_await print_backends(controller);

    co_await model.set_secret_backend("auto");
    try {
        co_await controller.remove_secret_backend("myvault");
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::not_supported)
            throw;
        std::cout << "myvault still holds secrets\n";
    }
    co_await print_backends(controller);
}

int main()
{
    return examples::run(secret_backends());
}
