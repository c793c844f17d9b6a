// Replaces a secret's content, and has the old one back when the new one does not work.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string_view>

namespace asio = boost::asio;

/// Stands for a login at the database.
asio::awaitable<bool> log_in(std::string_view password)
{
    co_return password != "a typing error";
}

void print(const juju::RotateResult& result)
{
    switch (result.state()) {
    case juju::RotateState::rotated: std::cout << "revision " << *result.new_revision() << " works\n"; break;
    case juju::RotateState::restored: std::cout << "revision " << result.old_revision() << " was put back\n"; break;
    case juju::RotateState::unchecked: std::cout << "the new content is in force, though it may not work\n"; break;
    case juju::RotateState::unknown: std::cout << "have a look at " << result.uri().str() << '\n'; break;
    }
    if (result.error())
        std::cout << result.error()->what() << '\n';
}

asio::awaitable<void> rotate_secret()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    const auto check = [&model](const juju::Secret& secret) -> asio::awaitable<bool> {
        const juju::Secret revealed = co_await model.reveal_secret(secret.uri());
        co_return co_await log_in(revealed.content().at("password").text());
    };
    print(co_await model.rotate_secret("db", {"username=admin", "password=n3w"}, check));
    print(co_await model.rotate_secret("db", {"username=admin", "password=a typing error"}, check));

    co_await model.wait_until_pruned("db");
    std::cout << "one revision is left: " << (co_await model.get_secret("db")).latest_revision() << '\n';
    co_await model.disconnect();
}

int main()
{
    return examples::run(rotate_secret());
}
