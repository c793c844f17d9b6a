// Prints what this library sees in a model, for python_libjuju.py to compare: a line for each secret, and after it one for
// each key, with tabs between the fields; then a line for each secret backend that was added to its controller, and one for each setting.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> view_secrets()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    auto filter = juju::SecretFilter().show_secrets(true);
    for (const juju::Secret& secret : co_await model.list_secrets(filter)) {
        std::cout << "secret\t" << secret.uri().str() << '\t' << secret.name() << '\t' << secret.info() << '\t' << secret.latest_revision()
                  << '\t';
        for (const juju::SecretAccess& access : secret.access())
            std::cout << access.application() << ' ';
        std::cout << '\n';
        for (const auto& [key, value] : secret.content())
            std::cout << "value\t" << key << '\t' << value.base64().text() << '\t' << (value.decodable() ? "decodable" : "damaged") << '\n';
    }
    co_await model.disconnect();
}

asio::awaitable<void> view_backends()
{
    juju::Controller controller(co_await asio::this_coro::executor);
    co_await controller.connect(examples::options_from_environment());
    auto filter = juju::SecretBackendFilter().reveal(true);
    for (const juju::SecretBackend& backend : co_await controller.list_secret_backends(filter)) {
        if (backend.type() == "controller")
            continue;
        std::cout << "backend\t" << backend.name() << '\t' << backend.type() << '\t' << backend.status() << '\n';
        for (const auto& [name, value] : backend.config().texts())
            std::cout << "setting\t" << name << '\t' << value.text() << '\n';
    }
    co_await controller.disconnect();
}

asio::awaitable<void> view()
{
    co_await view_secrets();
    co_await view_backends();
}

int main()
{
    return examples::run(view());
}
