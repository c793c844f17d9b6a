// Lets applications read a secret, and takes that back.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> print_access(juju::Model& model)
{
    juju::Secret secret = co_await model.get_secret("my-apitoken");
    std::cout << "my-apitoken is granted to:";
    for (const juju::SecretAccess& access : secret.access())
        std::cout << ' ' << access.application();
    std::cout << '\n';
}

asio::awaitable<void> grant_and_revoke()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    co_await model.grant_secret("my-apitoken", "ubuntu");
    co_await model.grant_secret("my-apitoken", {"gitlab", "postgresql"});
    co_await print_access(model);

    co_await model.revoke_secret("my-apitoken", "gitlab");
    co_await print_access(model);

    try {
        co_await model.grant_secret("my-apitoken", {"mysql", "no-such-application"});
    } catch (const juju::Error& error) {
        if (error.items().empty())
            throw; // not about an application: no connection, no such secret, ...
        for (const juju::ErrorItem& item : error.items())
            std::cout << item.subject() << ": " << (item.ok() ? "granted" : item.error()->code().message()) << '\n';
    }
    co_await print_access(model);

    co_await model.disconnect();
}

int main()
{
    return examples::run(grant_and_revoke());
}
