// Changes a secret's content, description and name, each without touching the others.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

asio::awaitable<void> print_secret(juju::Model& model, juju::SecretUri uri)
{
    juju::Secret secret = co_await model.get_secret(uri);
    std::cout << secret.name() << ": revision " << secret.latest_revision() << ", \"" << secret.info() << "\"\n";
}

asio::awaitable<void> update_secret(std::string credentials_file)
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    const juju::SecretUri uri = (co_await model.get_secret("my-apitoken")).uri();

    co_await model.update_secret("my-apitoken", juju::SecretUpdate().data({"token=n3w"}));
    co_await print_secret(model, uri);

    co_await model.update_secret("my-apitoken", juju::SecretUpdate().new_name("new-token").info("rotated"));
    co_await print_secret(model, uri);

    co_await model.update_secret(uri, juju::SecretUpdate().file(credentials_file).clear_info());
    co_await print_secret(model, uri);

    co_await model.update_secret("db", juju::SecretUpdate().data({"password=n3w"}).auto_prune(true));

    co_await model.disconnect();
}

int main(int argc, char* argv[])
{
    if (argc != 2) {
        std::cerr << "usage: update_secret CREDENTIALS.yaml\n";
        return 2;
    }
    return examples::run(update_secret(argv[1]));
}
