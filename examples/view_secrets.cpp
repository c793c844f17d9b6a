// Lists the secrets of a model and shows one of them, with and without its value.
#include "environment.hpp"
#include "print.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string_view>
#include <vector>

namespace asio = boost::asio;

asio::awaitable<void> view_secrets()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    std::vector<juju::Secret> all = co_await model.list_secrets();
    examples::print_table(std::cout, all);

    auto filter = juju::SecretFilter().owner("application-ubuntu");
    for (const juju::Secret& secret : co_await model.list_secrets(filter))
        std::cout << "a secret of the charm ubuntu: " << secret.label() << '\n';

    juju::Secret db = co_await model.get_secret("db");
    std::cout << db.uri().str() << ": " << db.info() << '\n';
    for (const juju::SecretRevision& revision : db.revisions())
        std::cout << "  revision " << revision.number() << " in backend " << revision.backend() << '\n';
    for (const juju::SecretAccess& access : db.access())
        std::cout << "  granted to " << access.application() << '\n';

    juju::Secret revealed = co_await model.reveal_secret("my-apitoken");
    std::string_view token = revealed.content().at("token").text();
    std::cout << "the token is " << token << '\n';

    juju::Secret first = co_await model.reveal_secret("db", 1);
    for (const auto& [key, value] : first.content())
        std::cout << "  " << key << ": " << value.size() << " bytes\n";

    co_await model.disconnect();
}

int main()
{
    return examples::run(view_secrets());
}
