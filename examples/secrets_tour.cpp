// Every task of docs/how-to/manage-secrets.md in its order, each call with its result.
#include "environment.hpp"
#include "print.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace asio = boost::asio;
using examples::print_call;

asio::awaitable<void> print_secret(juju::Model& model, juju::SecretUri uri)
{
    examples::print_details(std::cout, co_await model.get_secret(uri));
}

asio::awaitable<void> tour()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    print_call(R"(add_secret("my-apitoken", {"token=..."}, "for the web shop"))");
    juju::SecretUri uri = co_await model.add_secret("my-apitoken", {"token=34ae35facd4"}, "for the web shop");
    std::cout << uri.str() << '\n';
    print_call("list_secrets()");
    examples::print_table(std::cout, co_await model.list_secrets());
    print_call(R"(get_secret("my-apitoken"))");
    co_await print_secret(model, uri);
    print_call(R"(reveal_secret("my-apitoken"))");
    juju::Secret revealed = co_await model.reveal_secret("my-apitoken");
    std::cout << "token: " << revealed.content().at("token").text() << '\n';

    print_call(R"(grant_secret("my-apitoken", {"ubuntu", "postgresql"}))");
    co_await model.grant_secret("my-apitoken", {"ubuntu", "postgresql"});
    co_await print_secret(model, uri);
    print_call(R"(revoke_secret("my-apitoken", "ubuntu"))");
    co_await model.revoke_secret("my-apitoken", "ubuntu");
    co_await print_secret(model, uri);

    print_call(R"(update_secret("my-apitoken", SecretUpdate().data({"token=..."}).new_name("new-token")))");
    co_await model.update_secret("my-apitoken", juju::SecretUpdate().data({"token=n3w"}).new_name("new-token"));
    co_await print_secret(model, uri);

    print_call(R"(remove_secret("new-token", 1))");
    co_await model.remove_secret("new-token", 1);
    co_await print_secret(model, uri);
    print_call(R"(remove_secret("new-token"))");
    co_await model.remove_secret("new-token");
    examples::print_table(std::cout, co_await model.list_secrets());
    co_await model.disconnect();
}

int main()
{
    return examples::run(tour());
}
