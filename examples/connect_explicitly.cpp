// Connects without the files of the juju command, and tells what failed.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> connect(std::string address, std::string ca_cert, std::string password)
{
    juju::ConnectOptions options;
    options.endpoint(address).endpoint("127.0.0.1:1").ca_cert(ca_cert);
    options.model("admin/demo").username("admin").password(password);
    options.connect_timeout(10s).proxy("");

    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
    std::cout << "connected\n";

    try {
        co_await model.connect(options.password("wrong"));
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::login_failed)
            throw;
        std::cout << "wrong user name or password\n";
    }

    juju::ConnectOptions unreachable;
    unreachable.endpoint("127.0.0.1:1").endpoint("127.0.0.1:2").model("admin/demo").username("admin").password(password);
    try {
        co_await model.connect(unreachable);
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::connect_failed)
            throw;
        for (const juju::ErrorItem& tried : error.items())
            std::cout << tried.subject() << ": " << tried.error()->code().message() << '\n';
    }
}

int main()
{
    return examples::run(
        connect(examples::environment("JUJU_ENDPOINT"), examples::ca_from_environment(), examples::environment("JUJU_PASSWORD")));
}
