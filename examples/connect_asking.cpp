// Logs in with somebody there to enter a code or a password, where the stored login has expired.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

void show_code(std::string url, std::string code)
{
    std::cout << "please visit " << url << " and enter the code " << code << '\n';
}

juju::SecretValue ask_password(std::string user)
{
    std::cerr << "password of " << user << ": ";
    std::string typed;
    std::getline(std::cin, typed);
    return juju::SecretValue(typed);
}

asio::awaitable<void> log_in_with_macaroons()
{
    juju::ConnectOptions options;
    options.ask_password(ask_password).update_store(true);
    options.connect_timeout(5min); // whoever is asked needs time

    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
}

asio::awaitable<void> log_in()
{
    co_await log_in_with_macaroons();

    juju::ConnectOptions options;
    options.show_device_code(show_code);
    options.connect_timeout(5min); // whoever is asked needs time

    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
    std::cout << "logged in\n";
}

int main()
{
    return examples::run(log_in());
}
