// Calls facades that this library has no functions for.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace asio = boost::asio;

asio::awaitable<void> other_facade()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    std::string response = co_await model.call("Application", "Get", R"({"application":"mysql"})");
    std::cout << response << '\n';

    std::map<std::string, std::vector<int>> facades = model.facades();
    std::cout << "Application is there up to version " << facades.at("Application").back() << '\n';
    response = co_await model.call("Application", 19, "Get", R"({"application":"mysql"})");

    try {
        co_await model.call("Application", "Get", R"({"application":"no-such-application"})");
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::not_found)
            throw;
        std::cout << error.what() << '\n';
    }

    juju::Controller controller(co_await asio::this_coro::executor);
    co_await controller.connect(examples::options_from_environment());
    std::string models = co_await controller.call("ModelManager", "ListModels", R"({"tag":"user-admin"})");
    std::cout << (models.find("\"demo\"") == std::string::npos ? "no model named demo\n" : "there is a model named demo\n");
}

int main()
{
    return examples::run(other_facade());
}
