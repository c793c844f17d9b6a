// Connects as the juju command is connected, and says what it is connected to.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;

void print(const std::vector<juju::Secret>& secrets)
{
    std::cout << secrets.size() << " secrets\n";
    for (const juju::Secret& secret : secrets)
        std::cout << secret.uri().str() << "  " << secret.name() << '\n';
}

asio::awaitable<void> connect()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect();
    std::cout << model.diagnostics() << '\n';
    print(co_await model.list_secrets());

    co_await model.connect("mock:admin/demo");
    std::string uuid = examples::environment("JUJU_MODEL_UUID");
    co_await model.connect(uuid);
    co_await model.connect(uuid.substr(0, 8));

    std::string directory = examples::environment("JUJU_DATA");
    co_await model.connect(juju::ConnectOptions().store_directory(directory).controller("mock").model("demo"));

    co_await model.connect(juju::ConnectOptions().update_store(true));
    print(co_await model.list_secrets());
    co_await model.disconnect();

    juju::Controller controller(co_await asio::this_coro::executor);
    co_await controller.connect("mock");
    std::cout << "secret backends: " << (co_await controller.list_secret_backends()).size() << '\n';
}

int main()
{
    return examples::run(connect());
}
