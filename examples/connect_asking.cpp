// Logs in with somebody there to be asked: for a password, to visit a page, or to enter a code.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

juju::SecretValue ask_password(std::string user)
{
    std::cout << "password of " << user << "?\n";
    return juju::SecretValue(examples::environment("JUJU_PASSWORD")); // in truth: read it from the terminal
}

asio::awaitable<void> show_page(std::string url)
{
    std::cout << "please log in at " << url << '\n';
    co_return;
}

void show_code(std::string url, std::string code)
{
    std::cout << "please visit " << url << " and enter the code " << code << '\n';
}

asio::awaitable<void> log_in()
{
    juju::ConnectOptions options;
    options.ask_password(ask_password).visit_url(show_page).show_device_code(show_code);
    options.connect_timeout(5min); // whoever is asked needs time

    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
    std::cout << "the stored login is good\n";

    co_await model.connect(options.username("admin"));
    std::cout << "logged in with what was asked for\n";
}

int main()
{
    return examples::run(log_in());
}
