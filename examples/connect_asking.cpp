// Logs in with somebody there to enter a code, where the stored login of a JAAS controller has expired.
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

asio::awaitable<void> log_in()
{
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
