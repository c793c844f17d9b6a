// The code of README.md.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> share_a_token()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect();
    juju::SecretUri uri = co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
    co_await model.grant_secret("my-apitoken", {"ubuntu", "postgresql"});
    for (const juju::Secret& secret : co_await model.list_secrets())
        std::cout << secret.uri().str() << "  " << secret.name() << '\n';
    co_await model.disconnect();
}

int main()
{
    return examples::run(share_a_token());
}
