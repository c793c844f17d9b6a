// Removes one revision of a secret, then the secret.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> remove_secret()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    co_await model.remove_secret("new-token", 2);
    juju::Secret left = co_await model.get_secret("new-token");
    std::cout << "revisions left of new-token:";
    for (const juju::SecretRevision& revision : left.revisions())
        std::cout << ' ' << revision.number();
    std::cout << '\n';

    co_await model.remove_secret("new-token");
    try {
        co_await model.get_secret("new-token");
        std::cout << "new-token is about to go\n"; // Juju 4.0 answers before it removes
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::not_found)
            throw;
        std::cout << "new-token is gone\n";
    }

    co_await model.disconnect();
}

int main()
{
    return examples::run(remove_secret());
}
